"""Static pictures beside the Plotly outputs of an executed notebook.

GitHub runs no script and shows the picture; JupyterLab still draws the live figure. Any text/html
beside the figure is removed, because GitHub would prefer it and show nothing.
"""

import base64
from pathlib import Path

import plotly
from kaleido.scopes.plotly import PlotlyScope

PLOTLY = "application/vnd.plotly.v1+json"
PICTURE = "image/png"
WIDTH, SCALE = 840, 1.25  # about the column of a notebook on GitHub; sharper costs space in git


def add(notebook):
    """Adds a picture to every figure of `notebook`, an nbformat node."""
    # The figure is drawn by the same plotly.js as in the page, not by the old one inside kaleido.
    scope = PlotlyScope(plotlyjs=str(Path(plotly.__file__).parent / "package_data/plotly.min.js"))
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if PLOTLY in data:
                figure = {key: data[PLOTLY][key] for key in ("data", "layout")}
                height = figure["layout"].get("height", 420)
                picture = scope.transform(figure, format="png", width=WIDTH, height=height, scale=SCALE)
                data[PICTURE] = base64.b64encode(picture).decode()
                data.pop("text/html", None)


def of_readme(notebook):
    """The picture of the cell that is tagged "readme", as bytes; None if there is none."""
    for cell in notebook.cells:
        if "readme" in cell.metadata.get("tags", []):
            for output in cell.get("outputs", []):
                if PICTURE in output.get("data", {}):
                    return base64.b64decode(output["data"][PICTURE])
    return None
