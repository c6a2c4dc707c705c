"""Which front end the running cell belongs to, and the view that fits it.

Decided for each execution without a round trip to the front end: JupyterLab, Notebook 7 and VS Code send the
cell's id with the request; nbclient, nbval and papermill send none and allow no input; anything else (the
IPython terminal, a console, qtconsole) gets text as it comes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from nbstream.views.base import View

__all__ = ["Mode", "cell_id", "detect", "open_view"]

Mode = Literal["live", "headless", "terminal"]


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
    kernel = _kernel()
    if kernel is None:
        return None
    metadata = kernel.get_parent().get("metadata") or {}
    found = metadata.get("cellId")
    return found if isinstance(found, str) and found else None


def open_view(stop: Callable[[], None]) -> View:
    """The view for the running cell; `stop` is called when its reader presses Stop."""
    mode = detect()
    if mode == "live":
        from nbstream.views.widget import WidgetView

        return WidgetView(stop)
    if mode == "headless":
        from nbstream.views.static import StaticView

        return StaticView()
    from nbstream.views.terminal import TerminalView

    return TerminalView()


def _kernel() -> Any:
    import sys

    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return getattr(get_ipython(), "kernel", None)
