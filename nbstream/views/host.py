"""Which front end the running cell belongs to, and the view that fits it.

Decided for each execution without a round trip to the front end: JupyterLab, Notebook 7 and VS Code send the
cell's id with the request; a page calls the callback of a widget; Voilà says in the environment that it
serves pages; nbclient, nbval and papermill send no id and allow no input; anything else (the IPython
terminal, a console, qtconsole) gets text as it comes. Where that is wrong, `MODE_VARIABLE` or the setting
`NBStream.mode` names the mode.
"""

from __future__ import annotations

import os
import sys
import threading
from importlib import metadata
from typing import Any, Literal, cast, get_args

from nbstream.errors import SettingsError
from nbstream.views.base import Controls, View

__all__ = [
    "MODE_VARIABLE",
    "Mode",
    "cell_id",
    "deleted_cells",
    "detect",
    "execution",
    "is_captured",
    "open_view",
    "page",
    "unasked",
]

Mode = Literal["live", "headless", "terminal"]

MODE_VARIABLE = "NBSTREAM_MODE"


def detect() -> Mode:
    """How the output of the running cell will be seen.

    Returns
    -------
    str
        ``"live"`` in a notebook that someone looks at, ``"headless"`` where a program executes it,
        ``"terminal"`` everywhere else.

    Raises
    ------
    SettingsError
        When the environment names a mode that does not exist.
    """
    return _named_mode() or _detected()


def _named_mode() -> Mode | None:
    """The mode that the environment names, else the one of the setting."""
    named = os.environ.get(MODE_VARIABLE, "").strip().lower() or _setting()
    if named in {"", "auto"}:
        return None
    if named in get_args(Mode):
        return cast("Mode", named)
    raise SettingsError(
        f"{MODE_VARIABLE} is {named!r}, which is not a mode.",
        advice="Set it to live, headless, terminal or auto.",
    )


def _setting() -> str:
    """`NBStream.mode`, where the settings are loaded: without them it cannot have been set."""
    config = sys.modules.get("nbstream.config")
    return str(config.NBStream.instance().mode) if config and config.NBStream.initialized() else ""


def _detected() -> Mode:
    kernel = _kernel()
    if kernel is None:
        return "terminal"
    if cell_id() or _from_a_widget() or _in_voila():
        return "live"
    return "terminal" if getattr(kernel, "_allow_stdin", False) else "headless"


def _from_a_widget() -> bool:
    """Whether code runs as the callback of a widget, which someone clicked or typed into."""
    return str(_header().get("msg_type", "")).startswith("comm_")


def _in_voila() -> bool:
    """Whether Voilà runs the notebook, for a page that will be connected to this kernel."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def _has_an_output() -> bool:
    """Whether what the running code displays now appears at once in a page.

    What the callback of a widget displays has no cell to appear in, unless an `ipywidgets.Output` catches it.
    """
    return not _from_a_widget() or _caught_by_an_output_widget()


def _caught_by_an_output_widget() -> bool:
    widgets = getattr(sys.modules.get("ipywidgets.widgets.widget"), "_instances", {})
    request = _header().get("msg_id")
    return any(getattr(widget, "msg_id", None) == request for widget in tuple(widgets.values()))


def _count() -> int | None:
    """Number of the running execution: releases of IPython differ in when `execution_count` is raised."""
    inputs = getattr(_shell(), "user_ns", {}).get("In")
    return len(inputs) - 1 if isinstance(inputs, list) else None


def _home_cell() -> str | None:
    """Id of the running cell, if what is displayed now becomes an output of it."""
    return None if _caught_by_an_output_widget() else cell_id()


def is_captured() -> bool:
    """Whether `%%capture` or `capture_output` collects what is displayed, each update as another output."""
    return type(getattr(_shell(), "display_pub", None)).__name__ == "CapturingDisplayPublisher"


def cell_id() -> str | None:
    """Id of the running cell, where the front end sends it."""
    found = _metadata().get("cellId")
    return found if isinstance(found, str) and found else None


def deleted_cells() -> list[str]:
    """Ids of cells that were deleted since the last execution, where the front end (JupyterLab) says so."""
    found = _metadata().get("deletedCells")
    return [cell for cell in found if isinstance(cell, str)] if isinstance(found, list) else []


def page() -> str | None:
    """What tells the page that asked for the running execution from every other.

    A session is known to be one page, for as long as it lasts, in JupyterLab and Notebook 7 alone, which are
    known by the `deletedCells` that they send; None elsewhere.
    """
    if not isinstance(_metadata().get("deletedCells"), list):
        return None
    return str(_header()["session"])


def execution() -> str | None:
    """What tells the running execution from every other; None outside IPython."""
    kernel = _kernel()
    if kernel is not None:
        return str(_header().get("msg_id"))
    shell = _shell()
    return None if shell is None else str(shell.execution_count)


def unasked(*, awaited: bool) -> str | None:
    """Why the running cell could not ask its reader anything while a reply goes on; None where it could.

    Parameters
    ----------
    awaited
        Whether the cell waits for the reply, so that the kernel is busy meanwhile.
    """
    mode = detect()
    if mode == "headless" or is_captured():
        return "This run is not interactive"
    if threading.current_thread() is not threading.main_thread():
        return "A cell inside another one, as under %%time or %%capture, cannot ask"
    if mode == "live":
        return (
            None
            if not awaited or _hears_while_busy()
            else "This kernel cannot receive button clicks while a cell runs"
        )
    if not awaited:
        return "A terminal cannot ask once the cell has ended"
    return None if _kernel() is not None or sys.stdin.isatty() else "There is no interactive terminal"


def open_view(controls: Controls, *, ended: bool = False, awaited: bool = False) -> View:
    """The view for the running cell.

    Parameters
    ----------
    controls
        What its reader may order of the reply, and see of it.
    ended
        Whether the reply is complete already: then there is nothing to watch, and nothing to stop.
    awaited
        Whether the running cell waits for the reply: then a Stop that the kernel does not hear may
        interrupt it. For any other reply that would end a cell that has nothing to do with it.
    """
    mode, captured = detect(), is_captured()
    if mode == "live" and not ended and not captured and _has_an_output():
        from nbstream.views.place import Place
        from nbstream.views.widget import WidgetView

        place = Place(page(), _home_cell(), _count())
        return WidgetView(controls, awaited=awaited, place=place)
    if mode != "terminal":
        from nbstream.views.static import StaticView

        late = mode == "live" and not captured
        return StaticView(controls, once=late or captured or _compares_outputs(), late=late)
    from nbstream.views.terminal import TerminalView

    return TerminalView(controls, asks=awaited or _kernel() is None)


def _hears_while_busy() -> bool:
    """Whether comm messages arrive while a cell is awaited: from ipykernel 7 on."""
    return int(metadata.version("ipykernel").partition(".")[0]) >= 7


def _compares_outputs() -> bool:
    """Whether a program runs the cell that ignores updates of a display: nbval, which keeps no history."""
    return _part("content").get("store_history") is False


def _metadata() -> dict[str, Any]:
    """What the front end sent with the running execution."""
    return _part("metadata")


def _header() -> dict[str, Any]:
    return _part("header")


def _part(name: str) -> dict[str, Any]:
    """A part of the message that the running code answers."""
    kernel = _kernel()
    found = kernel.get_parent().get(name) if kernel is not None else None
    return found if isinstance(found, dict) else {}


def _kernel() -> Any:
    return getattr(_shell(), "kernel", None)


def _shell() -> Any:
    """The running IPython, without importing it into a program that has none."""
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()
