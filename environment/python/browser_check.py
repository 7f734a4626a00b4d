"""Opens HTML pages in headless Chromium without a network and checks that every figure is drawn.

A page fails if a figure is empty, if the console says anything (a refused request is an error
there), or if the page names a script or style sheet outside itself. Needs `chromium` on the PATH,
or its path in DERTA_CHROMIUM.

usage: browser_check.py [--without-browser] [--screenshots DIR] HTML...

--without-browser looks at the files alone: as many figures as the executed notebook beside each page
has, and nothing outside the page.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pictures

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=60000",
]  # fmt: skip
# Each figure's div stands right before the script that fills it.
FIGURE = re.compile(r'<div [^>]*class="derta-figure[^>]*>(.*?)<script>Plotly\.newPlot', re.DOTALL)
MARK = re.compile(r'class="(?:point|js-line)"|class="hm"><image')
OUTSIDE = re.compile(r"""<(?:script|img|iframe)[^>]*\ssrc=["']?https?:[^>]*>|<link[^>]*https?:[^>]*>""")


def browse(page, *flags):
    binary = shutil.which(os.environ.get("DERTA_CHROMIUM", "chromium"))
    if not binary:
        sys.exit("chromium is missing: apt-get install chromium, or set DERTA_CHROMIUM to its path")
    with tempfile.TemporaryDirectory() as profile:
        command = [binary, *FLAGS, f"--user-data-dir={profile}", *flags, page.resolve().as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=180)


def problems_of_file(page):
    source = page.read_text(encoding="utf-8")
    notebook = json.loads(page.with_suffix(".ipynb").read_text(encoding="utf-8"))
    outputs = [o for c in notebook["cells"] for o in c.get("outputs", [])]
    expected = sum(pictures.PLOTLY in o.get("data", {}) for o in outputs)
    found = source.count("<script>Plotly.newPlot(")
    if found != expected:
        yield f"{expected} figures in the notebook, {found} in the page"
    for outside in OUTSIDE.findall(source):
        yield "outside the page: " + outside[:200]


def problems_in_browser(page, run):
    source = page.read_text(encoding="utf-8")
    expected = source.count("<script>Plotly.newPlot(")
    figures = FIGURE.findall(run.stdout)
    if run.returncode or not run.stdout:
        yield f"the browser gave no page (exit code {run.returncode}): {run.stderr[-300:]}"
    if len(figures) != expected:
        yield f"{expected} figures in the file, {len(figures)} in the browser"
    for number, figure in enumerate(figures, 1):
        if not MARK.search(figure):
            yield f"figure {number} is empty"
    for line in run.stderr.splitlines():
        if "CONSOLE" in line:
            yield "console: " + line.split("] ", 1)[-1][:300]
    print(f"{page}: {len(figures)} figures")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--without-browser", action="store_true")
    parser.add_argument("--screenshots", type=Path, metavar="DIR")
    parser.add_argument("pages", nargs="+", type=Path, metavar="HTML")
    options = parser.parse_args()
    failed = False
    for page in options.pages:
        found = list(problems_of_file(page))
        if not options.without_browser:
            found += problems_in_browser(page, browse(page, "--dump-dom", "--enable-logging=stderr"))
        for problem in found:
            print(f"{page}: {problem}", file=sys.stderr)
            failed = True
        if options.screenshots:
            options.screenshots.mkdir(parents=True, exist_ok=True)
            picture = options.screenshots.resolve() / page.with_suffix(".png").name
            browse(page, f"--screenshot={picture}", "--window-size=1200,9000")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
