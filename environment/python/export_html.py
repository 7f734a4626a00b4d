"""Exports executed notebooks as HTML pages that need no network."""

from pathlib import Path

import plotly
from nbconvert.exporters import HTMLExporter

TEMPLATES = Path(__file__).resolve().parent.parent / "html"


def export(notebook, page):
    exporter = HTMLExporter(
        template_name="derta",
        extra_template_basedirs=[str(TEMPLATES)],
        # plotly.min.js is embedded from here.
        extra_template_paths=[str(Path(plotly.__file__).parent / "package_data")],
    )
    html, _ = exporter.from_filename(str(notebook))
    Path(page).write_text(html, encoding="utf-8")
