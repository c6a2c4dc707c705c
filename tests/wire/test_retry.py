"""When to try again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nbstream.errors import (
    AuthenticationError,
    ConnectError,
    ModelError,
    NbstreamError,
    ProtocolError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    StatusError,
    StreamInterruptedError,
)
from nbstream.wire.retry import RetryPolicy, retry_after

NOW = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
AGAIN: list[NbstreamError] = [
    ConnectError("x"),
    ServerError("x", status=503),
    RateLimitError("x", status=429),
    StatusError("x", status=408),
    StreamInterruptedError("x"),
    RequestTimeoutError("x", retryable=True),
]
NEVER: list[NbstreamError] = [
    AuthenticationError("x", status=401),
    RateLimitError("x", kind="quota", status=429),
    StatusError("x", status=400),
    StatusError("x", status=409),
    RequestTimeoutError("x"),
    ProtocolError("x"),
    ModelError("x"),
    ServerError("x", status=500, retryable=False),
    ConnectError("x", retryable=False),
]


@pytest.mark.parametrize("error", AGAIN, ids=repr)
def test_what_is_tried_again_and_how_often(error: NbstreamError) -> None:
    waits = [RetryPolicy(retries=5).wait_before(n, error) for n in range(1, 8)]
    assert waits == [0.5, 1, 2, 4, 8, None, None]


@pytest.mark.parametrize("error", NEVER, ids=repr)
def test_what_is_not(error: NbstreamError) -> None:
    assert RetryPolicy().wait_before(1, error) is None


def test_jitter_shortens_the_wait_by_a_quarter_at_most() -> None:
    assert RetryPolicy().wait_before(1, ServerError("x"), lambda: 1.0) == 0.375


def test_the_server_may_say_how_long() -> None:
    assert RetryPolicy().wait_before(1, RateLimitError("x", retry_after=7.5), lambda: 1.0) == 7.5
    assert RetryPolicy().wait_before(1, RateLimitError("x", retry_after=0.0)) == 0
    assert RetryPolicy().wait_before(1, RateLimitError("x", retry_after=60)) == 60
    assert RetryPolicy().wait_before(1, RateLimitError("x", retry_after=61)) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "12"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "12"}, 12.0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 09:59:30 GMT"}, 0.0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30"}, 30.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds
