"""Executes the notebooks headless, or checks the outputs that are committed.

    notebooks.py run [--quick] [--save] [NOTEBOOK...]
    notebooks.py check

`run` writes executed notebooks and HTML pages to target/notebooks/ and exits with 1 if a cell
failed, or if a notebook that only reads shows something else than what is committed. `check`
executes nothing: it exits with 1 if committed outputs are missing, hold an error, or were made by
other cells than those that stand there now.
"""

import argparse
import hashlib
import os
import re
import sys
import threading
import time
from pathlib import Path

os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # this clone's kernel, not a user's of the same name

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

import export_html
import pictures

HOME = Path(__file__).resolve().parents[2]
SOURCE = HOME / "notebooks"
TARGET = HOME / "target" / "notebooks"
# In these a result stands in a cell that makes it, never in a sentence typed by hand.
COMPUTED = ("03-derta-training", "04-six-attacks", "05-ablation")
RESULT = re.compile(
    r"\b\d+ (?:of|against) (?:the )?\d+\b|\b\d+(?:\.\d+)? ?%|\b\d+(?:\.\d+)? (?:per ?cent|points)\b|\bp [=<]? ?0\.\d"
)
# Neither trains nor generates: on any machine, quick or not, what is committed must come out.
EXACT = ("01-refusal-position-bias", "02-harmful-prefix-data", "05-ablation")


def main():
    parser = argparse.ArgumentParser(prog="environment/reproduce")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run")
    run.add_argument("names", nargs="*", metavar="NOTEBOOK")
    run.add_argument("--quick", action="store_true")
    run.add_argument("--save", action="store_true")
    commands.add_parser("check")
    options = parser.parse_args()
    if options.command == "check":
        sys.exit(check())
    if options.quick and options.save:
        sys.exit(fail("--save keeps the outputs of a full run; it does not go with --quick"))
    if options.save and " " in sys.prefix:
        sys.exit(fail("--save draws pictures with Kaleido, whose launcher needs a path without blanks; clone elsewhere"))
    sys.exit(run_all(select(options.names), options.quick, options.save))


def fail(message):
    print(message, file=sys.stderr)
    return 2


def select(names):
    """The notebooks of these names (04, 04-six-attacks and 04-six-attacks.ipynb all do), or all."""
    notebooks = sorted(SOURCE.glob("*.ipynb"))
    if not names:
        return notebooks
    chosen = []
    for name in names:
        stem = Path(name).name.removesuffix(".ipynb")
        found = [n for n in notebooks if n.stem == stem or n.stem.split("-")[0] == stem]
        if len(found) != 1:
            known = ", ".join(n.stem for n in notebooks)
            sys.exit(fail(f"{name}: no such notebook; there are {known}"))
        chosen.append(found[0])
    return sorted(set(chosen))


def run_all(notebooks, quick, save):
    TARGET.mkdir(parents=True, exist_ok=True)
    if quick:
        os.environ["DERTA_QUICK"] = "1"
    else:
        os.environ.pop("DERTA_QUICK", None)
    own = [n for n in os.environ if n.startswith("DERTA_") and n not in ("DERTA_HOME", "DERTA_QUICK")]
    if save:
        # What is kept must not depend on the reader's own model, data or settings.
        for name in own:
            del os.environ[name]
    results = [execute(path, number, len(notebooks), save, own) for number, path in enumerate(notebooks, 1)]
    width = max(len(r["name"]) for r in results)
    print(f"\n{'notebook':{width}}  cells  seconds  peak memory  result")
    for r in results:
        memory = f"{r['peak'] / 2**30:.2f} GiB"
        print(f"{r['name']:{width}}  {r['cells']:>5}  {r['seconds']:>7.1f}  {memory:>11}  {r['result']}")
    print(f"\nopen {TARGET / (results[0]['name'] + '.html')}")
    return 1 if any(r["result"] != "ok" for r in results) else 0


def execute(path, number, total, save, own):
    notebook = nbformat.read(path, as_version=4)
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    committed = [shown(c) for c in cells]
    for cell in cells:
        cell.outputs, cell.execution_count = [], None
    progress = Progress(f"[{number}/{total}] {path.stem}", len(cells))
    client = NotebookClient(
        notebook,
        kernel_name="derta-java",
        timeout=None,
        startup_timeout=180,
        record_timing=False,
        resources={"metadata": {"path": str(SOURCE)}},
        on_cell_start=progress.start,
        on_cell_executed=progress.done,
    )
    start, result, memory = time.time(), "ok", PeakMemory(client)
    try:
        with memory:
            client.execute()
    except CellExecutionError as e:
        result = f"failed in cell {progress.count}: {e.ename}: {first_line(e.evalue)}"
    except DeadKernelError:
        result = f"failed in cell {progress.count}: the kernel died (out of memory?)"
    exact = path.stem in EXACT and not any(name in cell.source for name in own for cell in cells)
    if result == "ok" and exact and not save:
        other = [str(n) for n, cell in enumerate(cells, 1) if shown(cell) != committed[n - 1]]
        if other:
            result = f"not as committed in cell {', '.join(other)}: run environment/reproduce --save {path.stem}"
    progress.end(result)
    seconds = time.time() - start
    for cell in cells:
        cell.metadata.pop("execution", None)
    executed = TARGET / path.name
    nbformat.write(notebook, executed)
    export_html.export(executed, executed.with_suffix(".html"))
    if save and result == "ok":
        pictures.add(notebook)
        notebook.metadata["derta"] = {"cells_sha256": cells_hash(notebook)}
        nbformat.write(notebook, path)
        if picture := pictures.of_readme(notebook):
            readme_picture(path.stem).write_bytes(picture)
    return {
        "name": path.stem,
        "cells": len(cells),
        "seconds": seconds,
        "peak": memory.peak,
        "result": result,
    }


