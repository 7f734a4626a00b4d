"""Exports executed notebooks as HTML pages that need no network.

usage: export_html.py OUT_DIR NOTEBOOK...
"""

import sys
from pathlib import Path

import plotly
from nbconvert.exporters import HTMLExporter

TEMPLATES = Path(__file__).resolve().parent.parent / "html"


def main(out, *notebooks):
    exporter = HTMLExporter(
        template_name="derta",
        extra_template_basedirs=[str(TEMPLATES)],
        # plotly.min.js is embedded from here.
        extra_template_paths=[str(Path(plotly.__file__).parent / "package_data")],
    )
    for notebook in map(Path, notebooks):
        page, _ = exporter.from_filename(str(notebook))
        target = Path(out) / notebook.with_suffix(".html").name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, encoding="utf-8")
        print(target)


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
