"""The comm target ``"nbstream"``: commands of a page without a widget, as of the JupyterLab extension.

The data that opens a comm is a command. The kernel closes the comm after its answer, unless the command lasts
as long as the comm: its handler then subscribes to the end (`CommChannel.on_close`). Messages that the page
sends on an open comm are further commands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nbstream._util.browser import to_page
from nbstream.protocol.dispatch import Handlers, answer

__all__ = ["TARGET", "CommChannel", "HandlersFor", "provide", "withdraw"]

TARGET = "nbstream"


class CommChannel:
    """One comm that a page has opened."""

    def __init__(self, comm: Any) -> None:
        self._comm = comm
        self.lasts = False

    def send(self, message: dict[str, Any], buffers: list[bytes] | None = None, /) -> None:
        """Send one message to the page."""
        self._comm.send(to_page(message), buffers=buffers)

    def on_close(self, callback: Callable[[], object]) -> None:
        """Leave the comm open, and have `callback` called when the page closes it."""
        self.lasts = True
        self._comm.on_close(lambda _: callback())


HandlersFor = Callable[[CommChannel], Handlers]

_providers: dict[str, HandlersFor] = {}


def provide(manager: Any, owner: str, handlers: HandlersFor) -> None:
    """Have commands carried out that arrive on comms.

    Parameters
    ----------
    manager
        The kernel's comm manager.
    owner
        Whose commands they are; later ones of the same owner replace them.
    handlers
        Makes the handlers for one comm.
    """
    _providers[owner] = handlers
    manager.register_target(TARGET, _opened)


def withdraw(manager: Any, owner: str) -> None:
    """Take the commands of one owner back."""
    _providers.pop(owner, None)
    if not _providers:
        manager.targets.pop(TARGET, None)


def _opened(comm: Any, message: Mapping[str, Any]) -> None:
    channel = CommChannel(comm)
    handlers = {name: run for make in _providers.values() for name, run in make(channel).items()}
    comm.on_msg(lambda later: answer(later["content"]["data"], handlers, channel))
    answer(message["content"]["data"], handlers, channel)
    if not channel.lasts:
        comm.close()
