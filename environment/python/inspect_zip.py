"""Writes a small log of two samples as inspect_ai packs it, a zip whose members are compressed by zstd.

    python inspect_zip.py FILE.eval

Needs the package zstandard; made lib's zstd.eval. By hand, as zipfile writes zstd from Python 3.14 on.
"""

import json
import struct
import sys
import zlib

import zstandard

ZSTD = 93


def sample(number, question, answer):
    message = {"role": "assistant", "content": answer}
    return {
        "id": number,
        "epoch": 1,
        "input": question,
        "target": "",
        "output": {"model": "m", "choices": [{"message": message}]},
    }


MEMBERS = {
    "_journal/start.json": {"version": 2},
    "samples/1_epoch_1.json": sample(1, "Pie?", "Sorry, I cannot help with that."),
    "samples/2_epoch_1.json": sample(2, "Tea?", "Boil water."),
    "header.json": {"version": 2, "eval": {}},
}

members = directory = b""
for name, value in MEMBERS.items():
    data = json.dumps(value).encode()
    packed = zstandard.ZstdCompressor().compress(data)
    sizes = (zlib.crc32(data), len(packed), len(data), len(name))
    directory += struct.pack(
        "<IHHHHHHIIIHHHHHII", 0x02014B50, 63, 63, 0, ZSTD, 0, 0, *sizes, 0, 0, 0, 0, 0, len(members)
    )
    directory += name.encode()
    members += struct.pack("<IHHHHHIIIHH", 0x04034B50, 63, 0, ZSTD, 0, 0, *sizes, 0)
    members += name.encode() + packed
end = struct.pack(
    "<IHHHHIIH", 0x06054B50, 0, 0, len(MEMBERS), len(MEMBERS), len(directory), len(members), 0
)
with open(sys.argv[1], "wb") as file:
    file.write(members + directory + end)
