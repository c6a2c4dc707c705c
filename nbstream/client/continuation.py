"""Continues an answer after a disconnect.

Received text is never replaced or extended silently: a `Continued` event marks where the answer of
another request starts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nbstream.errors import ErrorKind, StreamInterruptedError
from nbstream.providers.presets import Prefill
from nbstream.types.deltas import plain_texts
from nbstream.types.events import (
    ContinuationKind,
    Continued,
    Events,
    Failed,
    Finished,
    ImageReceived,
    ReasoningDelta,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Warned,
)
from nbstream.types.limits import OnDisconnect
from nbstream.types.request import ChatRequest
from nbstream.wire.continuation_joiner import ContinuationJoiner

__all__ = ["Continuation", "PartialAnswer", "is_too_short"]

FindPrefill = Callable[[], Awaitable[Prefill | None]]

_NOT_CUT: frozenset[ErrorKind] = frozenset({"limit", "bad_request"})
"""Kinds of errors that another request for the rest would only meet again."""
_DELTAS_BESIDES_TEXT = (ReasoningDelta, RefusalDelta, ToolCallDelta, ImageReceived)
_SHORTEST_PREFIX = 16
"""Characters: with less than this a new answer loses nothing, and a join could not be checked."""


def is_too_short(text: str) -> bool:
    """Whether a partial answer has too little text for a request that continues it.

    Examples
    --------
    >>> is_too_short("Once upon  "), is_too_short("Once upon a time")
    (True, False)
    """
    return len(text.rstrip()) < _SHORTEST_PREFIX


@dataclass(frozen=True, slots=True)
class PartialAnswer:
    """The partial answer of an earlier reply that was cut off.

    Parameters
    ----------
    text
        Its text.
    position
        Its id and last event, if the server can resume it from there.
    """

    text: str = ""
    position: tuple[str, int] | None = None


class Continuation:
    """Decides what to request after a disconnect, and joins the new text to the partial answer.

    Parameters
    ----------
    request
        The first request.
    on_disconnect
        The user's choice.
    prefill
        Looks up how to continue an answer at the provider; returns None if this is not supported.
    partial
        The partial answer of an earlier reply that was cut off; None for a new answer.
    """

    def __init__(
        self,
        request: ChatRequest,
        on_disconnect: OnDisconnect,
        prefill: FindPrefill,
        partial: PartialAnswer | None = None,
    ) -> None:
        self._request = request
        self._on_disconnect = on_disconnect
        self._prefill = prefill
        self._partial = partial
        self._text = partial.text if partial else ""
        self._parts: list[str] = []
        self._only_text = True
        self._unannounced: ContinuationKind | None = None
        self._joiner: ContinuationJoiner | None = None

    async def first_request(self) -> ChatRequest | None:
        """The first request; None if a partial answer cannot be continued."""
        if self._partial is None:
            return self._request
        return self._resumed(self._partial.position) or await self._rest()

    async def can_continue(self, end: Finished | Failed) -> bool:
        """Whether another request could continue the answer."""
        if isinstance(end, Failed) and end.position is not None:
            return True
        if isinstance(end, Finished):
            was_cut = end.reason == "length"
        else:
            was_cut = end.error.kind not in _NOT_CUT and end.error.retryable is not False
        self._gather()
        return was_cut and self._is_continuable() and await self._prefill() is not None

    async def next_request(self, position: tuple[str, int] | None) -> ChatRequest | None:
        """The next request; None to keep the partial answer.

        Parameters
        ----------
        position
            Where the server can resume the same answer, if it can.
        """
        self._gather()
        self._joiner = None
        resumed = self._resumed(position)
        if resumed is not None:
            return resumed
        if self._on_disconnect == "keep":
            return None
        if self._on_disconnect == "restart" or self._is_too_short_yet():
            self._unannounced = "restart"
            return self._request
        return await self._rest()

    def joined(self, events: Events) -> Events:
        """The events of an attempt, joined to those before it."""
        # Usually nothing is joined and a read contains only text: this avoids a loop over events.
        texts = plain_texts(events) if self._unannounced is None and self._joiner is None else []
        if texts:
            self._parts += texts
            return events
        out: Events = []
        for event in events:
            if self._joiner is None or self._joiner.decided:
                self._pass(event, out)
            else:
                self._join(self._joiner, event, out)
            if out and isinstance(out[-1], Failed):
                break
        return out

    def _resumed(self, position: tuple[str, int] | None) -> ChatRequest | None:
        """The request for the rest of a background response."""
        if position is None or not self._request.params.get("background"):
            return None
        self._unannounced = "resume"
        return self._request.resuming(*position)

    async def _rest(self) -> ChatRequest | None:
        """The request for the rest; None if the provider does not support this."""
        prefill = await self._prefill() if self._is_continuable() else None
        if prefill is None:
            return None
        self._joiner, self._unannounced = ContinuationJoiner(self._text), "prefix"
        return self._request.continuing(self._text.rstrip(), prefill.message, prefill.params)

    def _is_continuable(self) -> bool:
        """Whether the partial answer can be sent to a model as its own."""
        plain = self._only_text and "response_format" not in self._request.params
        return plain and self._request.api == "chat" and not self._is_too_short_yet()

    def _is_too_short_yet(self) -> bool:
        return self._only_text and is_too_short(self._text)

    def _gather(self) -> None:
        self._text += "".join(self._parts)
        self._parts.clear()

    def _pass(self, event: StreamEvent, out: Events) -> None:
        if isinstance(event, Warned) and event.kind in {"empty", "only_reasoning"} and self._text:
            return
        if isinstance(event, TextDelta) and not event.choice:
            self._announce(event.at, out)
            self._parts.append(event.text)
        elif isinstance(event, _DELTAS_BESIDES_TEXT):
            self._announce(event.at, out)
            self._only_text = self._only_text and isinstance(event, ReasoningDelta)
        out.append(event)

    def _join(self, joiner: ContinuationJoiner, event: StreamEvent, out: Events) -> None:
        """Hold text back until the join is decided; other events pass."""
        if isinstance(event, TextDelta) and not event.choice:
            text = joiner.join(event.text)
        else:
            text = joiner.flush() if isinstance(event, Finished | Failed) else ""
        if joiner.restarted:
            out.append(Failed(event.at, _started_over()))
            return
        if text or joiner.repeated:
            self._announce(event.at, out, joiner.repeated)
        if text:
            self._pass(TextDelta(event.at, text), out)
        if not isinstance(event, TextDelta):
            out.append(event)

    def _announce(self, at: float, out: Events, repeated: int = 0) -> None:
        """Emit once, before its first delta, that another request follows."""
        if self._unannounced is None:
            return
        out.append(Continued(at, self._unannounced, len(self._text), repeated))
        if self._unannounced == "restart":
            self._text, self._only_text = "", True
        self._unannounced = None


def _started_over() -> StreamInterruptedError:
    return StreamInterruptedError(
        "The answer was cut off, and the server started over instead of continuing; nothing was joined.",
        advice="The partial answer is kept. Run the cell again, or use on_disconnect='restart'.",
        retryable=False,
    )
