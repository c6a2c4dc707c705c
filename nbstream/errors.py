"""Everything nbstream raises.

::

    NbstreamError
    ├── ConfigError              settings, options or arguments do not make sense
    ├── RequestError             no answer began
    │   ├── ConnectionFailed     the server was not reached
    │   ├── TimedOut             the server was silent for too long
    │   └── StatusError          the server refused, with an HTTP status
    │       ├── AuthenticationError   401, 403
    │       ├── RateLimited           429
    │       └── ServerError           5xx
    └── StreamError              an answer began; `.partial` holds its text
        ├── StreamInterrupted    the connection ended before the server said that it was done
        ├── ProtocolError        what came is not a chat completion, or passes a limit
        └── ModelError           the server reported an error inside the stream

Errors of the `openai` SDK and of HTTP libraries are translated into these in `nbstream.client` and
nowhere else; the original is the `__cause__`. A stop asked for by the user is a status of the reply,
not an error.

Examples
--------
>>> from nbstream.errors import NbstreamError, ServerError
>>> try:
...     raise ServerError("The server is overloaded.", status=503, advice="Try again in a minute.")
... except NbstreamError as error:
...     print(error.kind, error.status, "|", error)
server 503 | The server is overloaded. Try again in a minute.
"""

from __future__ import annotations

import textwrap
from typing import Literal

__all__ = [
    "AuthenticationError",
    "ConfigError",
    "ConnectionFailed",
    "ErrorKind",
    "ModelError",
    "NbstreamError",
    "ProtocolError",
    "RateLimited",
    "RequestError",
    "ServerError",
    "StatusError",
    "StreamError",
    "StreamInterrupted",
    "TimedOut",
]

ErrorKind = Literal[
    "connection",
    "timeout",
    "truncated",
    "provider",
    "protocol",
    "redirect",
    "limit",
    "auth",
    "permission",
    "quota",
    "not_found",
    "bad_request",
    "rate_limit",
    "server",
]

MESSAGE_BYTES = 2000
LINE_CHARS = 90


class NbstreamError(Exception):
    """Base of all errors of nbstream.

    Parameters
    ----------
    message
        What went wrong, in one or two sentences; cut at 2,000 bytes of UTF-8.
    kind
        One word out of a closed list, for code that decides by it. Each class has its default.
    advice
        What to do next.
    status
        HTTP status, where the server gave one.
    retry_after
        Seconds after which the server said to try again.
    retryable
        Whether the same request may get through when it is sent again; None where the kind decides.
    """

    default_kind: ErrorKind = "bad_request"

    def __init__(
        self,
        message: str,
        *,
        kind: ErrorKind | None = None,
        advice: str = "",
        status: int | None = None,
        retry_after: float | None = None,
        retryable: bool | None = None,
    ) -> None:
        self.message = _shortened(message)
        self.kind: ErrorKind = kind or self.default_kind
        self.advice = _shortened(advice)
        self.status = status
        self.retry_after = retry_after
        self.retryable = retryable
        super().__init__(self.message)

    def __str__(self) -> str:
        stop = "" if not self.advice or self.message.endswith((".", "!", "?", "…", "。")) else "."
        return f"{self.message}{stop} {self.advice}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by value: `__cause__` holds the request with its headers, and must stay behind."""
        return _rebuild, (type(self), self.__dict__.copy())

    def _render_traceback_(self) -> list[str]:
        """A sentence or two in place of a traceback: the protocol of IPython's `showtraceback`.

        Lines end between words, because notebooks break longer ones anywhere.
        """
        name, whole = type(self).__name__, str(self)
        fits = len(name) + len(whole) + 2 <= LINE_CHARS
        texts = [f"{name}: {whole}"] if fits else [f"{name}: {self.message}", self.advice]
        return ["\n".join(line for text in texts for part in text.splitlines() for line in _lines(part))]


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, LINE_CHARS, break_long_words=False, break_on_hyphens=False)


def _shortened(text: str) -> str:
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= MESSAGE_BYTES:
        return encoded.decode()
    return encoded[: MESSAGE_BYTES - len("…".encode())].decode("utf-8", "ignore") + "…"


def _rebuild(cls: type[NbstreamError], fields: dict[str, object]) -> NbstreamError:
    error = cls.__new__(cls, fields["message"])
    error.__dict__.update(fields)
    return error


class ConfigError(NbstreamError):
    """Settings, options or arguments do not make sense; nothing was sent."""


class RequestError(NbstreamError):
    """No answer began."""

    default_kind: ErrorKind = "connection"


class ConnectionFailed(RequestError):
    """The server was not reached, or hung up before it answered."""


class TimedOut(RequestError):
    """The server was silent for longer than the limit."""

    default_kind: ErrorKind = "timeout"


class StatusError(RequestError):
    """The server refused the request with an HTTP status."""

    default_kind: ErrorKind = "bad_request"


class AuthenticationError(StatusError):
    """The server did not accept the key (401), or the key may not do this (403)."""

    default_kind: ErrorKind = "auth"


class RateLimited(StatusError):
    """Too many requests, or the account has no credit left (429)."""

    default_kind: ErrorKind = "rate_limit"


class ServerError(StatusError):
    """The server failed (5xx)."""

    default_kind: ErrorKind = "server"


class StreamError(NbstreamError):
    """An answer began and did not end well.

    Attributes
    ----------
    partial : str
        The text that had arrived. Empty where the error came before any text.
    """

    default_kind: ErrorKind = "provider"
    partial: str = ""


class StreamInterrupted(StreamError):
    """The connection ended before the server said that the answer was complete."""

    default_kind: ErrorKind = "truncated"


class ProtocolError(StreamError):
    """What came is not a chat completion, or it passes one of the limits."""

    default_kind: ErrorKind = "protocol"


class ModelError(StreamError):
    """The server reported an error inside the stream."""
