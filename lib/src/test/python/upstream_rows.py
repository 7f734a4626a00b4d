"""Compares BuildData.java --upstream with the public code's own script, on harmless text.

    python lib/src/test/python/upstream_rows.py CHECKOUT [--fixture]

CHECKOUT is a checkout of RobustNLP/DeRTa; its script needs torch to be importable. Rows without
chance must be equal as parsed JSON; of the others the number of prefix words is compared by a
chi-square test of two samples. --fixture writes a small run for the library's own tests instead.
"""

import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

HOME = pathlib.Path(__file__).resolve().parents[4]
FIXTURE = HOME / "lib/src/test/resources/io/github/derta/data"
NAMES = {"vanilla": "llama_vanilla", "harmful-prefix": "llama_recaug", "derta": "llama_derta"}


def write(path, records):
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), "utf-8")


def read(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def sources(folder, helpful, safety):
    rng = random.Random(7)
    words = "sift the flour, näive café 🍞 \u2019s  then rest \"it\" \\ a\tb".split(" ")
    # Never empty: BuildData.java leaves out empty answers, which the public script keeps.
    text = lambda n: " ".join(["Take"] + [rng.choice(words) for _ in range(n - 1)])
    pairs = [{"instruction": f"Task {i}?", "output": text(5)} for i in range(helpful)]
    for part in range(6):
        write(folder / f"helpfulness_unsencor_wizardlm_60k_part_{part}.json", pairs[part::6])
    pairs = [p for part in range(6) for p in pairs[part::6]]
    length = lambda i: 1 + i % 7 if i % 5 == 0 else 12
    triples = [
        {"instruction": f"Dish {i}?", "output": text(length(i)), "safe_response": f"Sorry, no {i}."}
        for i in range(safety)
    ]
    write(folder / "safety_beaver_safe_and_unsafe_response.json", triples)
    return pairs, triples


def run_upstream(checkout, folder):
    script = (checkout / "data/train/generate_training_data.py").resolve()
    subprocess.run([sys.executable, str(script)], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def run_ours(method, folder, out, count):
    command = [str(HOME / "environment/jbang"), str(HOME / "jbang-scripts/BuildData.java")]
    command += ["--upstream", "--method", method, "--safety-count", str(count), "--out", str(out)]
    command += ["--helpful", *map(str, sorted(folder.glob("helpfulness_*.json")))]
    command += ["--safety", str(folder / "safety_beaver_safe_and_unsafe_response.json")]
    subprocess.run(command, check=True)


def prefix_words(row):
    given = row["prefix"].split(" [\\INST] ", 1)[1]
    return len(given.split(" ")) if given else 0


def chi_square(ours, theirs):
    """Two samples over the same values: statistic, degrees of freedom, p (Wilson-Hilferty)."""
    import math

    a, b = collections.Counter(ours), collections.Counter(theirs)
    total = sum(a.values()) + sum(b.values())
    statistic = 0.0
    for value in set(a) | set(b):
        both = a[value] + b[value]
        for counts in (a, b):
            expected = both * sum(counts.values()) / total
            statistic += (counts[value] - expected) ** 2 / expected
    df = len(set(a) | set(b)) - 1
    z = ((statistic / df) ** (1 / 3) - (1 - 2 / (9 * df))) / math.sqrt(2 / (9 * df))
    return statistic, df, 0.5 * math.erfc(z / math.sqrt(2))


def write_prefix_words(checkout):
    """How often the public code gave k words of a harmful answer of twelve: counts by k, 10,000 rows."""
    counts = collections.Counter()
    while sum(counts.values()) < 10_000:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            sources(folder, 600, 17000)
            run_upstream(checkout, folder)
            rows = read(folder / f"{NAMES['harmful-prefix']}.json")
        # Answers of twelve words alone; every third row has no prefix by rule.
        long = [r for r in rows if re.search(r"Dish \d*[1-46-9]\?", r["prefix"])]
        drawn = [k for k in map(prefix_words, long) if k > 0]
        counts.update(drawn[: 10_000 - sum(counts.values())])
    (FIXTURE / "upstream-prefix-words.json").write_text(json.dumps([counts[k] for k in range(12)]) + "\n")


def main():
    checkout = pathlib.Path(sys.argv[1])
    if "--fixture" in sys.argv:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            pairs, triples = sources(folder, 12, 40)
            run_upstream(checkout, folder)
            write(FIXTURE / "helpful.jsonl", pairs)
            write(FIXTURE / "safety.jsonl", triples)
            for method, upstream in NAMES.items():
                write(FIXTURE / f"upstream-{method}.jsonl", read(folder / f"{upstream}.json"))
        write_prefix_words(checkout)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pairs, triples = sources(folder, 600, 17000)
        lengths = {"ours": [], "theirs": []}
        for method, upstream in NAMES.items():
            run_upstream(checkout, folder)
            theirs = read(folder / f"{upstream}.json")
            out = folder / f"ours-{method}.jsonl"
            run_ours(method, folder, out, 6000)
            ours = read(out)
            assert len(ours) == len(theirs), (method, len(ours), len(theirs))
            chance = same = 0
            for mine, other in zip(ours, theirs):
                if mine["prefix"] != other["prefix"]:
                    chance += 1
                    assert (mine["text"], mine["safe"]) == (other["text"], other["safe"])
                    assert mine["prefix"].split(" [\\INST]")[0] == other["prefix"].split(" [\\INST]")[0]
                else:
                    same += mine == other
                    assert mine == other
            print(f"{method}: {len(ours)} rows, {same} equal, {chance} differ in prefix length alone")
            if method == "harmful-prefix":  # of derta our draws are the same, not independent
                for rows, key in ((ours, "ours"), (theirs, "theirs")):
                    # Harmful-prefix rows alone: an RTO row holds the harmful answer as text.
                    long = [r for r in rows if r["text"].startswith(" Sorry") and "Dish" in r["prefix"]]
                    lengths[key] += [k for k in map(prefix_words, long) if k > 0]
        statistic, df, p = chi_square(lengths["ours"], lengths["theirs"])
        n = len(lengths["ours"]), len(lengths["theirs"])
        print(f"prefix words: n {n}, chi-square {statistic:.1f}, {df} degrees of freedom, p {p:.2f}")
        assert p > 0.001


if __name__ == "__main__":
    main()
