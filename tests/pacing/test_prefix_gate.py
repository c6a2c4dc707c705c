"""Rows with a shared prefix follow the first token of one of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nbstream.pacing import PrefixGate
from nbstream.pacing.prefixes import shared_prefixes
from tests.pacing.cache import CachingServer, gated, questions, ungated
from tests.pacing.virtual_time import simulated

LONG = "word " * 1000
OTHER = "term " * 1000


def user(text: object) -> dict[str, Any]:
    return {"role": "user", "content": text}


@pytest.mark.parametrize("workers", [1, 2, 10, 50, 100, 200])
@pytest.mark.parametrize("size", [8, 1000])
def test_only_the_first_row_of_each_document_misses_the_cache(workers: int, size: int) -> None:
    server, rows = CachingServer(size), questions(20, 50)
    order = simulated(gated(server, rows, 50, workers))
    assert sorted(order) == list(range(1000))
    assert server.hits == 980


@pytest.mark.parametrize(("workers", "most"), [(50, 0.7), (200, 0.1)])
def test_without_the_gate_rows_of_a_document_miss_it_together(workers: int, most: float) -> None:
    server = CachingServer()
    simulated(ungated(server, range(1000), 50, workers))
    assert server.rate < most


def test_an_answer_that_is_not_streamed_warms_the_cache_at_its_end() -> None:
    server = CachingServer()
    simulated(gated(server, questions(20, 50), 50, 200, streamed=False))
    assert server.hits == 980


def test_followers_wait_for_the_first_token() -> None:
    async def job() -> None:
        gate = PrefixGate([[user(LONG + text)] for text in "abc"])
        first = await gate.next()
        assert first is not None
        assert first.leads
        waiting = asyncio.create_task(gate.next())
        await asyncio.sleep(100)
        assert not waiting.done()
        first.warm()
        second = await waiting
        assert second is not None
        assert (second.row, second.leads) == (1, False)

    simulated(job())


def test_another_row_leads_after_one_that_failed() -> None:
    async def job() -> None:
        gate = PrefixGate([[user(LONG + text)] for text in "abc"])
        first = await gate.next()
        assert first is not None
        first.done()
        second = await gate.next()
        assert second is not None
        assert second.leads

    simulated(job())


def test_the_last_row_ends_the_gate_for_all_that_wait() -> None:
    async def job() -> list[object]:
        gate = PrefixGate([[user(LONG)], [user(LONG)]])
        first = await gate.next()
        assert first is not None
        tasks = [asyncio.create_task(gate.next()) for _ in range(3)]
        await asyncio.sleep(1)
        first.warm()
        turns = await asyncio.gather(*tasks)
        return [turn.row if turn is not None else None for turn in turns]

    assert simulated(job()) == [1, None, None]


def test_a_prefix_unused_for_long_is_led_again() -> None:
    async def job() -> bool:
        gate = PrefixGate([[user(LONG)], [user(LONG)]])
        first = await gate.next()
        assert first is not None
        first.warm()
        await asyncio.sleep(3600)
        second = await gate.next()
        assert second is not None
        return second.leads

    assert simulated(job())


def test_nested_prefixes_are_warmed_from_the_outside() -> None:
    """All rows share a system message, and each two of them a document."""
    rows = [[{"role": "system", "content": LONG}, user(f"{d} {OTHER} {q}")] for d in "ab" for q in "12"]

    async def job() -> list[int]:
        gate = PrefixGate(rows)
        first = await gate.next()
        assert first is not None
        waiting = [asyncio.create_task(gate.next()) for _ in range(3)]
        await asyncio.sleep(1)
        assert not any(task.done() for task in waiting)
        first.warm()
        await asyncio.sleep(1)
        turns = [task.result() for task in waiting if task.done()]
        assert [(turn.row, turn.leads) for turn in turns if turn] == [(1, False), (2, True)]
        assert turns[1] is not None
        turns[1].warm()
        last = await waiting[2]
        assert last is not None
        assert not last.leads
        return [last.row]

    assert simulated(job()) == [3]


def test_rows_without_a_shared_prefix_never_wait() -> None:
    async def job() -> list[bool]:
        gate = PrefixGate([user(text)] for text in ("a", "b", LONG, ""))
        turns = [await gate.next() for _ in range(5)]
        assert turns.pop() is None
        return [turn.leads for turn in turns if turn]

    assert simulated(job()) == [False] * 4


def test_no_rows() -> None:
    async def job() -> object:
        return await PrefixGate([]).next()

    assert simulated(job()) is None


@pytest.mark.parametrize(
    ("rows", "groups"),
    [
        ([[user("short")], [user("short")]], 0),
        ([[user(LONG)], [user(OTHER)]], 0),
        ([[user(LONG + "a")], [user(LONG + "b")]], 1),
        ([[{"role": "system", "content": LONG}], [user(LONG)]], 0),
        (
            [
                [user([{"type": "text", "text": LONG}, {"type": "image_url", "image_url": {"url": u}}])]
                for u in "ab"
            ],
            1,
        ),
        ([[user(LONG)], [user(LONG), {"role": "assistant", "content": "x"}, user("more")]], 1),
        ([[user("é" * 3000)], [user("é" * 3000 + "\ud800")]], 1),
        ([[user(None)], [user(LONG)]], 0),
    ],
)
def test_which_rows_share_a_prefix(rows: list[list[dict[str, Any]]], groups: int) -> None:
    assert len({digest for path in shared_prefixes(rows) for digest in path}) == groups
