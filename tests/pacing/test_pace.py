"""`Pace` against simulated servers: it reaches their hidden limits, and keeps those of the user."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbstream import ArgumentError, ConnectError, RateLimitError, RequestTimeoutError, ServerError
from nbstream.pacing import Pace, Verdict
from tests.pacing.servers import FewAtATime, Headers, Says, TokenBucket, ask, keep_sending, now
from tests.pacing.virtual_time import simulated

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _same_jitter() -> None:
    """What a simulation reaches is the same on each run."""
    random.seed(1)


@pytest.mark.parametrize(
    ("rate", "burst", "latency", "says"),
    [
        (20, 20, 0.2, "seconds"),
        (20, 20, 0.2, "ms"),
        (20, 20, 2, "nothing"),
        (50, 10, 0.5, "seconds"),
        (10, 600, 1, "ms"),
        (1, 60, 3, "seconds"),
    ],
)
def test_the_rate_of_a_server_is_found(rate: float, burst: float, latency: float, says: Says) -> None:
    seconds = 400

    async def job() -> TokenBucket:
        server = TokenBucket(lambda _: rate, burst, latency, says)
        await keep_sending(Pace(), server, seconds)
        return server

    server = simulated(job())
    assert server.accepted >= 0.9 * rate * seconds
    assert server.refused <= 0.05 * server.accepted


@pytest.mark.parametrize(("most", "latency"), [(1, 1), (2, 1), (10, 2), (50, 10)])
def test_the_number_at_a_time_of_a_server_is_found(most: int, latency: float) -> None:
    async def job() -> FewAtATime:
        server = FewAtATime(most, latency)
        await keep_sending(Pace(), server, 1800)
        return server

    server = simulated(job())
    assert server.accepted >= 0.9 * most / latency * 1800
    assert server.refused <= 0.04 * server.accepted


def test_a_server_that_refuses_with_503_loses_few_requests() -> None:
    async def job() -> list[Verdict]:
        return await keep_sending(Pace(), FewAtATime(20, 2, status=503), 600)

    verdicts = simulated(job())
    assert sum(verdict.outcome == "done" for verdict in verdicts) >= 0.9 * 20 / 2 * 600
    assert sum(verdict.outcome == "permanent" for verdict in verdicts) <= 0.001 * len(verdicts)


def test_a_server_that_queues_is_not_flooded() -> None:
    async def job() -> FewAtATime:
        server = FewAtATime(10, 2, queues=True)
        await keep_sending(Pace(), server, 200)
        return server

    server = simulated(job())
    assert server.accepted >= 0.95 * 10 / 2 * 200
    assert server.peak < 60


def test_a_rate_that_changes_is_followed() -> None:
    """10 a second, then 2, then 20: each for a quarter of an hour."""

    def rate(at: float) -> float:
        return 10 if at < 900 else 2 if at < 1800 else 20

    async def job() -> list[int]:
        server, counts = TokenBucket(rate, 10, 1), [0]
        sending = asyncio.create_task(keep_sending(Pace(), server, 2700))
        for _ in range(3):
            await asyncio.sleep(900)
            counts.append(server.accepted)
        await sending
        assert server.refused <= 0.02 * server.accepted
        return counts

    counts = simulated(job())
    shares = [(b - a) / 900 / r for a, b, r in zip(counts, counts[1:], (10, 2, 20), strict=False)]
    assert min(shares) >= 0.9, shares


def test_a_refusal_pauses_all_requests_and_costs_no_attempt() -> None:
    async def job() -> list[float]:
        pace, sent = Pace(4), []

        async def request() -> Verdict:
            verdict = None
            while verdict is None or verdict.again:
                async with pace.slot(after=verdict) as slot:
                    sent.append(now())
                    verdict = slot.response(*((429, {"retry-after": "30"}) if now() < 20 else (200, {})))
            return verdict

        verdicts = await asyncio.gather(*(request() for _ in range(8)))
        assert [(verdict.outcome, verdict.attempts) for verdict in verdicts] == [("done", 0)] * 8
        assert pace.refusals == len(sent) - 8
        return sent

    sent = simulated(job())
    assert not [at for at in sent if 0 < at < 30]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after-ms": "2500"}, 2.5),
        ({"retry-after": format_datetime(NOON + timedelta(seconds=90), usegmt=True)}, 90),
        (
            {
                "x-ratelimit-limit-requests": "60",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "12s",
            },
            12,
        ),
        (
            {
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-11-30T12:00:20Z",
            },
            20,
        ),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOON.timestamp() + 40))}, 40),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOON.timestamp() + 40) * 1000)}, 40),
        ({"ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "0", "ratelimit-reset": "50"}, 50),
        ({"retry-after": "soon", "x-ratelimit-remaining-requests": "none"}, 0.25),
    ],
)
def test_how_long_a_server_asks_to_wait(headers: Headers, seconds: float) -> None:
    async def job() -> float:
        pace = Pace(utc_now=lambda: NOON)
        async with pace.slot() as slot:
            slot.response(429, headers)
        return pace.paused_for

    assert seconds <= simulated(job()) <= seconds * 1.11


def test_a_limit_that_is_announced_is_never_reached() -> None:
    """OpenAI's headers: 60 requests a minute, refilled all the time."""

    async def job() -> tuple[int, int]:
        accepted = refused = 0
        level, at = 60.0, 0.0
        pace = Pace()

        class Announcing:
            async def send(self) -> tuple[int, Headers]:
                nonlocal level, at, accepted, refused
                level, at = min(60.0, level + now() - at), now()
                if level < 1:
                    refused += 1
                    return 429, {"retry-after": "1"}
                level -= 1
                accepted += 1
                headers = {
                    "x-ratelimit-limit-requests": "60",
                    "x-ratelimit-remaining-requests": str(int(level)),
                    "x-ratelimit-reset-requests": f"{60 - level:.3f}s",
                }
                await asyncio.sleep(1)
                return 200, headers

        await keep_sending(pace, Announcing(), 1800, workers=8)
        return accepted, refused

    accepted, refused = simulated(job())
    assert accepted >= 0.9 * 1800
    assert refused <= 0.01 * accepted


