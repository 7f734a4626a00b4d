"""Turns a GGUF file of architecture llama into a Hugging Face folder, without torch.

    python import_gguf.py FILE DIR

DIR gets config.json, generation_config.json, tokenizer.json, tokenizer_config.json and
model.safetensors (f32; shards and an index above 5 GB). What GGUF changed is changed back: rows of
q_proj and k_proj are reordered, quantised values expanded, names translated. Whatever is not known
(tensor, quantisation, tokenizer, rope scaling) is an error that names it.
"""

import argparse
import json
import math
import re
import shutil
import sys
import tempfile
from pathlib import Path

SHARD_BYTES = 5_000_000_000

# GGUF's name of a tensor -> Hugging Face's. {} is the layer.
TENSORS = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "model.layers.{}.input_layernorm",
    "attn_q": "model.layers.{}.self_attn.q_proj",
    "attn_k": "model.layers.{}.self_attn.k_proj",
    "attn_v": "model.layers.{}.self_attn.v_proj",
    "attn_output": "model.layers.{}.self_attn.o_proj",
    "ffn_norm": "model.layers.{}.post_attention_layernorm",
    "ffn_gate": "model.layers.{}.mlp.gate_proj",
    "ffn_up": "model.layers.{}.mlp.up_proj",
    "ffn_down": "model.layers.{}.mlp.down_proj",
    "ffn_gate_inp": "model.layers.{}.block_sparse_moe.gate",
}
# One GGUF tensor holds all experts of a layer.
EXPERTS = {"ffn_gate_exps": "w1", "ffn_down_exps": "w2", "ffn_up_exps": "w3"}

# What cuts a text before byte pairs are merged, by the name in tokenizer.ggml.pre.
LLAMA3_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


# Metadata that are read, or change no number here: None, whatever they are; else at these values.
# A key that is not here is refused; under general. and quantize. only those below are looked at.
KEYS = {
    "general.architecture": ("llama",),
    "general.type": ("model",),
    "llama.attention.head_count": None,
    "llama.attention.head_count_kv": None,
    "llama.attention.key_length": None,
    "llama.attention.value_length": None,
    "llama.attention.layer_norm_rms_epsilon": None,
    "llama.attention.sliding_window": (0,),
    "llama.block_count": None,
    "llama.context_length": None,
    "llama.embedding_length": None,
    "llama.embedding_scale": (0, 1),
    "llama.expert_count": None,
    "llama.expert_used_count": None,
    "llama.feed_forward_length": None,
    "llama.logit_scale": (0, 1),
    "llama.residual_scale": (0, 1),
    "llama.rope.dimension_count": None,
    "llama.rope.freq_base": None,
    "llama.rope.scale_linear": (1,),
    "llama.rope.scaling.factor": (0, 1),
    "llama.rope.scaling.finetuned": None,
    "llama.rope.scaling.original_context_length": None,
    "llama.rope.scaling.type": ("none",),
    "llama.use_parallel_residual": (False,),
    "llama.vocab_size": None,
    "split.count": (0, 1),
    "split.no": (0,),
    "split.tensors.count": None,
    "tokenizer.chat_template": None,
    "tokenizer.ggml.add_bos_token": None,
    "tokenizer.ggml.add_eos_token": (False,),
    "tokenizer.ggml.add_sep_token": (False,),
    "tokenizer.ggml.add_space_prefix": None,
    "tokenizer.ggml.merges": None,
    "tokenizer.ggml.model": None,
    "tokenizer.ggml.pre": None,
    "tokenizer.ggml.remove_extra_whitespaces": (False,),
    "tokenizer.ggml.scores": None,
    "tokenizer.ggml.token_type": None,
    "tokenizer.ggml.tokens": None,
    "tokenizer.huggingface.json": None,
}
# The ids of tokens by their use; those of an end become ends of answers.
KEYS |= {
    f"tokenizer.ggml.{name}_token_id": None
    for name in "bos eos eot eom unknown seperator padding mask cls fim_pre fim_suf fim_mid"
    " fim_pad fim_rep fim_sep prefix suffix middle".split()
}
ADVICE = {"split.count": "; join the parts first with gguf-split --merge"}


class Refusal(Exception):
    """What is wrong with the file, in one sentence."""


