"""The quickstart notebook: open a copy of it in JupyterLab, or stream its main cell to the terminal."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbstream.errors import ConfigError

__all__ = ["MAIN_TAG", "find_notebook", "open_lab", "stream"]

MAIN_TAG = "main"
"""Tag of the cell that `stream` runs to."""

_NOTEBOOK = "notebooks/00-quickstart.ipynb"


def find_notebook() -> Path:
    """Path of the notebook: in the package where that is installed, beside it in a checkout.

    Raises
    ------
    ConfigError
        When it is in neither place.
    """
    package = Path(__file__).parent
    for place in (package / _NOTEBOOK, package.parent / _NOTEBOOK):
        if place.exists():
            return place
    raise ConfigError(f"This installation lacks {_NOTEBOOK}.", advice="Install nbstream again.")


def open_lab(notebook: Path, port: int | None = None, *, browser: bool = True) -> int:
    """Open a copy of a notebook in JupyterLab; returns when the server has ended.

    The copy lies in a new folder and stays there: what is tried out is neither lost nor in the way.

    Parameters
    ----------
    notebook
        What is copied.
    port
        Port of the server, 0 for any free one; 8888 or the next free one by default.
    browser
        Whether a browser is opened.

    Returns
    -------
    int
        Exit status of JupyterLab.
    """
    from jupyterlab.labapp import LabApp

    copy = Path(shutil.copy(notebook, tempfile.mkdtemp(prefix="nbstream-demo-")))
    sys.stdout.write(f"Your copy of the notebook: {copy}\nPress Ctrl+C twice to end JupyterLab.\n")
    sys.stdout.flush()
    try:
        LabApp.launch_instance([*_lab_options(copy, port, browser)])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def stream(notebook: Path) -> bool:
    """Run a notebook's code cells up to the main one in this terminal.

    Parameters
    ----------
    notebook
        What is run; without a cell tagged `MAIN_TAG`, to its end.

    Returns
    -------
    bool
        Whether all of them ran without an error. The answer streams to standard output.
    """
    with tempfile.TemporaryDirectory(prefix="nbstream-") as folder:
        shell = _shell(folder)
        for source in _sources_to_main(notebook):
            sys.stdout.write(f"\n{source}\n\n")
            sys.stdout.flush()
            if not shell.run_cell(source).success:
                return False
    return True


def _lab_options(notebook: Path, port: int | None, browser: bool) -> Iterator[str]:
    yield f"--ServerApp.root_dir={notebook.parent}"
    yield f"--LabApp.default_url=/lab/tree/{notebook.name}"
    if port is not None:
        yield f"--port={port}"
    if not browser:
        yield "--no-browser"
    if getattr(os, "geteuid", lambda: 1)() == 0:  # in a container; the server asks for a token all the same
        yield "--allow-root"


def _sources_to_main(notebook: Path) -> Iterator[str]:
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"])
            if MAIN_TAG in cell["metadata"].get("tags", ()):
                return


def _shell(folder: str) -> Any:
    """An IPython shell that neither reads nor writes anything of the user's."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.ast_node_interactivity = "none"  # no "Out[1]:" below a streamed answer
    return InteractiveShell.instance(config=config, ipython_dir=folder)
