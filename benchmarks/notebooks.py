"""How long the notebooks of the documentation run: what `make notebooks` costs beside kernels and packages.

A fresh kernel each, recorded answers at pace 0. The packages that cells would import first, such as
pandas or the OpenAI SDK, are imported in an extra cell, which is measured apart.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from benchmarks.report import Row, Table
from nbstream.cassettes.scope import FILE_VARIABLE, MODE_VARIABLE, PACE_VARIABLE

ROUNDS = 3
FOLDER = Path(__file__).parents[1] / "notebooks"
PACKAGES = "import openai, httpx2, httpcore2, pandas, fastapi, uvicorn, pydantic, anywidget, ipywidgets"
SETTINGS = {"NBSTREAM_NO_PROBE": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def seconds(cell: Any) -> float:
    """From the start of a cell to the kernel's reply."""
    times = cell["metadata"].get("execution", {})
    if "shell.execute_reply" not in times:
        return 0.0
    began, ended = (
        datetime.fromisoformat(times[name]) for name in ("iopub.execute_input", "shell.execute_reply")
    )
    return (ended - began).total_seconds()


def replay(name: str) -> dict[str, str]:
    """Environment variables that replay the notebook's cassette, if it has one."""
    cassette = FOLDER / "cassettes" / f"{name}.jsonl"
    if not cassette.exists():
        return {}
    return {FILE_VARIABLE: str(cassette), MODE_VARIABLE: "replay", PACE_VARIABLE: "0"}


def cells(path: Path, first: str | None) -> list[float]:
    """Seconds of each cell of a notebook, after an extra one."""
    notebook = nbformat.read(path, 4)
    if first is not None:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(first))
    client = NotebookClient(notebook, record_timing=True, resources={"metadata": {"path": str(FOLDER)}})
    client.execute(env=os.environ | SETTINGS | replay(path.stem))
    return [seconds(cell) for cell in notebook.cells]


def figures(path: Path) -> dict[str, float]:
    """The least of some runs."""
    whole, packages, own, slowest = [], [], [], []
    for _ in range(ROUNDS):
        whole.append(sum(cells(path, None)))
        imported, *others = cells(path, PACKAGES)
        packages.append(imported)
        own.append(sum(others))
        slowest.append(max(others))
    columns = {
        "as it is, s": whole,
        "packages, s": packages,
        "the rest, s": own,
        "its slowest cell, s": slowest,
    }
    return {name: min(values) for name, values in columns.items()}


def run() -> Iterator[Table]:
    """One table, a row for each notebook."""
    rows = [Row(path.stem, figures(path)) for path in sorted(FOLDER.glob("*.ipynb"))]
    yield Table("notebooks", "seconds of the cells of each notebook, with answers at pace 0", rows)
