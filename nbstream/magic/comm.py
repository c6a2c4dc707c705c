"""What the views of saved answers and the kernel tell each other, on the comm target ``"nbstream"``.

A view opens a comm with one order:

- ``{"t": "choose", "cell": id, "version": number}``: that version is the one that counts. Answered with
  ``{"ok": true, "data": …, "metadata": …}``, the output that shows it from now on, or with ``{"ok": false}``
  where no chat knows the cell or the version. Then the kernel closes the comm.
- ``{"t": "watch"}``: answered with ``{"stale": [ids of cells]}``, now and whenever they have changed, until
  the view closes the comm.

Anything else is answered with ``{"ok": false}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbstream.session import Session

__all__ = ["TARGET", "comm_handler"]

TARGET = "nbstream"


def comm_handler(session: Callable[[], Session]) -> Callable[[Any, Mapping[str, Any]], None]:
    """A handler for the comm target, on the chats of one session."""

    def opened(comm: Any, message: Mapping[str, Any]) -> None:
        order = message["content"]["data"]
        if order.get("t") == "watch":
            _StaleWatch(comm, session())
        else:
            comm.send(_choose(session(), order))
            comm.close()

    return opened


def _choose(session: Session, order: Mapping[str, Any]) -> dict[str, Any]:
    from nbstream.chat import saved_output

    cell, version = order.get("cell"), order.get("version")
    understood = order.get("t") == "choose" and isinstance(cell, str) and isinstance(version, int)
    turn = session.choose(str(cell), int(version or 0)) if understood else None
    output = saved_output(turn) if turn else None
    return {"ok": False} if output is None else {"ok": True, "data": output[0], "metadata": output[1]}


class _StaleWatch:
    """Tells one page which cells are stale."""

    def __init__(self, comm: Any, session: Session) -> None:
        self._comm = comm
        self._told: list[str] | None = None
        end = session.watch(self._tell)
        comm.on_close(lambda _: end())
        self._tell(session.stale_cells())

    def _tell(self, cells: list[str]) -> None:
        if cells != self._told:
            self._told = cells
            self._comm.send({"stale": cells})
