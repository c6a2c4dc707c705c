"""Messages between the views of saved answers and the kernel, on the comm target ``"nbstream"``.

A view opens a comm with one command:

- ``{"t": "choose", "cell": id, "version": number}``: selects this version. Answered with
  ``{"ok": true, "data": …, "metadata": …}``, the output that shows it from now on. Then the kernel closes the
  comm.
- ``{"t": "output", "cell": id, "reply": id}``: answered with the output that shows this answer now, in the
  same form as a choice. Then the kernel closes the comm.
- ``{"t": "continue", "cell": id, "reply": id}``: the next run of the cell continues this answer.
  Answered with ``{"ok": true}``; the command is valid as long as the comm is open.
- ``{"t": "watch", "answers": [[id of a cell, id of its reply], …]}``: the answers that the notebook shows.
  Answered with ``{"stale": [ids of cells], "loaded": [ids of cells whose turns of an earlier session were
  loaded], "process": beginning of the ids of this kernel's replies}``, now and whenever one of the lists has
  changed, until the view closes the comm.

What the kernel cannot do, and anything else, is answered with ``{"ok": false, "message": sentence for the
reader}``, the message only where there is something to say; then the kernel closes the comm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nbstream.errors import ConfigError
from nbstream.record.state import PROCESS

if TYPE_CHECKING:
    from nbstream.conversation.conversation import Turn
    from nbstream.magic.session import Session

__all__ = ["TARGET", "comm_handler"]

TARGET = "nbstream"


def comm_handler(session: Callable[[], Session]) -> Callable[[Any, Mapping[str, Any]], None]:
    """A handler for the comm target, on the chats of one session."""

    def opened(comm: Any, message: Mapping[str, Any]) -> None:
        order = message["content"]["data"]
        match order.get("t"), order.get("cell"), order.get("version"), order.get("reply"):
            case "watch", _, _, _:
                session().note_shown(_pairs(order.get("answers")))
                _StaleWatch(comm, session())
            case "choose", str(cell), int(version), _:
                comm.send(_output(session().choose(cell, version)))
                comm.close()
            case "output", str(cell), _, str(reply):
                comm.send(_output(session().turn_shown(cell, reply)))
                comm.close()
            case "continue", str(cell), _, str(reply):
                _continue(session(), comm, cell, reply)
            case _:
                comm.send({"ok": False})
                comm.close()

    return opened


def _output(turn: Turn | None) -> dict[str, Any]:
    from nbstream.conversation.versions import saved_output

    output = saved_output(turn) if turn else None
    return {"ok": False} if output is None else {"ok": True, "data": output[0], "metadata": output[1]}


def _continue(session: Session, comm: Any, cell: str, reply: str) -> None:
    try:
        session.continuations.order(cell, reply)
    except ConfigError as error:
        comm.send({"ok": False, "message": str(error)})
        comm.close()
    else:
        comm.on_close(lambda _: session.continuations.cancel(cell))
        comm.send({"ok": True})


class _StaleWatch:
    """Tells one page which cells are stale, and which have turns of an earlier session."""

    def __init__(self, comm: Any, session: Session) -> None:
        self._comm = comm
        self._session = session
        self._told: tuple[list[str], list[str]] | None = None
        end = session.watch(self._tell)
        comm.on_close(lambda _: end())
        self._tell(session.stale_cells())

    def _tell(self, cells: list[str]) -> None:
        told = cells, self._session.loaded_cells()
        if told != self._told:
            self._told = told
            self._comm.send({"stale": cells, "loaded": told[1], "process": PROCESS})


def _pairs(answers: object) -> dict[str, str]:
    """Ids of cells with the ids of their replies; invalid pairs are omitted."""
    pairs = (pair for pair in answers if isinstance(pair, list)) if isinstance(answers, list) else ()
    return {pair[0]: pair[1] for pair in pairs if [type(part) for part in pair] == [str, str]}
