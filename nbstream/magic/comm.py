"""What a saved answer's view may order of the kernel: that an older version of it is the one that counts.

The view opens a comm on the target ``"nbstream"`` with ``{"t": "choose", "cell": id, "version": number}`` and
is answered with ``{"ok": bool}``. Nothing else is accepted, and no content travels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbstream.session import Session

__all__ = ["TARGET", "choice_handler"]

TARGET = "nbstream"


def choice_handler(session: Callable[[], Session]) -> Callable[[Any, Mapping[str, Any]], None]:
    """A handler for the comm target, on the chats of one session."""

    def opened(comm: Any, message: Mapping[str, Any]) -> None:
        order = message["content"]["data"]
        cell, version = order.get("cell"), order.get("version")
        known = order.get("t") == "choose" and isinstance(cell, str) and isinstance(version, int)
        comm.send({"ok": known and session().choose(cell, version)})
        comm.close()

    return opened
