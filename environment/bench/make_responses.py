"""Writes DIR/0.jsonl and DIR/1.jsonl, together MEGABYTES of made-up responses from a fixed seed.

python make_responses.py DIR MEGABYTES
"""

import json
import pathlib
import random
import sys

folder, megabytes = pathlib.Path(sys.argv[1]), int(sys.argv[2])
random.seed(7)
WORDS = "take the large pan and heat it\nslowly until done, x = y; then serve".split(" ")
folder.mkdir(parents=True, exist_ok=True)
lines = []
size = 0
while size < 10_000_000:
    words = random.choices(WORDS, k=random.randrange(20, 400))
    if random.random() < 0.02:  # as often as in the paper's published responses
        words[-1] = random.choice(["don’t", "“crisp”", "café", "🙂"])
    if random.random() < 0.5:
        words[random.randrange(min(60, len(words)))] += ".Sorry,"
    record = {"question": " ".join(words[:40]), "response": " ".join(words)}
    lines.append(json.dumps(record) + "\n")
    size += len(lines[-1])
for part in range(2):
    with open(folder / f"{part}.jsonl", "w", encoding="utf-8") as out:
        for _ in range(megabytes // 20):
            out.writelines(lines)
