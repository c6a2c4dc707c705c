"""What a saved answer's view may order of the kernel.

The view opens a comm on the target ``"nbstream"`` with one of two orders, and is answered with
``{"ok": bool, "message": sentence for the reader}``. Nothing else is accepted, and no content travels.

``{"t": "choose", "cell": id, "version": number}``
    An older version of the cell's answer is the one that counts.
``{"t": "continue", "cell": id, "reply": id}``
    The next run of the cell is to continue that answer. The order stands as long as the comm is open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nbstream.errors import ConfigError

if TYPE_CHECKING:
    from nbstream.session import Session

__all__ = ["TARGET", "order_handler"]

TARGET = "nbstream"


def order_handler(session: Callable[[], Session]) -> Callable[[Any, Mapping[str, Any]], None]:
    """A handler for the comm target, on the chats of one session."""

    def opened(comm: Any, message: Mapping[str, Any]) -> None:
        order = message["content"]["data"]
        match order.get("t"), order.get("cell"), order.get("version"), order.get("reply"):
            case "choose", str(cell), int(version), _:
                comm.send({"ok": session().choose(cell, version)})
                comm.close()
            case "continue", str(cell), _, str(reply):
                _continue(session(), comm, cell, reply)
            case _:
                comm.send({"ok": False})
                comm.close()

    return opened


def _continue(session: Session, comm: Any, cell: str, reply: str) -> None:
    try:
        session.continuations.order(cell, reply)
    except ConfigError as error:
        comm.send({"ok": False, "message": str(error)})
        comm.close()
    else:
        comm.on_close(lambda _: session.continuations.cancel(cell))
        comm.send({"ok": True})
