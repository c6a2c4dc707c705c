"""One answer in a store."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from nbstream.batching.outcome import Outcome, RowStatus
from nbstream.batching.row_request import RowRequest
from nbstream.types.usage import Usage

__all__ = ["COLUMNS", "StoredAnswer", "checksum"]

COLUMNS = {
    "key": "BLOB NOT NULL",
    "time": "TEXT NOT NULL",
    "endpoint": "TEXT NOT NULL",
    "model": "TEXT NOT NULL",
    "sample": "INTEGER NOT NULL",
    "request": "TEXT NOT NULL",
    "status": "TEXT NOT NULL",
    "text": "TEXT NOT NULL",
    "reasoning": "TEXT NOT NULL",
    "finish_reason": "TEXT",
    "input_tokens": "INTEGER",
    "output_tokens": "INTEGER",
    "cached_tokens": "INTEGER",
    "cost": "TEXT",
    "seconds": "REAL",
    "attempts": "INTEGER NOT NULL",
}

_LONG_DATA = re.compile(r"(data:[\w.+-]+/[\w.+-]+;base64,[A-Za-z0-9+/]{64})[A-Za-z0-9+/=]{200,}")


def checksum(row: Sequence[object]) -> int:
    """Of the values of an answer: a damaged page can hold other text, which SQLite does not notice.

    Examples
    --------
    >>> checksum(["Oslo", 1]) == checksum(["Oslo", 2])
    False
    """
    return zlib.crc32(repr(tuple(row)).encode("utf-8", "surrogatepass"))


class StoredAnswer(NamedTuple):
    """One answer in a store.

    Parameters
    ----------
    key
        Fingerprint of the request: SHA-256.
    time
        When it arrived, in ISO 8601 and UTC.
    endpoint, model, sample
        Who answered, and the number of the answer among several to the same request.
    request
        The messages as JSON; of images and files only the beginning.
    status, text, reasoning, finish_reason
        As of an `Outcome`.
    input_tokens, output_tokens, cached_tokens
        What the server counted.
    cost
        The price in US dollars as text; None where none is known.
    seconds, attempts
        How long it took, and how many requests.
    """

    key: bytes
    time: str
    endpoint: str
    model: str
    sample: int
    request: str
    status: RowStatus
    text: str
    reasoning: str
    finish_reason: str | None
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    cost: str | None
    seconds: float | None
    attempts: int

    @classmethod
    def of(cls, request: RowRequest, outcome: Outcome) -> StoredAnswer:
        """The answer of an outcome, as of now."""
        usage, template = outcome.usage or Usage(), request.template
        text = request.text.encode("utf-8", "backslashreplace").decode()
        return cls(
            request.key,
            datetime.now(UTC).isoformat(),
            request.lane.sender.endpoint.host,
            template.model,
            template.sample,
            _LONG_DATA.sub(r"\1…", text) if "base64," in text else text,
            outcome.status,
            outcome.text,
            outcome.reasoning,
            outcome.finish_reason,
            usage.input,
            usage.output,
            usage.cached,
            None if usage.cost is None else str(usage.cost),
            outcome.seconds,
            outcome.attempts,
        )

    @property
    def outcome(self) -> Outcome:
        """What a row with this request gets."""
        usage = Usage(
            self.input_tokens,
            self.output_tokens,
            cached=self.cached_tokens,
            cost=None if self.cost is None else Decimal(self.cost),
        )
        return Outcome(
            self.status,
            self.text,
            self.reasoning,
            self.finish_reason,
            usage,
            self.seconds,
            self.attempts,
            cached=True,
        )