def test_tokens_that_run_out_slow_down_requests() -> None:
    async def job() -> float | None:
        pace = Pace()
        async with pace.slot(tokens=500) as slot:
            slot.response(
                200,
                {
                    "x-ratelimit-limit-tokens": "60000",
                    "x-ratelimit-remaining-tokens": "400",
                    "x-ratelimit-reset-tokens": "59.6s",
                },
            )
            return pace.rate

    rate = simulated(job())
    assert rate == pytest.approx(2)


@settings(max_examples=40, deadline=None)
@given(
    rpm=st.integers(1, 60),
    tpm=st.integers(1000, 20_000),
    jobs=st.lists(
        st.tuples(st.floats(0, 100), st.integers(1, 1000), st.floats(0, 90)), min_size=1, max_size=120
    ),
)
def test_no_minute_has_more_requests_or_tokens_than_allowed(
    rpm: int, tpm: int, jobs: list[tuple[float, int, float]]
) -> None:
    async def job() -> list[tuple[float, int]]:
        pace, sent = Pace(20, rpm=rpm, tpm=tpm), []

        async def request(at: float, tokens: int, seconds: float) -> None:
            await asyncio.sleep(at)
            async with pace.slot(tokens=tokens) as slot:
                sent.append((now(), tokens))
                await asyncio.sleep(seconds)
                slot.response(200, {})

        await asyncio.gather(*(request(*each) for each in jobs))
        return sent

    sent = simulated(job())
    assert len(sent) == len(jobs)
    for start, _ in sent:
        window = [tokens for at, tokens in sent if start <= at < start + 60]
        assert len(window) <= rpm
        assert sum(window) <= tpm


def test_nearly_all_of_a_limit_a_minute_is_used() -> None:
    async def job() -> int:
        server = TokenBucket(lambda _: 1000, 1000, 2)
        await keep_sending(Pace(rpm=100), server, 3600)
        return server.accepted

    assert 5900 <= simulated(job()) <= 6000


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"", "done"),
        (204, b"", "done"),
        (400, b"", "permanent"),
        (401, b"", "permanent"),
        (404, b"", "permanent"),
        (408, b"", "again"),
        (422, b"", "permanent"),
        (429, b'{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}', "again"),
        (429, b'{"error": {"message": "no credit", "code": "insufficient_quota"}}', "permanent"),
        (500, b"", "again"),
        (502, b"<html>", "again"),
        (529, b"", "again"),
    ],
)
def test_what_is_sent_again(status: int, body: bytes, outcome: str) -> None:
    async def job() -> Verdict:
        async with Pace().slot() as slot:
            return slot.response(status, {}, body)

    verdict = simulated(job())
    assert verdict.outcome == outcome
    assert (verdict.error is None) == (outcome == "done")
    if verdict.error is not None:
        assert str(status) in verdict.error.message


