"""Runs one piece of Java in this clone's kernel and prints what it wrote.

    evaluate.py CODE
"""

import os
import sys

os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"

import nbformat
from nbclient import NotebookClient

notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(sys.argv[1])])
NotebookClient(notebook, kernel_name="derta-java", timeout=None, startup_timeout=180).execute()
for output in notebook.cells[0].outputs:
    print(output.get("text") or output["data"]["text/plain"], end="")
