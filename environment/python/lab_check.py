"""Uses the notebooks in JupyterLab as a reader does, in headless Chromium.

Fails if a figure is not drawn or loses its height (zoom, legend, side bar, another tab, another
window size), if a token view loses its labels in a notebook that is not trusted, if Run All goes on after
an error or Stop, if Shift+Tab explains nothing, if the console says an error, or, unless --short, if
the figure of a training does not grow, a stopped one does not continue when its cell is run again, or a
figure of any notebook is empty. Part "fallback" is for a JupyterLab without a renderer for Plotly.

usage: lab_check.py [--short] [--only PART] [--screenshots DIR] --jupyter-lab PROGRAM CHROMIUM
"""

import argparse
import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

HOME = Path(__file__).resolve().parents[2]
NOTEBOOKS = HOME / "notebooks"
WORK = HOME / "target" / "lab-check"
PLOTLY = "application/vnd.plotly.v1+json"
RECIPE = "lib/src/main/resources/io/github/derta/train/kitchen.yaml"
LIVE_STEPS = 6  # of the recipe below

FIGURES = """(kind) => [...document.querySelectorAll(kind)].map(figure => {
  const drawn = figure.querySelector('.main-svg');
  return {
    height: Math.round(drawn ? drawn.getBoundingClientRect().height : 0),
    place: Math.round(figure.getBoundingClientRect().height),
    width: Math.round(drawn ? drawn.getBoundingClientRect().width : 0),
    room: Math.round(figure.getBoundingClientRect().width),
    marks: figure.querySelectorAll('.point, .js-line, .hm image').length,
  };
})"""


# Status "idle" comes with the first cell only.
READY = "() => jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.connectionStatus === 'connected'"


