"""Failures on request: a prompt with ``demo:…`` shows how the client handles server faults."""

from __future__ import annotations

import re
from enum import StrEnum

from nbstream.demo.errors import APIError

__all__ = ["Fault", "fault_in", "refusal"]


class Fault(StrEnum):
    """The faults, by the word after ``demo:`` in the last user message."""

    UNAUTHORIZED = "error-401"
    """Answer 401, whatever the key."""
    RATE_LIMITED = "error-429"
    """Answer 429 with ``retry-after: 1`` to a first attempt and the text to every later one.

    An attempt is a first one where its header ``x-stainless-retry-count`` (the SDK's own) is 0 or
    absent: the demo keeps no memory, so that the same request always gets the same answer.
    """
    SERVER_ERROR = "error-500"
    """Answer 500 to every attempt."""
    ERROR_IN_STREAM = "error-stream"
    """Half of the text, then an error object instead of a chunk; 500 without streaming."""
    CUT = "cut"
    """Half of the text, then the connection breaks."""
    MALFORMED = "malformed"
    """A chunk that is not valid JSON in the middle of an answer that is otherwise complete."""
    STALL = "stall"
    """Half of the text, then silence until the client disconnects."""
    SLOW = "slow"
    """Two seconds to the first token and five tokens per second, times the pace."""

    @property
    def trigger(self) -> str:
        """The text that asks for the fault."""
        return f"demo:{self.value}"


# A longer word must be tried before its prefix.
_TRIGGER = re.compile("demo:(" + "|".join(sorted(Fault, key=len, reverse=True)) + r")(?![\w-])")


def fault_in(prompt: str) -> Fault | None:
    """The fault that `prompt` asks for, if any.

    Examples
    --------
    >>> fault_in("Tell me a story demo:cut, please")
    <Fault.CUT: 'cut'>
    """
    found = _TRIGGER.search(prompt)
    return Fault(found[1]) if found else None


def refusal(fault: Fault | None, *, attempt: int, streamed: bool) -> APIError | None:
    """The error that a request gets immediately, if `fault` requires it.

    Parameters
    ----------
    fault
        The requested fault.
    attempt
        How often the client has tried before: 0 for the first attempt.
    streamed
        Whether the answer is streamed: only then can it fail halfway.
    """
    trigger = fault.trigger if fault else ""
    if fault is Fault.UNAUTHORIZED:
        message = f"Incorrect API key provided (the prompt asked for {trigger})."
        return APIError(401, message, code="invalid_api_key")
    if fault is Fault.RATE_LIMITED and attempt == 0:
        message = f"Rate limit reached (the prompt asked for {trigger}). Please try again in 1s."
        code = "rate_limit_exceeded"
        return APIError(429, message, kind="requests", code=code, headers={"retry-after": "1"})
    if fault is Fault.SERVER_ERROR or (fault is Fault.ERROR_IN_STREAM and not streamed):
        return server_error(trigger)
    return None


def server_error(trigger: str) -> APIError:
    """The server's failure, as an HTTP error or inside a stream."""
    message = f"The server had an error while it worked on your request (the prompt asked for {trigger})."
    return APIError(500, message, kind="server_error")
