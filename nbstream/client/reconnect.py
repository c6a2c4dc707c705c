"""An answer that was cut, and how it goes on.

What has come is never replaced or added to in silence: a `Continued` event stands where the answer of
another request begins.
"""

from __future__ import annotations

from nbstream.errors import StreamInterrupted
from nbstream.events import (
    Continuation,
    Continued,
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Warned,
)
from nbstream.limits import OnDisconnect
from nbstream.providers import Prefill
from nbstream.request import ChatRequest
from nbstream.wire.decoder import Events
from nbstream.wire.seam import Seam

__all__ = ["Reconnect"]

_OTHER_DELTAS = (ReasoningDelta, RefusalDelta, ToolCallDelta)
_SHORTEST_PREFIX = 16
"""Characters: with less than this a fresh answer loses nothing, and a join could not be checked."""


class Reconnect:
    """Decides what to ask when an answer was cut, and joins what comes to what was there.

    Parameters
    ----------
    request
        The first request.
    wish
        What the user wants to be done.
    prefill
        How the provider is asked to go on; None where it has no way to.
    """

    def __init__(self, request: ChatRequest, wish: OnDisconnect, prefill: Prefill | None) -> None:
        self._request = request
        self._wish = wish
        self._prefill = prefill
        self._text = ""
        self._parts: list[str] = []
        self._only_text = True
        self._unannounced: Continuation | None = None
        self._seam: Seam | None = None

    def next_request(self, position: tuple[str, int] | None) -> ChatRequest | None:
        """What to ask for now; None where what has come is to be kept as it is.

        Parameters
        ----------
        position
            Where the server takes up the same answer again, if it does.
        """
        self._text += "".join(self._parts)
        self._parts.clear()
        self._seam = None
        if position is not None and self._request.params.get("background"):
            self._unannounced = "resume"
            return self._request.resuming(*position)
        self._unannounced = self._chosen()
        if self._unannounced == "restart":
            return self._request
        if self._unannounced == "prefix" and self._prefill is not None:
            self._seam = Seam(self._text)
            prefill = self._prefill
            return self._request.continuing(self._text.rstrip(), prefill.message, prefill.params)
        return None

    def joined(self, events: Events) -> Events:
        """The events of an attempt, as they go on from those before it."""
        out: Events = []
        for event in events:
            if self._seam is None or self._seam.decided:
                self._pass(event, out)
            else:
                self._join(self._seam, event, out)
            if out and isinstance(out[-1], Failed):
                break
        return out

    def _chosen(self) -> Continuation | None:
        if self._wish == "keep":
            return None
        if self._wish == "restart" or (self._only_text and len(self._text.rstrip()) < _SHORTEST_PREFIX):
            return "restart"
        goes_on = self._only_text and "response_format" not in self._request.params
        return "prefix" if goes_on and self._prefill is not None else None

    def _pass(self, event: StreamEvent, out: Events) -> None:
        if isinstance(event, Warned) and event.kind == "empty" and self._text:
            return
        if isinstance(event, TextDelta) and not event.choice:
            self._announce(event.at, out)
            self._parts.append(event.text)
        elif isinstance(event, _OTHER_DELTAS):
            self._announce(event.at, out)
            self._only_text = self._only_text and isinstance(event, ReasoningDelta)
        out.append(event)

    def _join(self, seam: Seam, event: StreamEvent, out: Events) -> None:
        """Keep text back until the seam is decided; anything else passes."""
        if isinstance(event, TextDelta) and not event.choice:
            text = seam.join(event.text)
        else:
            text = seam.flush() if isinstance(event, Finished | Failed) else ""
        if seam.restarted:
            out.append(Failed(event.at, _began_anew()))
            return
        if text or seam.repeated:
            self._announce(event.at, out, seam.repeated)
        if text:
            self._pass(TextDelta(event.at, text), out)
        if not isinstance(event, TextDelta):
            out.append(event)

    def _announce(self, at: float, out: Events, repeated: int = 0) -> None:
        """Say once, before anything of it, that what follows comes from another request."""
        if self._unannounced is None:
            return
        out.append(Continued(at, self._unannounced, len(self._text), repeated))
        if self._unannounced == "restart":
            self._text, self._only_text = "", True
        self._unannounced = None


def _began_anew() -> StreamInterrupted:
    return StreamInterrupted(
        "The answer was cut, and the server began it anew in place of going on; nothing was joined.",
        advice="What had arrived is kept. Run the cell again, or use on_disconnect='restart'.",
        retryable=False,
    )
