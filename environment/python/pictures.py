"""Static pictures beside the Plotly outputs of an executed notebook.

GitHub runs no script and shows the picture; JupyterLab still draws the live figure. Any text/html
beside the figure is removed, because GitHub would prefer it and show nothing.
"""

import base64
import re
from html import unescape
from pathlib import Path

import plotly
from kaleido.scopes.plotly import PlotlyScope

PLOTLY = "application/vnd.plotly.v1+json"
PICTURE = "image/png"
WIDTH = 840  # about the column of a notebook on GitHub


def add(notebook):
    """Adds a picture to every figure of `notebook`, an nbformat node."""
    # The figure is drawn by the same plotly.js as in the page, not by the old one inside kaleido.
    scope = PlotlyScope(plotlyjs=str(Path(plotly.__file__).parent / "package_data/plotly.min.js"))
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if PLOTLY in data:
                figure = {key: data[PLOTLY][key] for key in ("data", "layout")}
                # As high as the live figure that takes its place, so that the page does not move.
                height = figure["layout"]["height"]
                picture = scope.transform(figure, format="png", width=WIDTH, height=height, scale=1)
                data[PICTURE] = base64.b64encode(picture).decode()
                output.metadata[PICTURE] = {"alt": title(figure["layout"])}
                data.pop("text/html", None)


def title(layout):
    """The title of a figure in one line of plain text."""
    text = layout.get("title", {}).get("text", "figure")
    return unescape(re.sub("<[^>]*>", "", text.replace("<br>", "")))


def of_readme(notebook):
    """The picture of the cell that is tagged "readme", as bytes; None if there is none."""
    for cell in notebook.cells:
        if "readme" in cell.metadata.get("tags", []):
            for output in cell.get("outputs", []):
                if PICTURE in output.get("data", {}):
                    return base64.b64decode(output["data"][PICTURE])
    return None
