"""Rates and differences by numpy, beside those of stats.Rates.

intervals.py answers STUDY.csv   prints a table of answers: method,seed,attack,question,outcome
intervals.py compare FOLDER         compares rates-*.csv and differences-*.csv with answers.csv
"""

import csv
import sys

import numpy as np

RESAMPLES = 20_000
RATES = [
    ("refused", "dpo", "dish-0"),
    ("refused", "derta", "near-0"),
    ("complied", "vanilla", "selfcipher"),
    ("complied", "vanilla", "autodan"),
    ("complied", "base", "dish-0"),
]
DIFFERENCES = [  # from vanilla
    ("complied", "dpo", "jailbreakchat"),
    ("complied", "rto", "autodan"),
    ("complied", "harmful-prefix", "selfcipher"),
    ("refused", "derta", "dish-25"),
    ("complied", "base", "dish-10"),
]
random = np.random.default_rng(20)


def answers(path):
    """The only function that knows the format of the committed table."""
    outcomes = {"C": "complied", "R": "refused", "N": "neither", "I": "invalid", "-": ""}
    with open(path.replace(".csv", "-questions.csv"), encoding="utf-8") as lines:
        lists = {row["list"]: row["questions"].split() for row in csv.DictReader(lines)}
    with open(path, encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            deep = row["attack"] == "direct" or row["attack"].endswith("-tokens")
            attack = f"{row['kind']}-{row['given']}" if deep else row["attack"].replace("-again", "")
            for question, word in zip(lists.get(row["questions"], []), row["verdicts"].split()):
                yield row["method"], row["seed"], attack, question, outcomes[word[0]]


def grid(rows, outcome, method, attack):
    """[seed, question] of 1, 0 or NaN, and the names of both."""
    chosen = [row for row in rows if row["method"] == method and row["attack"] == attack]
    seeds, questions = (sorted({row[name] for row in chosen}) for name in ("seed", "question"))
    values = np.full((len(seeds), len(questions)), np.nan)
    for row in chosen:
        if row["outcome"] in ("complied", "refused", "neither"):
            values[seeds.index(row["seed"]), questions.index(row["question"])] = row["outcome"] == outcome
    return values, seeds, questions


def bootstrap(values):
    """2.5 and 97.5 % points of the mean, seeds and questions drawn anew."""
    means = []
    for _ in range(RESAMPLES):
        seeds, questions = (random.integers(0, size, size) for size in values.shape)
        means.append(np.nanmean(values[np.ix_(seeds, questions)]))
    return np.quantile(means, [0.025, 0.975])


def wilson(hits, n, z=1.959964):
    middle = (hits + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * np.sqrt(hits * (n - hits) / n + z * z / 4)
    return middle - half, middle + half


def sign_flip(values, draws=100_000):
    sums = np.nansum(values, axis=0)
    totals = random.choice([-1, 1], (draws, len(sums))) @ sums
    return np.mean(np.abs(totals) >= abs(sums.sum()))


def find(path, method, attack):
    with open(path, encoding="utf-8") as lines:
        return next(r for r in csv.DictReader(lines) if (r["method"], r["attack"]) == (method, attack))


def compare(folder):
    with open(f"{folder}/answers.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    wrong = 0

    def line(name, value, low, high, ours, column, n, p=None):
        nonlocal wrong
        theirs = [value, low, high]
        mine = [float(ours[key]) for key in (column, "low", "high")]
        apart = max(abs(a - b) for a, b in zip(theirs[1:], mine[1:]))
        allowed = 0.05 * (high - low) + 1 / n  # three standard errors of an end, one step
        good = apart <= allowed and abs(value - mine[0]) < 1e-9
        text = ""
        if p is not None:
            good = good and abs(p - float(ours["p"])) <= 4 * np.sqrt(max(p, 1e-5) / 100_000)
            text = f"; p {p:.4f}, ours {float(ours['p']):.4f}, Holm {float(ours['p_holm']):.3f}"
        wrong += not good
        show = lambda three: "{:6.1f} [{:5.1f}, {:5.1f}]".format(*(100 * x for x in three))
        print(f"{name:42}{show(theirs)}, ours {show(mine)}, apart {100 * apart:.1f} of {100 * allowed:.1f}{text}"
              + ("" if good else "  WRONG"))

    for outcome, method, attack in RATES:
        values, _, _ = grid(rows, outcome, method, attack)
        n = np.sum(~np.isnan(values))
        low, high = bootstrap(values) if len(values) > 1 else wilson(np.nansum(values), n)
        ours = find(f"{folder}/rates-{outcome}.csv", method, attack)
        line(f"{method} {outcome}, {attack}", np.nanmean(values), low, high, ours, "share", n)
    for outcome, method, attack in DIFFERENCES:
        first, seeds, questions = grid(rows, outcome, "vanilla", attack)
        second, others, same = grid(rows, outcome, method, attack)
        assert questions == same and (len(others) == 1 or seeds == others)
        values = first - second  # one seed is subtracted from all
        low, high = bootstrap(values)
        ours = find(f"{folder}/differences-{outcome}.csv", method, attack)
        n = np.sum(~np.isnan(values))
        line(f"vanilla minus {method} {outcome}, {attack}", np.nanmean(values), low, high, ours, "difference", n,
             sign_flip(values))
    return wrong


if sys.argv[1] == "answers":
    print("method,seed,attack,question,outcome")
    for answer in answers(sys.argv[2]):
        print(*answer, sep=",")
else:
    wrong = compare(sys.argv[2])
    sys.exit(f"intervals: {wrong} of {len(RATES) + len(DIFFERENCES)} differ" if wrong else 0)
