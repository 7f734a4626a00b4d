"""Rows built and tokenised per second: ours, and a Hugging Face datasets map with two processes.

    python environment/bench/rows.py TOKENIZER_DIR [--rows 60000] [--ours-only] [--heap 512m]

Both do what the public code does: build the rows, write and read them as JSON Lines, and tokenise
every row, with labels; the peer by prefix and prefix + text in a batched map. Needs transformers and
datasets. Text: SmolLM2's kitchen answers, shuffled by sentence, every fiftieth word made up, so that
words do not only repeat. Interpreters' and JVM's start and imports are not counted.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import tempfile
import time

import table

HOME = pathlib.Path(__file__).resolve().parents[2]
ANSWERS = HOME / "lib/src/main/resources/io/github/derta/kitchen/answers.jsonl"


def write_sources(folder, rows):
    rng = random.Random(0)
    sentences = [
        sentence
        for line in ANSWERS.open(encoding="utf-8")
        for sentence in json.loads(line)["answer"].split(". ")
    ]
    made_up = lambda: "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 10)))
    varied = lambda text: " ".join(made_up() if rng.random() < 0.02 else w for w in text.split(" "))
    text = lambda: varied(". ".join(rng.choices(sentences, k=rng.randint(4, 16))))
    pairs = rows // 11
    with (folder / "safety.jsonl").open("w", encoding="utf-8") as out:
        for i in range(pairs // 2):
            out.write(json.dumps({"instruction": f"{i}: {rng.choice(sentences)}?", "output": text(),
                                  "safe_response": "Sorry, I can't help with that."}) + "\n")
    with (folder / "helpful.jsonl").open("w", encoding="utf-8") as out:
        for i in range(rows - pairs // 2 * 2):
            out.write(json.dumps({"instruction": f"{i}: {rng.choice(sentences)}?", "output": text()}) + "\n")


def peer(folder, tokenizer_dir):
    import datasets
    from transformers import AutoTokenizer

    datasets.disable_progress_bars()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # as after a fork; two processes do the work
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_dir)
    start = time.time()
    read = lambda name: [json.loads(l) for l in (folder / name).open(encoding="utf-8")]
    prompt = lambda q: f"[INST] {q} [\\INST]"
    rows = [(prompt(p["instruction"]), f" {p['output']}<|end_of_text|>", "false") for p in read("helpful.jsonl")]
    for triple in read("safety.jsonl"):
        words = triple["output"].split(" ")
        given = " ".join(words[: random.randint(1, len(words) - 2)])
        asked = prompt(triple["instruction"])
        rows.append((asked, f" {triple['output']}<|end_of_text|>", "true"))
        rows.append((f"{asked} {given}", f" {triple['safe_response']}<|end_of_text|>", "false"))
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as out:
        for prefix, text, safe in rows:
            out.write(json.dumps({"prefix": prefix, "text": text, "safe": safe}) + "\n")
    columns = {"prefix": [], "text": [], "safe": []}
    for line in (folder / "rows.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        for name in columns:
            columns[name].append(row[name])
    data = datasets.Dataset.from_dict(columns)

    def tokenize(batch):
        both = [p + t for p, t in zip(batch["prefix"], batch["text"])]
        prompts = tokenizer(batch["prefix"], truncation=True, max_length=1024)["input_ids"]
        result = tokenizer(both, truncation=True, max_length=1024)
        result["labels"] = [[-100] * len(p) + ids[len(p):] for p, ids in zip(prompts, result["input_ids"])]
        result["safe_labels"] = [[int(safe == "true")] for safe in batch["safe"]]
        return result

    done = data.map(tokenize, batched=True, num_proc=2, remove_columns=data.column_names)
    seconds = time.time() - start
    return {"rows": len(done), "tokens": sum(len(i) for i in done["input_ids"]), "seconds": seconds}


def ours(folder, tokenizer_dir, heap):
    command = [str(HOME / "environment/jbang"), f"--runtime-option=-Xmx{heap}"]
    command += [str(HOME / "environment/bench/RowsBenchmark.java"), str(folder), tokenizer_dir]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(result.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tokenizer")
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--heap", default="512m")
    parser.add_argument("--ours-only", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_sources(folder, args.rows)
        results = {"ours": ours(folder, args.tokenizer, args.heap)}
        if not args.ours_only:
            results["peer"] = peer(folder, args.tokenizer)
        for who, result in results.items():
            print(f"{who}: {result['rows']} rows, {result['tokens']} tokens, {result['seconds']:.1f} s,"
                  f" {result['rows'] / result['seconds']:.0f} rows/s")
        if "peer" in results:
            seconds = [[results[who]["seconds"]] for who in ("ours", "peer")]
            table.add(f"{args.rows:,} rows", "datasets.map, 2 processes", ">= 5x", *seconds)
            print(f"ratio {results['peer']['seconds'] / results['ours']['seconds']:.2f}")


if __name__ == "__main__":
    main()