def test_attempts_are_used_up() -> None:
    async def job() -> tuple[Verdict, float]:
        class Broken:
            async def send(self) -> tuple[int, Headers]:
                return 500, {}

        return await ask(Pace(), Broken()), now()

    verdict, seconds = simulated(job())
    assert (verdict.outcome, verdict.attempts) == ("permanent", 3)
    assert 1 < seconds < 2


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ConnectError("Could not reach it."), "again"),
        (ConnectError("Its certificate is not trusted.", retryable=False), "permanent"),
        (RequestTimeoutError("No answer.", retryable=True), "again"),
        (ServerError("Down.", status=503, retry_after=3), "again"),
        (RateLimitError("Slow down.", status=429), "again"),
        (RateLimitError("No credit.", status=429, kind="quota"), "permanent"),
        (ArgumentError("temperature is wrong."), "permanent"),
    ],
)
def test_errors_of_the_client_are_judged_alike(error: Exception, outcome: str) -> None:
    async def job() -> Verdict:
        async with Pace().slot() as slot:
            return slot.failed(error)  # type: ignore[arg-type]

    assert simulated(job()).outcome == outcome


def test_a_server_may_forbid_to_send_again() -> None:
    async def job() -> str:
        async with Pace().slot() as slot:
            return slot.response(500, {"x-should-retry": "false"}).outcome

    assert simulated(job()) == "permanent"


def test_a_wait_that_is_too_long_is_an_error() -> None:
    async def job() -> Verdict:
        async with Pace().slot() as slot:
            return slot.response(429, {"retry-after": "86400"})

    verdict = simulated(job())
    assert verdict.outcome == "permanent"
    assert verdict.error is not None
    assert verdict.error.retry_after == 86400


def test_a_server_that_refuses_for_ever_is_given_up() -> None:
    async def job() -> tuple[Verdict, float]:
        class Refusing:
            async def send(self) -> tuple[int, Headers]:
                return 429, {}

        return await ask(Pace(), Refusing()), now()

    verdict, seconds = simulated(job())
    assert verdict.outcome == "permanent"
    assert 600 < seconds < 700


def test_a_cancelled_request_gives_its_slot_back() -> None:
    async def job() -> tuple[int, int]:
        pace, done = Pace(1), deque[int]()

        async def hold() -> None:
            async with pace.slot():
                await asyncio.sleep(1000)

        async def short(number: int) -> None:
            async with pace.slot() as slot:
                slot.response(200, {})
                done.append(number)

        held = asyncio.create_task(hold())
        await asyncio.sleep(1)
        waiting = [asyncio.create_task(short(number)) for number in range(3)]
        await asyncio.sleep(1)
        assert pace.waiting == 3
        waiting[0].cancel()
        await asyncio.sleep(1)
        held.cancel()
        await asyncio.gather(held, *waiting, return_exceptions=True)
        assert list(done) == [1, 2]
        return pace.in_flight, pace.waiting

    assert simulated(job()) == (0, 0)


def test_a_request_cancelled_as_it_is_let_through_gives_its_slot_back() -> None:
    async def job() -> int:
        pace = Pace(1)
        async with pace.slot():
            waiting = asyncio.create_task(pace.slot().__aenter__())
            await asyncio.sleep(1)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        async with pace.slot():
            return pace.in_flight

    assert simulated(job()) == 1


@pytest.mark.parametrize(
    "arguments", [{"concurrency": 0}, {"concurrency": "many"}, {"rpm": 0}, {"tpm": 1.5}, {"rpm": True}]
)
def test_wrong_limits_are_errors(arguments: dict[str, object]) -> None:
    with pytest.raises(ArgumentError, match=r"is not a whole number of at least 1\. Pass a number or"):
        Pace(**arguments)  # type: ignore[arg-type]


def test_a_request_that_never_fits_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="about 5,000 tokens exceeds tpm=1,000"):
        Pace(tpm=1000).slot(tokens=5000)


def test_a_server_that_answers_slowly_is_not_given_up() -> None:
    """It works on one request for an hour, and refuses all others in that time."""

    async def job() -> list[Verdict]:
        class Slow:
            busy = False

            async def send(self) -> tuple[int, Headers]:
                if self.busy:
                    return 429, {}
                self.busy = True
                await asyncio.sleep(3600)
                self.busy = False
                return 200, {}

        pace, server = Pace(), Slow()
        return await asyncio.gather(*(ask(pace, server) for _ in range(3)))

    assert [verdict.outcome for verdict in simulated(job())] == ["done"] * 3
