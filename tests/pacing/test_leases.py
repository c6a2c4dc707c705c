"""Limits a minute that are lent to workers hold in every minute, however the workers use them."""

from __future__ import annotations

import heapq
from random import Random

import pytest

from nbstream.pacing.leases import Lease, LeaseWindow
from nbstream.pacing.window import SECONDS, SlidingWindow


@pytest.mark.parametrize("seed", range(20))
def test_no_minute_has_more_than_the_limit(seed: int) -> None:
    """Workers in simulated time: each sends as fast as its own window lets it, with repeated requests."""
    chance, most, workers = Random(seed), 40, 4  # noqa: S311
    window, sent = LeaseWindow(most), list[float]()
    now, active = 0.0, list[tuple[float, int, Lease, int]]()
    for number in range(60):
        amount = chance.randint(1, most // workers)
        while (wait := window.wait(now, amount)) is None or wait > 0:
            if wait is None:
                now, _, lease, used = heapq.heappop(active)
                window.end(lease, now, used)
            else:
                now += wait
        lease, own, at = window.lend(amount), SlidingWindow(amount), now
        requests = chance.randint(1, 2 * amount)
        for _ in range(requests):
            at += own.wait(at, 1)
            own.take(at, 1)
            sent.append(at)
            at += chance.choice([0.0, 0.0, 0.1, 5.0])
        heapq.heappush(active, (at, number, lease, requests))
        while active and active[0][0] <= now:
            ended, _, lease, used = heapq.heappop(active)
            window.end(lease, ended, used)
    sent.sort()
    for first, after in zip(sent, sent[most:], strict=False):
        assert after - first >= SECONDS


def test_what_a_worker_did_not_use_is_lent_again() -> None:
    window = LeaseWindow(10)
    lease = window.lend(10)
    assert window.wait(0.0, 1) is None
    window.end(lease, 1.0, used=4)
    assert window.wait(1.0, 6) == 0
    assert window.wait(1.0, 7) == pytest.approx(SECONDS, abs=0.2)
