"""A recorded request and what was received for it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

from nbstream.cassettes.scrubbing import MASK, Scrubber

__all__ = ["Ending", "Exchange", "How", "RecordedRequest", "recorded_request"]

How = Literal["complete", "closed", "timeout", "error", "lost"]
"""How a response ended: by itself, by its reader, by its reader's timeout, by an error, with the recorder."""

_API_ROOT = re.compile(r"^.*/(?:v\d[^/]*|beta|openai)/(?=[^/])")
_BOUNDARY = re.compile(r"\A--([^\r\n]{1,70})\r\n")
"""The random line between the parts of an upload."""
_JOB_TAG = re.compile(r'(nbstream(?:-|"\s*:\s*"))[0-9a-f]{16}(?=[".])')
"""The random name of a job of a batch, in the name of its file and in its metadata."""
_DATA_URL = re.compile(r"(data:[\w.+-]+/[\w.+-]+;base64,)([A-Za-z0-9+/=_-]{200,})")


@dataclass(frozen=True)
class RecordedRequest:
    """A request without its secrets.

    Parameters
    ----------
    method, url
        Without user, password and secret query parameters.
    body
        The JSON value; text if it is not JSON, None if there is none.
    """

    method: str
    url: str
    body: Any = None

    @property
    def host(self) -> str:
        """Where it was sent: not part of what is compared."""
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        """The path below the root of the API, with the query.

        Examples
        --------
        >>> RecordedRequest("POST", "https://host.example/api/v1/chat/completions?x=1").path
        'chat/completions?x=1'
        """
        parts = urlsplit(self.url)
        path = _API_ROOT.sub("", parts.path).lstrip("/")
        return f"{path}?{parts.query}" if parts.query else path

    @cached_property
    def canonical(self) -> str:
        """What is compared, as text: equal for equal requests, whatever the order of their fields."""
        body = json.dumps(self.body, sort_keys=True, ensure_ascii=False)
        return f"{self.method} {self.path} {body}"

    @cached_property
    def fingerprint(self) -> str:
        """A hash of what is compared."""
        return hashlib.sha256(self.canonical.encode("utf-8", "surrogatepass")).hexdigest()

    def accepts(self, other: RecordedRequest) -> bool:
        """Whether another request is the same, where this one has a mask for any secret."""
        if MASK not in self.canonical:
            return False
        pattern = ".+?".join(map(re.escape, self.canonical.split(MASK)))
        return re.fullmatch(pattern, other.canonical, re.DOTALL) is not None


@dataclass(frozen=True)
class Ending:
    """How a response ended.

    Parameters
    ----------
    how
        In one word.
    ms
        When, in milliseconds from the request; None if the recorder was lost.
    phase
        What the reader waited for, if its timeout ended it.
    error
        The error and its causes, as `nbstream.cassettes.failures` writes them.
    """

    how: How
    ms: int | None = None
    phase: str = ""
    error: tuple[Mapping[str, Any], ...] = ()


@dataclass
class Exchange:
    """A request and what was received for it, part by part.

    Parameters
    ----------
    number
        Position in the file, from 1.
    request
        The request.
    status, headers
        Of the response; status 0 if none was received.
    pieces
        The body as it was received, server-sent events apart; bytes that are not UTF-8 are surrogates.
    head_ms, ms
        When the head and each piece were received, in milliseconds from the request; None for a piece that
        was received together with the one before it. Unknown if the recorder was lost.
    ending
        How it ended.
    """

    number: int
    request: RecordedRequest
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    head_ms: int = 0
    ms: list[int | None] = field(default_factory=list)
    ending: Ending = field(default_factory=lambda: Ending("lost"))

    def same_answer(self, other: Exchange) -> bool:
        """Whether both differ in nothing but times and the id of the response."""
        return (
            (self.status, self.pieces, self.ending.how) == (other.status, other.pieces, other.ending.how)
            and self.request.url == other.request.url
            and self.headers.keys() == other.headers.keys()
        )


def recorded_request(scrub: Scrubber, method: str, url: str, body: bytes) -> RecordedRequest:
    """A request as a cassette keeps it: a hash replaces large images, constants replace random names."""
    text = _without_random_names(body.decode("utf-8", "surrogateescape"))
    try:
        value: Any = json.loads(text) if text else None
    except ValueError:
        value = text
    return RecordedRequest(method, _without_model_path(scrub.url(url)), scrub.within(_hashed(value)))


def _without_random_names(text: str) -> str:
    boundary = _BOUNDARY.match(text)
    if boundary is not None:
        text = text.replace(boundary[1], "boundary")
    return _JOB_TAG.sub(r"\1job", text)


def _hashed(value: Any) -> Any:
    match value:
        case str():
            return _DATA_URL.sub(_hash, value) if "base64," in value else value
        case dict():
            return {name: _hashed(held) for name, held in value.items()}
        case list():
            return [_hashed(held) for held in value]
        case _:
            return value


def _hash(match: re.Match[str]) -> str:
    digest = hashlib.sha256(match[2].encode()).hexdigest()[:16]
    return f"{match[1]}({len(match[2])} characters, sha256 {digest})"


def _without_model_path(url: str) -> str:
    """The address of a local model without the path of its file, which differs between machines."""
    return re.sub(r"^(http://local\.invalid)/.*?(?=/v1/)", r"\1", url)
