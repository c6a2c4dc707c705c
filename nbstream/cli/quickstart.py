"""The quickstart notebook: open a copy of it in JupyterLab, or stream its main cell to the terminal.

Its first question goes to the local model. Where none is installed and the reader wants none, the scripted
demo is used instead, after a notice.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nbstream.errors import FileError, NbstreamError
from nbstream.local import engine_is_installed, find_default
from nbstream.local.store import GET_ENGINE, GET_MODEL, user_folder

__all__ = ["MAIN_TAG", "find_notebook", "offer_model", "open_lab", "stream"]

MAIN_TAG = "main"
"""Tag of the cell that `stream` runs to."""

_NOTEBOOK = "notebooks/00-quickstart.ipynb"
_LOCAL, _DEMO = '%config NBStream.model = "local:"', '%config NBStream.model = "demo"'


def find_notebook() -> Path:
    """Path of the notebook: in the package where that is installed, beside it in a checkout.

    Raises
    ------
    FileError
        When it is in neither place.
    """
    package = Path(__file__).parents[1]
    for place in (package / _NOTEBOOK, package.parent / _NOTEBOOK):
        if place.exists():
            return place
    raise FileError(f"This installation lacks {_NOTEBOOK}.", advice="Install nbstream again.")


def offer_model(ask: Callable[[str], bool] | None, failed: str | None = None) -> bool:
    """Offer to install a local model if there is none.

    Parameters
    ----------
    ask
        Asks the user; None if nobody can be asked.
    failed
        Why an installation just failed; then the model is not offered again.

    Returns
    -------
    bool
        Whether a local model will answer. If not, a line on standard output says why.
    """
    if find_default() is not None:
        return True
    why = _without_model(ask) if failed is None else f"It could not be installed. {failed}".strip()
    if why:
        sys.stdout.write(f"The scripted demo answers instead of a language model. {' '.join(why.split())}\n")
    return not why


def open_lab(notebook: Path, port: int | None = None, *, browser: bool = True, local: bool = True) -> int:
    """Open a copy of a notebook in JupyterLab; returns when the server has ended.

    The copy is in a new folder with the other notebooks and is not deleted, so no changes are lost.

    Parameters
    ----------
    notebook
        What is copied.
    port
        Port of the server, 0 for any free one; 8888 or the next free one by default.
    browser
        Whether a browser is opened.
    local
        Whether the local model answers; otherwise the scripted demo.

    Returns
    -------
    int
        Exit status of JupyterLab.
    """
    from jupyterlab.labapp import LabApp

    copy = _copy_of(notebook)
    if not local:
        _ask_demo(copy)
    sys.stdout.write(f"Your copy of the notebook: {copy}\nPress Ctrl+C twice to stop JupyterLab.\n")
    sys.stdout.flush()
    try:
        LabApp.launch_instance([*_lab_options(copy, port, browser)])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def stream(notebook: Path, *, local: bool = True) -> bool:
    """Run a notebook's code cells up to the main one in this terminal.

    Parameters
    ----------
    notebook
        What is run; without a cell tagged `MAIN_TAG`, to its end.
    local
        Whether the local model answers; else the scripted demo does in its place.

    Returns
    -------
    bool
        Whether all of them ran without an error. The answer streams to standard output.
    """
    with tempfile.TemporaryDirectory(prefix="nbstream-") as folder:
        shell = _shell(folder)
        for cell in _sources_to_main(notebook):
            source = cell if local else cell.replace(_LOCAL, _DEMO)
            sys.stdout.write(f"\n{source}\n\n")
            sys.stdout.flush()
            if not shell.run_cell(source).success:
                return False
    return True


def _copy_of(notebook: Path) -> Path:
    """A copy in a new folder, beside copies of the other notebooks, to which it links."""
    folder = Path(tempfile.mkdtemp(prefix="nbstream-demo-"))
    for other in notebook.parent.glob("*.ipynb"):
        shutil.copy(other, folder)
    return folder / notebook.name


def _lab_options(notebook: Path, port: int | None, browser: bool) -> Iterator[str]:
    yield f"--ServerApp.root_dir={notebook.parent}"
    yield f"--LabApp.default_url=/lab/tree/{notebook.name}"
    if port is not None:
        yield f"--port={port}"
    if not browser:
        yield "--no-browser"
    if getattr(os, "geteuid", lambda: 1)() == 0:  # in a container; the server still requires a token
        yield "--allow-root"


def _without_model(ask: Callable[[str], bool] | None) -> str:
    """Offer the model; return why there is none, or an empty text if there is one now."""
    from nbstream.local.manage import install_model

    if not engine_is_installed():
        return f"The engine for local models is not installed. {GET_ENGINE}"
    how = f"No local model is installed. {GET_MODEL}"
    declined = user_folder() / ".declined"
    if ask is None or declined.exists():
        return how
    try:
        outcome = install_model("", ask)
    except NbstreamError as error:
        return str(error)
    sys.stdout.write(f"{outcome}\n")
    if find_default() is not None:
        return ""
    with contextlib.suppress(OSError):  # then the question is repeated next time
        declined.parent.mkdir(parents=True, exist_ok=True)
        declined.touch()
    return how


def _ask_demo(notebook: Path) -> None:
    content = json.loads(notebook.read_text("utf-8"))
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"]).replace(_LOCAL, _DEMO).splitlines(keepends=True)
    notebook.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


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
