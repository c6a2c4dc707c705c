"""The warning about a reply whose request was never sent."""

from __future__ import annotations

import sys
import warnings
from weakref import finalize

from nbstream.errors import NotSentWarning

__all__ = ["Unsent"]

_ADVICE = "Call .result(), use it in a for loop, or await it."
_Place = tuple[str, int]
_registry: dict[str | tuple[str, type[Warning], int], int] = {}


class Unsent:
    """Warns, once, about a reply that is read before it was sent, or that never is.

    The latter is found when the reply is deleted, at the latest when the interpreter exits.

    Parameters
    ----------
    reply
        The reply.
    """

    def __init__(self, reply: object) -> None:
        text = f"This reply was never sent, because no event loop was running. {_ADVICE}"
        self._at_its_end = finalize(reply, _warn, text, _users_place())

    def read(self) -> None:
        """Warn the reader of a reply that has not been sent."""
        if self.sent():
            _warn(f"This reply has not been sent yet, so there is nothing to read. {_ADVICE}", _users_place())

    def sent(self) -> bool:
        """Note that there is nothing to warn about any more; False if there was nothing before."""
        return self._at_its_end.detach() is not None


def _users_place() -> _Place:
    """File and line of the code that called nbstream."""
    frame = sys._getframe(1)  # noqa: SLF001  `warnings` skips modules by their names from Python 3.12 on
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith("nbstream."):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def _warn(text: str, place: _Place) -> None:
    warnings.warn_explicit(text, NotSentWarning, *place, registry=_registry)
