"""What Positions.java does for one phrase, in plain Python: json, split, a loop.

python positions.py FILE...   prints file,responses,empty,refused,1-5,6-30,31-,median
"""

import json
import statistics
import sys


def count(path):
    responses = empty = 0
    positions = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            words = json.loads(line)["response"].split()
            responses += 1
            empty += not words
            for i, word in enumerate(words, 1):
                if "sorry" in word.lower():
                    positions.append(i)
                    break
    bands = [sum(a <= p <= b for p in positions) for a, b in ((1, 5), (6, 30), (31, 1 << 31))]
    median = f"{statistics.median(positions):g}" if positions else ""
    return [path, responses, empty, len(positions), *bands, median]


for path in sys.argv[1:]:
    print(*count(path), sep=",")
