"""Adds a static picture to every Plotly output of executed notebooks, in place.

GitHub runs no script and shows the picture; JupyterLab still draws the live figure. Any text/html
beside the figure is removed, because GitHub would prefer it and show nothing.

usage: pictures.py NOTEBOOK...
"""

import base64
import sys
from pathlib import Path

import nbformat
import plotly
from kaleido.scopes.plotly import PlotlyScope

PLOTLY = "application/vnd.plotly.v1+json"
WIDTH, SCALE = 840, 1.25  # about the column of a notebook on GitHub; sharper costs space in git


def main(notebooks):
    # The figure is drawn by the same plotly.js as in the page, not by the old one inside kaleido.
    scope = PlotlyScope(plotlyjs=str(Path(plotly.__file__).parent / "package_data/plotly.min.js"))
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)
        outputs = [o for c in notebook.cells for o in c.get("outputs", []) if PLOTLY in o.get("data", {})]
        for output in outputs:
            figure = {key: output.data[PLOTLY][key] for key in ("data", "layout")}
            height = figure["layout"].get("height", 420)
            png = scope.transform(figure, format="png", width=WIDTH, height=height, scale=SCALE)
            output.data["image/png"] = base64.b64encode(png).decode()
            output.data.pop("text/html", None)
        nbformat.write(notebook, path)
        size = sum(len(o.data["image/png"]) for o in outputs) // 1024
        print(f"{path}: {len(outputs)} pictures, {size} kB")


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    main(sys.argv[1:])