class Reader:
    """A JupyterLab on WORK and a browser that looks at it."""

    def __init__(self, browser, server, token, screenshots):
        self.server, self.token, self.screenshots = server, token, screenshots
        self.page = browser.new_page(viewport={"width": 1400, "height": 1000})
        self.problems = []
        self.page.on("console", self.said)
        self.page.on("pageerror", lambda error: self.problems.append(f"console: {str(error)[:300]}"))

    def said(self, message):
        if message.type == "error":
            self.problems.append(f"console: {message.text[:300]}")

    def expect(self, holds, problem):
        if not holds:
            self.problems.append(problem)
        return holds

    def open(self, name):
        print(f"lab: {name}", flush=True)
        self.page.goto(f"{self.server}/lab/tree/{name}?reset&token={self.token}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.page.wait_for_function(READY, timeout=90_000)

    def menu(self, name, item):
        self.page.locator(".lm-MenuBar-itemLabel", has_text=name).first.click()
        self.page.locator(".lm-Menu-itemLabel", has_text=item).first.click()

    def prompts(self):
        texts = self.page.locator(".jp-CodeCell .jp-InputArea-prompt").all_text_contents()
        return [text.strip("[]: \u200b") for text in texts]

    def until(self, what, holds, seconds):
        """Waits until `holds()`; a problem if it never does."""
        end = time.time() + seconds
        while time.time() < end:
            if holds():
                return True
            self.page.wait_for_timeout(200)
        return self.expect(False, f"{what}: not within {seconds} s")

    def run_all(self, seconds):
        self.menu("Run", "Run All Cells")
        self.page.wait_for_timeout(1000)
        return self.until("all cells run", lambda: "*" not in self.prompts(), seconds)

    def figures(self, kind=".jp-RenderedPlotly"):
        """As they are once nothing changes any more."""
        last, seen = None, self.page.evaluate(FIGURES, kind)
        for _ in range(20):
            if seen == last:
                break
            self.page.wait_for_timeout(500)
            last, seen = seen, self.page.evaluate(FIGURES, kind)
        return seen

    def center(self, figure):
        """Scrolls to a figure; JupyterLab moves the page while it lays out what comes into view."""

        def there():
            figure.evaluate("figure => figure.scrollIntoView({block: 'center'})")
            self.page.wait_for_timeout(500)
            box = figure.bounding_box()
            return box["y"] > 80 and box["y"] + box["height"] < 980

        self.until("a figure comes into view", there, 20)
        figure.hover()  # what was out of view is a picture until the pointer comes
        figure.locator(".nsewdrag").first.wait_for(timeout=10_000)

    def shot(self, name):
        if self.screenshots:
            self.page.screenshot(path=self.screenshots / f"{name}.png")


def write(name, cells):
    """A notebook of these code cells in WORK, without outputs."""
    notebook = {
        "cells": [
            {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": cell, "outputs": [], "execution_count": None}
            for i, cell in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "derta-java", "display_name": "Java (DeRTa)", "language": "java"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (WORK / name).write_text(json.dumps(notebook), encoding="utf-8")


def code_cells(path):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


def heights_of(path):
    data = [output.get("data", {}) for cell in code_cells(path) for output in cell["outputs"]]
    return [bundle[PLOTLY]["layout"]["height"] for bundle in data if PLOTLY in bundle]


def figures(reader):
    """Notebook 01, copied without the files it reads."""
    path = next(NOTEBOOKS.glob("01-*.ipynb"))
    expected = heights_of(path)
    shutil.copy(path, WORK / path.name)
    reader.open(path.name)
    if not reader.run_all(180):
        return
    errors = reader.page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").all_text_contents()
    reader.expect(not errors, f"{path.name}: {errors[:1]}")

    def as_expected(after):
        seen = reader.figures()
        reader.shot(f"figures-after-{after}".replace(" ", "-"))
        heights = [figure["height"] for figure in seen]
        reader.expect(heights == expected, f"after {after}: figures are {heights} pixels high, not {expected}")
        for number, figure in enumerate(seen, 1):
            reader.expect(figure["marks"], f"after {after}: figure {number} is empty")
            same = abs(figure["width"] - figure["room"]) < 2 and abs(figure["height"] - figure["place"]) < 10
            reader.expect(same, f"after {after}: figure {number} does not fill its place: {figure}")
        return seen

    before = as_expected("running all cells")
    if not before:
        return
    first = reader.page.locator(".jp-RenderedPlotly").first
    reader.center(first)
    box = first.locator(".nsewdrag").first.bounding_box()
    reader.page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    reader.page.mouse.down()
    reader.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.8 * box["height"], steps=5)
    ticks = first.locator(".ytick").all_text_contents()
    reader.page.mouse.up()
    as_expected("a zoom")
    reader.expect(first.locator(".ytick").all_text_contents() != ticks, "a zoom changes nothing")
    entry = first.locator(".legendtoggle").first.bounding_box()
    reader.page.mouse.click(entry["x"] + entry["width"] / 2, entry["y"] + entry["height"] / 2)
    reader.page.wait_for_timeout(600)  # a second click within 0.3 s would be another gesture
    clicked = as_expected("a click in the legend")
    reader.expect(clicked[0]["marks"] < before[0]["marks"], "a click in the legend hides nothing")
    reader.menu("View", "File Browser")
    wider = as_expected("the side bar")
    reader.expect(wider[0]["width"] != before[0]["width"], "figures do not follow the side bar")
    reader.menu("File", "New Launcher")
    reader.page.wait_for_timeout(1000)
    reader.page.locator(".lm-TabBar-tabLabel", has_text=path.name).first.click()
    as_expected("another tab")
    reader.page.set_viewport_size({"width": 1100, "height": 900})
    narrower = as_expected("another window size")
    reader.expect(narrower[0]["width"] < wider[0]["width"], "figures do not follow the window")
    reader.page.set_viewport_size({"width": 1400, "height": 1000})


def fallback(reader):
    """Notebook 01 where JupyterLab has no renderer for Plotly; plotly.js is that of the kit, no network."""
    script = next((HOME / ".derta/venv/lib").glob("python*/site-packages/plotly/package_data/plotly.min.js"))
    allowed = {"path": script, "headers": {"access-control-allow-origin": "*"}, "content_type": "text/javascript"}
    reader.page.route("https://cdn.plot.ly/**", lambda route: route.fulfill(**allowed))
    version = re.search(r"plotly.js v([\d.]+)", script.read_text(encoding="utf-8")[:200])[1]
    path = next(NOTEBOOKS.glob("01-*.ipynb"))
    shutil.copy(path, WORK / path.name)
    reader.open(path.name)
    with reader.page.expect_request("https://cdn.plot.ly/**", timeout=180_000) as asked:
        reader.run_all(180)
    reader.expect(f"-{version}." in asked.value.url, f"{asked.value.url} is not version {version}, the kit's")
    reader.page.wait_for_timeout(2000)
    drawn = reader.figures(".derta-figure")
    reader.shot("fallback")
    reader.expect([figure["height"] for figure in drawn] == heights_of(path), f"without a renderer figures are {drawn}")
    reader.expect(all(figure["marks"] for figure in drawn), f"without a renderer a figure is empty: {drawn}")


def others(reader):
    """Notebooks 02 to 05, quick: every figure is drawn."""
    for path in sorted(NOTEBOOKS.glob("0[2-5]-*.ipynb")):
        shutil.copy(path, WORK / path.name)
        reader.open(path.name)
        if not reader.run_all(1200):
            return
        place = reader.page.locator(".jp-RenderedPlotly")
        expected = len(heights_of(path))
        reader.expect(place.count() >= expected - 1, f"{path.name}: {place.count()} figures, {expected} are committed")
        for number in range(place.count()):
            figure = place.nth(number)
            reader.center(figure)
            reader.shot(f"{path.stem}-{number + 1}")
            marks = figure.locator(".point, .js-line, .hm image").count()
            reader.expect(marks > 0, f"{path.name}: figure {number + 1} is empty")


def page(reader):
    """Notebook 01 as a page, in a dark window that becomes narrower."""
    notebook, exported = next(NOTEBOOKS.glob("01-*.ipynb")), WORK / "page.html"
    code = "import sys, export_html; export_html.export(*sys.argv[1:])"
    command = [HOME / ".derta/venv/bin/python", "-c", code, notebook, exported]
    subprocess.run(command, check=True, cwd=HOME / "environment/python")
    expected = heights_of(notebook)
    reader.page.emulate_media(color_scheme="dark")
    reader.page.goto(exported.as_uri())
    for width in (1400, 700):
        reader.page.set_viewport_size({"width": width, "height": 1000})
        seen = reader.figures(".derta-figure")
        reader.shot(f"page-{width}")
        sizes = [(figure["height"], figure["width"]) for figure in seen]
        reader.expect(
            [height for height, _ in sizes] == expected and all(0 < drawn < width for _, drawn in sizes),
            f"a window of {width} pixels: figures are {sizes}, they should be {expected} pixels high",
        )


def untrusted(reader):
    """Notebook 02 as it is committed, opened but not run."""
    path = next(NOTEBOOKS.glob("02-*.ipynb"))
    shutil.copy(path, WORK / path.name)
    reader.open(path.name)
    reader.page.locator(".jp-Notebook").press("Escape")
    labelled = reader.page.locator(".jp-RenderedHTML td small", has_text="Sorry")

    def found():
        reader.page.mouse.move(800, 600)
        reader.page.mouse.wheel(0, 600)
        return labelled.count() > 0

    if reader.until("a token view with its labels", found, 30):
        labelled.first.scroll_into_view_if_needed()
        reader.shot("untrusted")


def kernel(reader):
    """Run All stops at an error and at Stop; Shift+Tab explains a call that is written already."""
    write("error.ipynb", ["int a = 1 / 0;", 'System.out.println("went " + "on")'])
    reader.open("error.ipynb")
    reader.run_all(60)
    reader.expect("by zero" in reader.page.inner_text(".jp-Notebook"), "an error is not shown")
    reader.expect("went on" not in reader.page.inner_text(".jp-Notebook"), "Run All goes on after an error")
    write("stop.ipynb", ["Thread.sleep(600_000)", 'System.out.println("went " + "on")', "Math.max(1, 2)"])
    reader.open("stop.ipynb")
    reader.menu("Run", "Run All Cells")
    reader.page.wait_for_timeout(5000)
    reader.menu("Kernel", "Interrupt Kernel")
    reader.until("the cells are stopped", lambda: "*" not in reader.prompts(), 20)
    reader.expect("went on" not in reader.page.inner_text(".jp-Notebook"), "Run All goes on after Stop")
    reader.page.locator(".cm-content").nth(2).click()
    reader.page.keyboard.press("End")
    reader.page.keyboard.press("Shift+Tab")
    reader.until("Shift+Tab explains", lambda: reader.page.locator(".jp-Tooltip", has_text="int a, int b").count(), 20)
    reader.shot("tooltip")


def live(reader):
    """Notebook 03's training: grows, is stopped, and goes on when the cell is run again."""
    recipe = (HOME / RECIPE).read_text(encoding="utf-8")
    for key, value in {"seed": int(time.time()), "epochs": 1, "helpful-rows": 20, "safety-rows": 4, "batch": 4}.items():
        recipe = re.sub(rf"(?m)^{key}:.*\n", "", recipe) + f"{key}: {value}\n"
    (WORK / "recipe.yaml").write_text(recipe, encoding="utf-8")
    trained = HOME / ".derta" / "trained"
    before = set(trained.glob("*"))
    try:
        stop_and_resume(reader)
    finally:
        for folder in set(trained.glob("*")) - before:
            shutil.rmtree(folder)


def stop_and_resume(reader):
    cells = ["".join(c["source"]) for c in code_cells(next(NOTEBOOKS.glob("03-*.ipynb")))]
    training = next(i for i, cell in enumerate(cells) if ".resume().listen(" in cell)
    write("live.ipynb", cells[: training + 1])
    reader.open("live.ipynb")
    reader.menu("Run", "Run All Cells")
    cell = reader.page.locator(".jp-CodeCell").nth(training)
    points = lambda: cell.locator(".jp-RenderedPlotly .point").count()  # noqa: E731
    if not reader.until("the training says that it begins", lambda: "step 0" in cell.inner_text(), 120):
        return
    seen = set()

    def grown():
        seen.add(points())
        return len(seen - {0}) >= 2

    if not reader.until("the live figure grows", grown, 180):
        return
    reader.shot("live")
    reader.menu("Kernel", "Interrupt Kernel")
    reader.until("the cell is stopped", lambda: "*" not in reader.prompts(), 20)
    cell.locator(".cm-content").click()
    reader.page.keyboard.press("Control+Enter")
    reader.page.wait_for_timeout(1000)
    reader.until("the cell ends when it is run again", lambda: "*" not in reader.prompts(), 400)
    text = cell.inner_text()
    reader.shot("live-again")
    reader.expect("is still saving step" in text, "the second run says nothing of its waiting")
    reader.expect("another process" not in text, "the second run is refused")
    reader.expect(points() == LIVE_STEPS, f"{points()} points after the second run, {LIVE_STEPS} steps")
    reader.expect(reader.page.locator(".jp-RenderedPlotly").last.bounding_box()["height"] > 400, "the live figure is too low")


@contextlib.contextmanager
def jupyter_lab(program, quick):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    settings = {name: str(WORK / "jupyter" / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    settings |= {"DERTA_QUICK": "1"} if quick else {"DERTA_RECIPE": str(WORK / "recipe.yaml"), "DERTA_METHODS": "vanilla"}
    settings["JUPYTER_DATA_DIR"] = os.environ.get("JUPYTER_DATA_DIR", str(WORK / "jupyter" / "data"))
    command = [program, "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True"]
    command += [f"--notebook-dir={WORK}", f"--IdentityProvider.token={token}"]
    news = WORK / "jupyter/JUPYTER_CONFIG_DIR/lab/user-settings/@jupyterlab/apputils-extension"
    news.mkdir(parents=True, exist_ok=True)
    (news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    log = WORK / "jupyter.log"
    with open(log, "w") as output:
        process = subprocess.Popen(command, env=os.environ | settings, stdout=output, stderr=output)
    try:
        for _ in range(120):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={token}").close()
                break
            if process.poll() is not None:
                sys.exit(f"lab: JupyterLab ended: {log.read_text()[-500:]}")
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}", token
    finally:
        process.terminate()
        process.wait(30)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", help="one part: figures, page, untrusted, kernel, live, others, fallback")
    parser.add_argument("--screenshots", type=Path, metavar="DIR")
    parser.add_argument("--jupyter-lab", required=True)
    parser.add_argument("chromium")
    options = parser.parse_args()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    parts = [figures, page, untrusted, kernel] + ([] if options.short else [live, others])
    if options.only:
        parts = [part for part in (*parts, live, others, fallback) if part.__name__ == options.only][:1]
    failed = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        for part in parts:
            with jupyter_lab(options.jupyter_lab, part is others) as (server, token):
                reader = Reader(browser, server, token, options.screenshots)
                try:
                    part(reader)
                except Error as error:  # something to click is not there
                    reader.shot(f"{part.__name__}-failed")
                    reader.problems.append(str(error).splitlines()[0])
                reader.page.close()
                for problem in reader.problems:
                    print(f"lab: {part.__name__}: {problem}", file=sys.stderr)
                failed = failed or bool(reader.problems)
        browser.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
