"""Detects the front end of the running cell, and chooses its view.

Decided for each execution without a round trip to the front end: JupyterLab, Notebook 7 and VS Code send the
cell's id with the request; a page calls widget callbacks; Voilà sets an environment variable; nbclient, nbval
and papermill send no id and allow no input; anything else (the IPython terminal, a console, qtconsole) gets
text as it arrives. `MODE_VARIABLE` or the setting `NBStream.mode` overrides it.
"""

from __future__ import annotations

import os
import sys
import threading
from importlib import metadata
from typing import Any, Literal, cast, get_args

from nbstream._util.browser import IN_BROWSER
from nbstream.errors import SettingsError
from nbstream.views.base import ReplyCommands, View
from nbstream.views.place import Place

__all__ = [
    "MODE_VARIABLE",
    "Mode",
    "cell_id",
    "compares_outputs",
    "deleted_cells",
    "detect",
    "draws_live_tables",
    "execution",
    "execution_count",
    "hears_cells_only_at_their_end",
    "is_captured",
    "open_view",
    "page",
    "place",
    "sender",
]

Mode = Literal["live", "headless", "terminal"]

MODE_VARIABLE = "NBSTREAM_MODE"
RECORDING_MODES = frozenset({"record", "replay", "off"})
"""Values of the same variable that only concern recordings (`nbstream.cassettes`)."""


def detect() -> Mode:
    """How the output of the running cell will be seen.

    Returns
    -------
    str
        ``"live"`` in an interactive notebook, ``"headless"`` if a program executes it, otherwise
        ``"terminal"``.

    Raises
    ------
    SettingsError
        If the environment sets an unknown mode.
    """
    return _named_mode() or _detected()


def _named_mode() -> Mode | None:
    """The mode from the environment, or else from the setting."""
    named = os.environ.get(MODE_VARIABLE, "").strip().lower() or _setting()
    if named in {"", "auto", *RECORDING_MODES}:
        return None
    if named in get_args(Mode):
        return cast("Mode", named)
    raise SettingsError(
        f"{MODE_VARIABLE} is {named!r}, which is not a mode.",
        advice="Set it to live, headless, terminal or auto.",
    )


def _setting() -> str:
    """`NBStream.mode`, if the settings are loaded."""
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
    """Whether code runs in a widget callback."""
    return str(_header().get("msg_type", "")).startswith("comm_")


def _in_voila() -> bool:
    """Whether Voilà runs the notebook for a page."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def _has_an_output() -> bool:
    """Whether displayed output appears immediately in a page.

    Output of a widget callback has no cell to appear in, unless an `ipywidgets.Output` captures it.
    """
    return not _from_a_widget() or _caught_by_an_output_widget()


def _caught_by_an_output_widget() -> bool:
    widgets = getattr(sys.modules.get("ipywidgets.widgets.widget"), "_instances", {})
    request = _header().get("msg_id")
    return any(getattr(widget, "msg_id", None) == request for widget in tuple(widgets.values()))


def _count() -> int | None:
    """Number of the running execution: IPython releases differ in when they increment `execution_count`."""
    inputs = getattr(_shell(), "user_ns", {}).get("In")
    return len(inputs) - 1 if isinstance(inputs, list) else None


def execution_count() -> int | None:
    """Number of the execution whose code runs; None in a widget callback and outside IPython."""
    return None if _from_a_widget() else _count()


def _home_cell() -> str | None:
    """Id of the running cell, if displayed output goes to it."""
    return None if _caught_by_an_output_widget() else cell_id()


def is_captured() -> bool:
    """Whether `%%capture` or `capture_output` collects the output, each update as another output."""
    return type(getattr(_shell(), "display_pub", None)).__name__ == "CapturingDisplayPublisher"


def draws_live_tables() -> bool:
    """Whether a page draws widgets below the running cell, and shows their updates."""
    return (
        detect() == "live" and not is_captured() and not compares_outputs() and execution_count() is not None
    )


def cell_id() -> str | None:
    """Id of the running cell, if the front end sends it."""
    found = _metadata().get("cellId")
    return found if isinstance(found, str) and found else None


def deleted_cells() -> list[str]:
    """Ids of cells deleted since the last execution, if the front end (JupyterLab) sends them."""
    found = _metadata().get("deletedCells")
    return [cell for cell in found if isinstance(cell, str)] if isinstance(found, list) else []


def page() -> str | None:
    """Id of the page that requested the running execution.

    Only in JupyterLab and Notebook 7, recognised by their `deletedCells`, is a session always one page; None
    elsewhere.
    """
    if not isinstance(_metadata().get("deletedCells"), list):
        return None
    return str(_header()["session"])


def sender() -> str:
    """Id of the session that sent the running code or command; each notebook of a page has its own."""
    return str(_header().get("session", ""))


def place() -> Place:
    """Where the running cell displays."""
    return Place(page(), _home_cell(), _count(), execution())


def execution() -> str | None:
    """Id of the running execution; None outside IPython."""
    kernel = _kernel()
    if kernel is not None:
        return str(_header().get("msg_id"))
    shell = _shell()
    return None if shell is None else str(shell.execution_count)


def why_not_interactive(*, awaited: bool) -> str | None:
    """Why the running cell cannot ask the user while a reply streams; None if it can.

    Parameters
    ----------
    awaited
        Whether the cell waits for the reply, which keeps the kernel busy.
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


def open_view(commands: ReplyCommands, *, ended: bool = False, awaited: bool = False) -> View:
    """The view for the running cell.

    Parameters
    ----------
    commands
        The commands on the reply.
    ended
        Whether the reply is already complete, so that there is nothing to stop.
    awaited
        Whether the running cell waits for the reply: only then may an unanswered Stop interrupt
        the kernel, because otherwise it would end an unrelated cell.
    """
    mode, captured = detect(), is_captured()
    if mode == "live" and not ended and not captured and _has_an_output():
        from nbstream.views.widget import WidgetView

        return WidgetView(commands, awaited=awaited, place=place())
    if mode != "terminal":
        from nbstream.views.static import StaticView

        late = mode == "live" and not captured
        return StaticView(commands, once=late or captured or compares_outputs(), late=late)
    from nbstream.views.terminal import TerminalView

    return TerminalView(commands, asks=awaited or _kernel() is None)


def _hears_while_busy() -> bool:
    """Whether comm messages arrive while a cell is awaited: from ipykernel 7 on."""
    return int(metadata.version("ipykernel").partition(".")[0]) >= 7


def hears_cells_only_at_their_end() -> bool:
    """Whether neither a button nor an interrupt reaches the kernel while a cell runs: in JupyterLite."""
    return IN_BROWSER


def compares_outputs() -> bool:
    """Whether the cell runs in a program that ignores display updates: nbval, which keeps no history."""
    return _part("content").get("store_history") is False


def _metadata() -> dict[str, Any]:
    """The front end's message of the running execution."""
    return _part("metadata")


def _header() -> dict[str, Any]:
    return _part("header")


def _part(name: str) -> dict[str, Any]:
    """A part of the parent message of the running code."""
    kernel = _kernel()
    found = kernel.get_parent().get(name) if kernel is not None else None
    return found if isinstance(found, dict) else {}


def _kernel() -> Any:
    return getattr(_shell(), "kernel", None)


def _shell() -> Any:
    """The running IPython, without importing it into a program that has none."""
    if sys.modules.get("IPython") is None:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()
