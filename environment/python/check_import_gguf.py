"""Small GGUF files, made here from known values, must come back as those values, or be refused.

    python check_import_gguf.py
"""

import json
import tempfile
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import quants
from import_gguf import Refusal, create
from safetensors.numpy import load_file
from tokenizers import Tokenizer

WIDTH, HEADS, KEYS, INNER, EXPERTS, VOCABULARY = 64, 4, 2, 96, 2, 262
random = np.random.default_rng(0)


def gguf_order(values, heads):
    """As llama.cpp's convert_hf_to_gguf permutes rows."""
    shape = values.shape
    return values.reshape(heads, 2, shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(shape)


def byte_tokens():
    """The 256 bytes as GPT-2 writes them, in the order of the bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(b if b in printable else next(others)) for b in range(256)]


def write(path, experts=0, divisors=None, pre="smollm", change=None, quantised=Type.F32):
    """Writes a model of one layer; returns what its Hugging Face folder must hold."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(128)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEYS)
    writer.add_layer_norm_rms_eps(1e-5)
    if experts:
        writer.add_expert_count(experts)
        writer.add_expert_used_count(1)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    tokens = ["<|end|>", *byte_tokens(), "12", "ab", "abc", "Ġa", "<extra>"]
    writer.add_token_list(tokens)
    writer.add_token_types([3] + [1] * 260 + [4])
    writer.add_token_merges(["1 2", "a b", "ab c", "Ġ a"])
    writer.add_eos_token_id(0)
    expected = {}

    def add(name, hf_name, *shape, reorder=None):
        values = random.standard_normal(shape, dtype=np.float32)
        stored = values if reorder is None else gguf_order(values, reorder)
        kind = quantised if len(shape) > 1 else Type.F32
        data = quants.quantize(stored, kind)
        if kind != Type.F32:
            stored = quants.dequantize(data, kind)
            values = values if reorder is None else None
        writer.add_tensor(name, data, raw_dtype=kind)
        if reorder is not None and kind != Type.F32:
            return  # compared in the unquantised file
        for i, part in enumerate(stored if "{}" in hf_name else [stored]):
            expected[hf_name.format(i)] = part if reorder is None else values

    layer = "model.layers.0."
    head = WIDTH // HEADS
    add("token_embd.weight", "model.embed_tokens.weight", VOCABULARY, WIDTH)
    add("blk.0.attn_norm.weight", layer + "input_layernorm.weight", WIDTH)
    add("blk.0.attn_q.weight", layer + "self_attn.q_proj.weight", WIDTH, WIDTH, reorder=HEADS)
    add("blk.0.attn_k.weight", layer + "self_attn.k_proj.weight", KEYS * head, WIDTH, reorder=KEYS)
    add("blk.0.attn_v.weight", layer + "self_attn.v_proj.weight", KEYS * head, WIDTH)
    add("blk.0.attn_output.weight", layer + "self_attn.o_proj.weight", WIDTH, WIDTH)
    add("blk.0.ffn_norm.weight", layer + "post_attention_layernorm.weight", WIDTH)
    if experts:
        moe = layer + "block_sparse_moe."
        add("blk.0.ffn_gate_inp.weight", moe + "gate.weight", experts, WIDTH)
        add("blk.0.ffn_gate_exps.weight", moe + "experts.{}.w1.weight", experts, INNER, WIDTH)
        add("blk.0.ffn_down_exps.weight", moe + "experts.{}.w2.weight", experts, WIDTH, INNER)
        add("blk.0.ffn_up_exps.weight", moe + "experts.{}.w3.weight", experts, INNER, WIDTH)
    else:
        add("blk.0.ffn_gate.weight", layer + "mlp.gate_proj.weight", INNER, WIDTH)
        add("blk.0.ffn_up.weight", layer + "mlp.up_proj.weight", INNER, WIDTH)
        add("blk.0.ffn_down.weight", layer + "mlp.down_proj.weight", WIDTH, INNER)
    add("output_norm.weight", "model.norm.weight", WIDTH)
    add("output.weight", "lm_head.weight", VOCABULARY, WIDTH)
    if divisors is not None:
        writer.add_tensor("rope_freqs.weight", divisors.astype(np.float32))
    if change:
        change(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return expected


def llama3_divisors(count, factor):
    """As llama.cpp computes them, one frequency after the other."""
    divisors = []
    for i in range(count):
        wave = 2 * np.pi * 10000.0 ** (i / count)
        if wave < 8192 / 4:
            divisors.append(1.0)
        elif wave > 8192:
            divisors.append(factor)
        else:
            smooth = (8192 / wave - 1) / 3
            divisors.append(1 / ((1 - smooth) / factor + smooth))
    return np.array(divisors)


def same(work, name, **model):
    expected = write(work / f"{name}.gguf", **model)
    create(work / f"{name}.gguf", work / name)
    found = load_file(work / name / "model.safetensors")
    for key, values in expected.items():
        np.testing.assert_array_equal(found[key], values, err_msg=f"{name}: {key}")
    if model.get("quantised", Type.F32) == Type.F32:
        assert set(found) == set(expected), set(found) ^ set(expected)
    print("ok:", name)
    return json.loads((work / name / "config.json").read_text())


def refused(work, name, message, **model):
    write(work / f"{name}.gguf", **model)
    try:
        create(work / f"{name}.gguf", work / name)
    except Refusal as e:
        assert message in str(e), f"{name}: {e}"
        left = [f.name for f in work.iterdir() if f.name.startswith((name, f".{name}"))]
        assert left == [f"{name}.gguf"], left
        print("ok: refused,", e)
    else:
        raise AssertionError(f"{name}: converted")


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        config = same(work, "dense")
        assert config["model_type"] == "llama" and config["rms_norm_eps"] == 1e-5, config
        assert config["rope_scaling"] is None and not config["tie_word_embeddings"], config
        tokenizer = Tokenizer.from_file(str(work / "dense/tokenizer.json"))
        tokens = tokenizer.encode("abc 12 a<|end|><extra>").tokens
        assert tokens == ["abc", "Ġ", "1", "2", "Ġa", "<|end|>", "<extra>"], tokens
        assert tokenizer.decode(tokenizer.encode("é 12<|end|>").ids) == "é 12"

        def ends(writer):
            writer.add_eot_token_id(5)

        same(work, "ends", change=ends)
        generation = json.loads((work / "ends/generation_config.json").read_text())
        assert generation["eos_token_id"] == [0, 5], generation

        config = same(work, "experts", experts=EXPERTS)
        assert config["model_type"] == "mixtral" and config["num_experts_per_tok"] == 1, config
        for kind in (Type.F16, Type.BF16, Type.Q8_0, Type.Q4_1, Type.Q4_0, Type.Q5_1):
            same(work, kind.name, quantised=kind)

        half = WIDTH // HEADS // 2
        config = same(work, "llama3-rope", divisors=llama3_divisors(half, 8.0), pre="llama-bpe")
        assert config["rope_scaling"]["factor"] == 8.0, config
        refused(work, "rope", "rope_freqs.weight are not", divisors=np.linspace(1, 8, half))
        refused(work, "pre", 'tokenizer.ggml.pre "qwen2"; known are', pre="qwen2")

        def unknown(writer):
            writer.add_tensor("blk.0.attn_sinks.weight", np.zeros(4, np.float32))

        refused(work, "tensor", "tensor blk.0.attn_sinks.weight is not known", change=unknown)

        def integers(writer):
            writer.add_tensor("blk.0.ffn_gate.bias", np.zeros(INNER, np.int32))
            writer.add_tensor("blk.0.ffn_up.bias", np.zeros(INNER, np.float32))
            writer.add_tensor("blk.0.ffn_down.bias", np.zeros(WIDTH, np.float32))

        refused(work, "type", "blk.0.ffn_gate.bias is of type I32", change=integers)

        def one_bias(writer):
            writer.add_tensor("blk.0.attn_q.bias", np.zeros(WIDTH, np.float32))

        refused(work, "bias", "only attn_q of attn_q, attn_k, attn_v, attn_output", change=one_bias)

        for key, value, message in [
            ("llama.rope.scaling.type", "yarn", "llama.rope.scaling.type is yarn; only none"),
            ("llama.rope.scaling.factor", 4.0, "llama.rope.scaling.factor is 4.0; only 0 or 1"),
            ("llama.rope.scale_linear", 4.0, "llama.rope.scale_linear is 4.0; only 1"),
            ("llama.attention.sliding_window", 4096, "sliding_window is 4096; only 0 is"),
            ("llama.attention.scale", 0.1, "llama.attention.scale is 0.1"),
            ("llama.logit_scale", 8.0, "llama.logit_scale is 8.0; only 0 or 1 is converted"),
            ("llama.residual_scale", 0.5, "llama.residual_scale is 0.5; only 0 or 1"),
            ("llama.embedding_scale", 12.0, "llama.embedding_scale is 12.0; only 0 or 1"),
            ("llama.final_logit_softcapping", 30.0, "llama.final_logit_softcapping is 30.0; what"),
            ("llama.attention.value_length", 8, "value_length is 8; the tensors have 16"),
            ("llama.vocab_size", 999, "llama.vocab_size is 999; the tensors have 262"),
            ("split.count", 3, "split.count is 3; only 0 or 1 is converted; join the parts"),
            ("general.type", "adapter", "general.type is adapter; only model is converted"),
            ("tokenizer.ggml.add_eos_token", True, "add_eos_token is True; only False is"),
            ("tokenizer.ggml.normalizer", 1, "tokenizer.ggml.normalizer is 1; what it asks for"),
        ]:

            def add(writer, key=key, value=value):
                kinds = {bool: "bool", int: "uint32", float: "float32", str: "string"}
                getattr(writer, f"add_{kinds[type(value)]}")(key, value)

            refused(work, "key", message, change=add)
            (work / "key.gguf").unlink()

        write(work / "other.gguf")
        content = (work / "other.gguf").read_bytes().replace(b"\x05\0\0\0\0\0\0\0llama", b"\x05\0\0\0\0\0\0\0qwen2", 1)
        (work / "other.gguf").write_bytes(content)
        try:
            create(work / "other.gguf", work / "other")
            raise AssertionError("other: converted")
        except Refusal as e:
            assert "general.architecture is qwen2; only llama is converted" in str(e), e


if __name__ == "__main__":
    main()