class Gguf:
    """A GGUF file whose metadata are asked for by name."""

    def __init__(self, path):
        import gguf

        try:
            self.reader = gguf.GGUFReader(path)
        except (ValueError, IndexError, KeyError, OverflowError, OSError) as e:
            raise Refusal(f"not a readable GGUF file ({e})") from e
        self.tensors = self.reader.tensors
        for key in self.reader.fields:
            self.check(key)

    def check(self, key):
        if key.startswith("GGUF.") or key not in KEYS and key.split(".")[0] in ("general", "quantize"):
            return
        value = self.get(key)
        if key not in KEYS:
            raise Refusal(f"{key} is {str(value)[:80]}; what it asks for is not converted")
        if KEYS[key] is not None and value not in KEYS[key]:
            known = " or ".join(str(known) for known in KEYS[key])
            raise Refusal(f"{key} is {value}; only {known} is converted{ADVICE.get(key, '')}")

    def get(self, key, default=None):
        field = self.reader.get_field(key)
        return default if field is None else field.contents()

    def need(self, key):
        value = self.get(key)
        if value is None:
            raise Refusal(f"{key} is missing")
        return value


def shortest(x):
    """A 32-bit float as the decimal number that was meant: 9.999999747378752e-06 is 1e-05."""
    import numpy as np

    return float(str(np.float32(x)))