def shown(cell):
    """What a cell's outputs show; of a figure that which is drawn, not its other forms."""
    bundles = [output.get("data") or output.get("text") for output in cell.outputs]
    return [b[pictures.PLOTLY] if isinstance(b, dict) and pictures.PLOTLY in b else b for b in bundles]


def readme_picture(name):
    return SOURCE / "pictures" / f"{name}.png"


def first_line(text):
    return (text or "").strip().splitlines()[0][:200] if (text or "").strip() else "no message"


class Progress:
    """One line a notebook on a terminal, one line a cell elsewhere; on standard error."""

    def __init__(self, title, total):
        self.title, self.total, self.count, self.began = title, total, 0, time.time()
        self.terminal = sys.stderr.isatty()

    def start(self, cell, cell_index):
        if cell.cell_type != "code":
            return
        self.count += 1
        if self.terminal:
            self.show("\r", "")

    def done(self, cell, cell_index, execute_reply):
        if cell.cell_type == "code" and not self.terminal:
            self.show("", "\n")

    def show(self, before, after):
        seconds = time.time() - self.began
        line = f"{before}{self.title}: cell {self.count} of {self.total}, {seconds:.0f} s{after}"
        print(line, end="", file=sys.stderr, flush=True)

    def end(self, result):
        if self.terminal:
            self.show("\r", "  ")
        print(f"{self.title}: {result}", file=sys.stderr, flush=True)


class PeakMemory:
    """Samples the resident memory of the kernel's process and its children, in bytes."""

    def __init__(self, client):
        self.client, self.peak, self.stop = client, 0, threading.Event()

    def __enter__(self):
        threading.Thread(target=self.sample, daemon=True).start()

    def __exit__(self, *ignored):
        self.stop.set()

    def sample(self):
        while not self.stop.wait(0.2):
            manager = self.client.km
            process = manager and manager.provisioner and getattr(manager.provisioner, "process", None)
            if process:
                try:
                    kernel = psutil.Process(process.pid)
                    tree = [kernel, *kernel.children(recursive=True)]
                    self.peak = max(self.peak, sum(p.memory_info().rss for p in tree))
                except psutil.Error:
                    pass  # it ended between two looks


def cells_hash(notebook):
    """SHA-256 over the code cells and the data files that they name, which outputs depend on."""
    code = "\0".join(c.source for c in notebook.cells if c.cell_type == "code")
    digest = hashlib.sha256(code.encode())
    for data in sorted([*SOURCE.glob("*.csv"), *SOURCE.glob("*-texts.jsonl.gz")]):
        if data.name in code or re.sub(r"-questions.csv|-texts.jsonl.gz", ".csv", data.name) in code:
            digest.update(data.read_bytes())
    return digest.hexdigest()


def check():
    notebooks = sorted(SOURCE.glob("*.ipynb"))
    problems = [] if notebooks else ["notebooks/: no notebook"]
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)
        problems += [f"notebooks/{path.name}: {p}" for p in problems_of(notebook)]
        if path.stem in COMPUTED:
            problems += [f"notebooks/{path.name}: {p}" for p in typed_results(notebook)]
        picture = readme_picture(path.stem)
        if not picture.exists() or picture.read_bytes() != pictures.of_readme(notebook):
            problems.append(f"notebooks/pictures/{picture.name}: not the picture of the cell tagged \"readme\"")
    for problem in problems:
        print(problem, file=sys.stderr)
    print("stale or missing outputs: run environment/reproduce --save" if problems else "notebook outputs are current")
    return 1 if problems else 0


def typed_results(notebook):
    """Sentences of Markdown cells that hold a result and no mark "(paper" that it is the paper's."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for sentence in re.split(r"(?<=[.:;?!])\s|\n", cell.source):
                plain = re.sub(r"95 % (\w+ )?intervals?", "", sentence)
                if RESULT.search(plain) and "(paper" not in plain:
                    yield f"a result typed by hand: {sentence.strip()[:100]}"


def problems_of(notebook):
    nbformat.validate(notebook)
    if notebook.metadata.kernelspec.name != "derta-java":
        yield f"kernel is {notebook.metadata.kernelspec.name}, it should be derta-java"
    if notebook.metadata.get("derta", {}).get("cells_sha256") != cells_hash(notebook):
        yield "outputs were made by other cells or data than these"
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    if not outputs:
        yield "no output"
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            yield f"holds noise on standard error: {first_line(output.text)}"
        if output.output_type == "error":
            yield f"holds an error: {output.ename}: {first_line(output.evalue)}"
        data = output.get("data", {})
        if pictures.PLOTLY in data and pictures.PICTURE not in data:
            yield "a figure without a static picture"
        if pictures.PICTURE in data and not output.metadata.get(pictures.PICTURE, {}).get("alt"):
            yield "a picture without a text for those who do not see it"
        if str(HOME) in str(data) or str(HOME) in output.get("text", ""):
            yield "an output names a path of the machine that made it"


if __name__ == "__main__":
    main()
