"""Limits a minute hold in every minute."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nbstream.pacing.window import SECONDS, SlidingWindow

amounts = st.lists(st.tuples(st.floats(0, 40), st.integers(0, 50)), min_size=1, max_size=80)


@given(most=st.integers(50, 120), requests=amounts)
def test_no_window_of_a_minute_holds_more(most: int, requests: list[tuple[float, int]]) -> None:
    window, now = SlidingWindow(most), 0.0
    taken: list[tuple[float, int]] = []
    for pause, amount in requests:
        now += pause
        now += window.wait(now, amount)
        assert window.wait(now, amount) == 0
        window.take(now, amount)
        taken.append((now, amount))
    for start, _ in taken:
        assert sum(amount for at, amount in taken if start <= at < start + SECONDS) <= most


@given(most=st.integers(1, 20), pauses=st.lists(st.floats(0, 5), min_size=1, max_size=60))
def test_nothing_waits_longer_than_needed(most: int, pauses: list[float]) -> None:
    window, now = SlidingWindow(most), 0.0
    taken: list[float] = []
    for pause in pauses:
        now += pause
        wait = window.wait(now, 1)
        counted = sum(at > now - SECONDS for at in taken)
        assert wait == 0 or counted >= most or now + wait - taken[-most] <= SECONDS + 0.2
        now += wait
        window.take(now, 1)
        taken.append(now)


def test_the_count_of_the_server_replaces_the_estimate() -> None:
    window = SlidingWindow(100)
    use = window.take(0, 100)
    assert window.wait(1, 50) > 0
    window.correct(use, 40)
    assert window.wait(1, 50) == 0
    assert window.wait(100, 100) == 0
    window.correct(use, 90)
    assert window.wait(100, 100) == 0