def config(gguf):
    gguf.need("general.architecture")
    shapes = {t.name: [int(n) for n in reversed(t.shape)] for t in gguf.tensors}
    if "token_embd.weight" not in shapes:
        raise Refusal("tensor token_embd.weight is missing")
    heads = gguf.need("llama.attention.head_count")
    width = gguf.need("llama.embedding_length")
    experts = gguf.get("llama.expert_count", 0)
    result = {
        "architectures": ["MixtralForCausalLM" if experts else "LlamaForCausalLM"],
        "model_type": "mixtral" if experts else "llama",
        "vocab_size": shapes["token_embd.weight"][0],
        "hidden_size": width,
        "intermediate_size": gguf.need("llama.feed_forward_length"),
        "num_hidden_layers": gguf.need("llama.block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": gguf.get("llama.attention.head_count_kv", heads),
        "head_dim": gguf.get("llama.attention.key_length", width // heads),
        "hidden_act": "silu",
        "max_position_embeddings": gguf.need("llama.context_length"),
        "rms_norm_eps": shortest(gguf.need("llama.attention.layer_norm_rms_epsilon")),
        "rope_theta": shortest(gguf.get("llama.rope.freq_base", 10000.0)),
        "rope_scaling": rope_scaling(gguf),
        "tie_word_embeddings": "output.weight" not in shapes,
        "bos_token_id": gguf.get("tokenizer.ggml.bos_token_id"),
        "eos_token_id": gguf.get("tokenizer.ggml.eos_token_id"),
        "pad_token_id": gguf.get("tokenizer.ggml.padding_token_id"),
        "torch_dtype": "float32",
    }
    if experts:
        result["num_local_experts"] = experts
        result["num_experts_per_tok"] = gguf.need("llama.expert_used_count")
        result["sliding_window"] = None
    else:
        result["attention_bias"] = has_biases(shapes, ["attn_q", "attn_k", "attn_v", "attn_output"])
        result["mlp_bias"] = has_biases(shapes, ["ffn_gate", "ffn_up", "ffn_down"])
    for key, right in {
        "rope.dimension_count": result["head_dim"],
        "attention.value_length": result["head_dim"],
        "vocab_size": result["vocab_size"],
    }.items():
        if (found := gguf.get(f"llama.{key}", right)) != right:
            raise Refusal(f"llama.{key} is {found}; the tensors have {right}")
    for key, value in result.items():
        if isinstance(value, list) and key != "architectures":
            raise Refusal(f"layers differ in {key}: {str(value)[:80]}")
    return result


def has_biases(shapes, names):
    found = [name for name in names if f"blk.0.{name}.bias" in shapes]
    if found and found != names:
        raise Refusal(f"only {', '.join(found)} of {', '.join(names)} have a bias")
    return bool(found)


def rope_scaling(gguf):
    """GGUF holds the divisors of Llama 3's scaling, not its numbers: accept those that give them."""
    import numpy as np

    found = next((t.data for t in gguf.tensors if t.name == "rope_freqs.weight"), None)
    if found is None:
        return None
    original, low, high, factor = 8192, 1.0, 4.0, float(found.max())
    base = gguf.get("llama.rope.freq_base", 10000.0)
    waves = 2 * math.pi * base ** (np.arange(len(found)) / len(found))
    smooth = np.clip((original / waves - low) / (high - low), 0, 1)
    if not np.allclose(found, 1 / ((1 - smooth) / factor + smooth), rtol=1e-4):
        raise Refusal("rope_freqs.weight are not those of Llama 3 (8192 tokens, factors 1 and 4)")
    return {
        "rope_type": "llama3",
        "factor": factor,
        "low_freq_factor": low,
        "high_freq_factor": high,
        "original_max_position_embeddings": original,
    }


def hf_order(values, heads):
    """Undoes the reordering of rows: GGUF pairs neighbours for RoPE, Hugging Face pairs halves."""
    rows = values.shape[0]
    return values.reshape(heads, rows // heads // 2, 2, -1).swapaxes(1, 2).reshape(values.shape)


def hf_names(name):
    """Hugging Face's name of a tensor; for a tensor of experts a pattern that takes the expert."""
    match = re.fullmatch(r"(?:blk\.(\d+)\.)?([a-z_]+)\.(weight|bias)", name)
    layer, kind, suffix = match.groups() if match else (None, None, None)
    if kind in EXPERTS and layer and suffix == "weight":
        return f"model.layers.{layer}.block_sparse_moe.experts.{{}}.{EXPERTS[kind]}.weight"
    if kind not in TENSORS or (layer is None) == ("{}" in TENSORS[kind]):
        raise Refusal(f"tensor {name} is not known")
    return f"{TENSORS[kind].format(layer)}.{suffix}"


def tensors(gguf, settings):
    """Yields Hugging Face's name and the values in f32, one GGUF tensor in memory at a time."""
    import numpy as np
    from gguf import quants

    for tensor in gguf.tensors:
        if tensor.name == "rope_freqs.weight":
            continue
        name = hf_names(tensor.name)
        try:
            values = quants.dequantize(tensor.data, tensor.tensor_type)
        except NotImplementedError:
            kind = tensor.tensor_type.name
            raise Refusal(f"tensor {tensor.name} is of type {kind}, which is not supported") from None
        values = values.astype(np.float32, copy=False).reshape([int(n) for n in tensor.shape[::-1]])
        if ".q_proj." in name:
            values = hf_order(values, settings["num_attention_heads"])
        elif ".k_proj." in name:
            values = hf_order(values, settings["num_key_value_heads"])
        if "{}" in name:
            for expert, part in enumerate(values):
                yield name.format(expert), np.ascontiguousarray(part)
        else:
            yield name, np.ascontiguousarray(values)


def write_weights(gguf, settings, folder):
    from safetensors.numpy import save_file

    shards, shard, filled = [], {}, 0

    def flush():
        file = folder / f"shard-{len(shards)}"
        save_file(shard, file, metadata={"format": "pt"})
        shards.append((file, list(shard)))

    total = 0
    for name, values in tensors(gguf, settings):
        if shard and filled + values.nbytes > SHARD_BYTES:
            flush()
            shard, filled = {}, 0
        shard[name] = values
        filled += values.nbytes
        total += values.nbytes
    flush()
    if len(shards) == 1:
        shards[0][0].rename(folder / "model.safetensors")
        return
    weight_map = {}
    for i, (file, names) in enumerate(shards, 1):
        final = f"model-{i:05}-of-{len(shards):05}.safetensors"
        file.rename(folder / final)
        weight_map.update(dict.fromkeys(names, final))
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    write_json(folder / "model.safetensors.index.json", index)


def byte_level(gguf):
    """Byte pairs as in GPT-2; what cuts the text before has a name."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    pre = gguf.get("tokenizer.ggml.pre", "default")
    plain = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    cutters = {
        "gpt-2": plain,
        # Every digit is a token of its own.
        "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), plain]),
        "llama-bpe": pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(LLAMA3_SPLIT), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        ),
    }
    if pre not in cutters:
        raise Refusal(f'tokenizer.ggml.pre "{pre}"; known are {", ".join(cutters)}')
    vocabulary = {token: i for i, token in enumerate(gguf.need("tokenizer.ggml.tokens"))}
    merges = [tuple(merge.split(" ")) for merge in gguf.need("tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=pre == "llama-bpe"))
    tokenizer.pre_tokenizer = cutters[pre]
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer, pre == "llama-bpe"


def sentence_pieces(gguf):
    """Llama 2 and Mistral: pieces with scores, as byte pairs in the order of the scores."""
    from tokenizers import Tokenizer, decoders, models, normalizers

    tokens = gguf.need("tokenizer.ggml.tokens")
    scores = gguf.need("tokenizer.ggml.scores")
    vocabulary = {token: i for i, token in enumerate(tokens)}
    merges = []
    for token, score in zip(tokens, scores):
        parts = ((token[:i], token[i:]) for i in range(1, len(token)))
        pairs = [(a, b) for a, b in parts if a in vocabulary and b in vocabulary]
        pairs.sort(key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]))
        merges += [(score, a, b) for a, b in pairs]
    merges.sort(key=lambda merge: -merge[0])
    tokenizer = Tokenizer(
        models.BPE(
            vocabulary,
            [(a, b) for _, a, b in merges],
            unk_token=tokens[gguf.get("tokenizer.ggml.unknown_token_id", 0)],
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    space = [normalizers.Replace(" ", "▁")]
    begin = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    if gguf.get("tokenizer.ggml.add_space_prefix", True):
        space.insert(0, normalizers.Prepend("▁"))
        begin.append(decoders.Strip(" ", 1, 0))
    tokenizer.normalizer = normalizers.Sequence(space)
    tokenizer.decoder = decoders.Sequence(begin)
    return tokenizer, True


def write_tokenizer(gguf, settings, folder):
    from tokenizers import AddedToken, processors

    kinds = {"gpt2": byte_level, "llama": sentence_pieces}
    model = gguf.need("tokenizer.ggml.model")
    if model not in kinds:
        raise Refusal(f'tokenizer.ggml.model "{model}"; known are {", ".join(kinds)}')
    tokenizer, begins = kinds[model](gguf)
    tokens = gguf.need("tokenizer.ggml.tokens")
    types = gguf.need("tokenizer.ggml.token_type")
    # 2: unknown, 3: control, 4: defined by the user.
    special = [t for t, kind in zip(tokens, types) if kind in (2, 3)]
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in special])
    own = [t for t, kind in zip(tokens, types) if kind == 4]
    tokenizer.add_tokens([AddedToken(t, normalized=False) for t in own])
    names = {}
    for name, key in {"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"}.items():
        token = gguf.get(f"tokenizer.ggml.{key}_token_id")
        if token is not None:
            names[f"{name}_token"] = tokens[token]
    if gguf.get("tokenizer.ggml.add_bos_token", begins) and "bos_token" in names:
        bos = names["bos_token"]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A",
            pair=f"{bos} $A {bos}:1 $B:1",
            special_tokens=[(bos, settings["bos_token_id"])],
        )
    tokenizer.save(str(folder / "tokenizer.json"))
    written = dict(names)
    listed = [t for t in special if t not in names.values()]
    if listed:
        written["additional_special_tokens"] = listed
    if template := gguf.get("tokenizer.chat_template"):
        written["chat_template"] = template
    written["clean_up_tokenization_spaces"] = False
    written["model_input_names"] = ["input_ids", "attention_mask"]
    written["model_max_length"] = settings["max_position_embeddings"]
    # Takes tokenizer.json as it is; GPT2Tokenizer may rebuild it without the rule for digits.
    written["tokenizer_class"] = "PreTrainedTokenizerFast"
    write_json(folder / "tokenizer_config.json", written)


def write_json(file, value):
    text = json.dumps(value, indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")


def convert(source, folder):
    """Fills an existing, empty folder."""
    gguf = Gguf(source)
    settings = config(gguf)
    write_json(folder / "config.json", settings)
    ids = {k: v for k, v in settings.items() if k.endswith("_token_id") and v is not None}
    ends = [gguf.get(f"tokenizer.ggml.{end}_token_id") for end in ("eos", "eot", "eom")]
    ends = list(dict.fromkeys(end for end in ends if end is not None))
    if ends:
        ids["eos_token_id"] = ends if len(ends) > 1 else ends[0]
    write_json(folder / "generation_config.json", ids)
    write_tokenizer(gguf, settings, folder)
    write_weights(gguf, settings, folder)


def create(source, folder, accept=lambda partial: None):
    """Converts under a temporary name and moves the folder into place when accept agrees."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        convert(source, partial)
        for file in partial.iterdir():
            file.chmod(0o644)
        accept(partial)
        partial.chmod(0o755)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(prog="import-gguf", description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="a GGUF file of architecture llama")
    parser.add_argument("dir", type=Path, help="the folder to create")
    args = parser.parse_args()
    try:
        if not args.file.is_file():
            raise Refusal("no such file")
        if args.dir.exists():
            raise Refusal(f"{args.dir} exists; name a new folder")
        create(args.file, args.dir)
    except Refusal as e:
        print(f"import-gguf: {args.file}: {e}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
