"""Collects what benchmarks measure, and prints it as one Markdown table.

A benchmark calls add(); where DERTA_BENCH names a file, it gets a line. From a shell:
    python table.py add WHAT PEER GOAL OURS THEIRS [MORE]     seconds of each round, comma-separated
    python table.py print FILE                                the table; rounds added one by one are one line
    python table.py dtype                                     of products that both multiply well here
"""

import json
import os
import pathlib
import statistics
import sys

HEAD = ["what", "peer", "ours", "peer's", "ratio", "range", "rounds", "goal", "besides"]


def dtype():
    """Without such instructions PyTorch multiplies 16-bit numbers in loops: a comparison of 32 bits, then."""
    has_bf16 = any(flag in pathlib.Path("/proc/cpuinfo").read_text() for flag in ("avx512_bf16", "amx_bf16"))
    return "bf16" if has_bf16 else "f32"


def add(what, peer, goal, ours, theirs, more=""):
    """Seconds of ours and of the peer's, one of each round; no peer: theirs is empty."""
    if "DERTA_BENCH" in os.environ:
        line = dict(what=what, peer=peer, goal=goal, ours=ours, theirs=theirs, more=more)
        with open(os.environ["DERTA_BENCH"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def joined(lines):
    """One line of all rounds of the same thing; of what stands besides, the last round's word."""
    same = {}
    for line in lines:
        known = same.setdefault((line["what"], line["peer"], line["goal"]), dict(line, ours=[], theirs=[]))
        known["ours"] += line["ours"]
        known["theirs"] += line["theirs"]
        known["more"] = line["more"]
    return same.values()


def row(line):
    ours, theirs = line["ours"], line["theirs"]
    ratios = [their / our for our, their in zip(ours, theirs)]
    seconds = lambda values: f"{statistics.median(values):.3g} s" if values else ""
    median = f"{statistics.median(theirs) / statistics.median(ours):.2f}x" if ratios else ""
    spread = f"{min(ratios):.2f}x to {max(ratios):.2f}x" if len(ratios) > 1 else ""
    return [line["what"], line["peer"], seconds(ours), seconds(theirs), median, spread, len(ours), line["goal"], line["more"]]


def main(command, *arguments):
    if command == "add":
        what, peer, goal, ours, theirs, *more = arguments
        numbers = lambda text: [float(number) for number in text.split(",") if number]
        add(what, peer, goal, numbers(ours), numbers(theirs), *more)
    elif command == "dtype":
        print(dtype())
    else:
        rows = [HEAD, ["---"] * len(HEAD)]
        rows += map(row, joined(map(json.loads, open(arguments[0], encoding="utf-8"))))
        for cells in rows:
            print("| " + " | ".join(map(str, cells)) + " |")


if __name__ == "__main__":
    main(*sys.argv[1:])
