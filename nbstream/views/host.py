"""Which front end the running cell belongs to, and the view that fits it.

Decided for each execution without a round trip to the front end: JupyterLab, Notebook 7 and VS Code send the
cell's id with the request; nbclient, nbval and papermill send none and allow no input; anything else (the
IPython terminal, a console, qtconsole) gets text as it comes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Literal

from nbstream.views.base import View

__all__ = ["Mode", "cell_id", "deleted_cells", "detect", "execution", "open_view"]

Mode = Literal["live", "headless", "terminal"]
Page = Callable[[int], dict[str, Any]]


def detect() -> Mode:
    """How the output of the running cell will be seen.

    Returns
    -------
    str
        ``"live"`` in a notebook that someone looks at, ``"headless"`` where a program executes it,
        ``"terminal"`` everywhere else.
    """
    kernel = _kernel()
    if kernel is None:
        return "terminal"
    if cell_id():
        return "live"
    return "terminal" if getattr(kernel, "_allow_stdin", False) else "headless"


def cell_id() -> str | None:
    """Id of the running cell, where the front end sends it."""
    found = _metadata().get("cellId")
    return found if isinstance(found, str) and found else None


def deleted_cells() -> list[str]:
    """Ids of cells that were deleted since the last execution, where the front end (JupyterLab) says so."""
    found = _metadata().get("deletedCells")
    return [cell for cell in found if isinstance(cell, str)] if isinstance(found, list) else []


def execution() -> str | None:
    """What tells the running execution from every other; None outside IPython."""
    kernel = _kernel()
    if kernel is not None:
        return str(kernel.get_parent().get("header", {}).get("msg_id"))
    shell = _shell()
    return None if shell is None else str(shell.execution_count)


def open_view(stop: Callable[[], None], page: Page, *, ended: bool = False, awaited: bool = False) -> View:
    """The view for the running cell.

    Parameters
    ----------
    stop
        Called when its reader presses Stop.
    page
        Gives the inspector the reply's events from the given row on, as JSON.
    ended
        Whether the reply is complete already: then there is nothing to watch, and nothing to stop.
    awaited
        Whether the running cell waits for the reply: then a Stop that the kernel does not hear may
        interrupt it. For any other reply that would end a cell that has nothing to do with it.
    """
    mode = detect()
    if mode == "live" and not ended:
        from nbstream.views.widget import WidgetView

        return WidgetView(stop, page, interruptible=awaited)
    if mode != "terminal":
        from nbstream.views.static import StaticView

        return StaticView()
    from nbstream.views.terminal import TerminalView

    return TerminalView()


def _metadata() -> dict[str, Any]:
    """What the front end sent with the running execution."""
    kernel = _kernel()
    metadata = kernel.get_parent().get("metadata") if kernel is not None else None
    return metadata if isinstance(metadata, dict) else {}


def _kernel() -> Any:
    return getattr(_shell(), "kernel", None)


def _shell() -> Any:
    """The running IPython, without importing it into a program that has none."""
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()
