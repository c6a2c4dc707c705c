"""Finds the chat to serve: a name in a module, script or notebook."""

from __future__ import annotations

import importlib
import json
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nbstream.chat import Chat
from nbstream.errors import ArgumentError, SettingsError

__all__ = ["load"]


def load(target: str) -> Chat | Callable[[], Chat]:
    """Find the chat, or the function that returns one, named by `target`.

    Parameters
    ----------
    target
        ``package.module:name``, ``script.py:name`` or ``notebook.ipynb:name``. A notebook's cells run in
        order until the name exists; later cells do not run.

    Raises
    ------
    ConfigError
        If the module, file or name does not exist, its code fails, or the name is neither a chat nor a
        function.
    """
    where, _, name = target.rpartition(":")
    if not where or not name.isidentifier():
        raise ArgumentError(
            f"{target!r} is not a valid target.",
            advice="Use MODULE:NAME or NOTEBOOK.ipynb:NAME, for example prototype.ipynb:chat.",
        )
    names = _names_in(where, name)
    if name not in names:
        raise ArgumentError(f"There is no {name!r} in {where}.", advice="Check the name after the colon.")
    found: Any = names[name]
    if not isinstance(found, Chat) and not callable(found):
        message = f"{name!r} in {where} is a {type(found).__name__}."
        raise ArgumentError(message, advice="Use a Chat, or a function that returns one.")
    return found  # type: ignore[no-any-return]


def _names_in(where: str, name: str) -> dict[str, Any]:
    try:
        if where.endswith(".ipynb"):
            return _run_notebook(Path(where), name)
        if where.endswith(".py"):
            sys.path.insert(0, str(Path(where).parent.resolve()))  # like `python script.py`
            return runpy.run_path(where)
        sys.path.insert(0, str(Path.cwd()))
        return vars(importlib.import_module(where))
    except Exception as error:
        message = f"{where} cannot be loaded: {type(error).__name__}: {error}."
        raise SettingsError(message, advice="Run it by itself to see why.") from error


def _run_notebook(path: Path, name: str) -> dict[str, Any]:
    """Run cells in an IPython shell, so that magics and top-level ``await`` work, until `name` exists."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    sys.path.insert(0, str(path.parent.resolve()))
    names: dict[str, Any] = shell.user_ns
    cells = _code_cells(path)
    while name not in names and (source := next(cells, None)) is not None:
        shell.run_cell(source).raise_error()
    return names


def _code_cells(path: Path) -> Iterator[str]:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"])
