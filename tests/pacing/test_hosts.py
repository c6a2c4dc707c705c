"""Requests that belong together share the pace of each host."""

from __future__ import annotations

import asyncio

from nbstream.pacing import HostPaces
from nbstream.pacing.hosts import shared_slot
from tests.pacing.virtual_time import simulated


async def answered(host: str) -> None:
    """What a client does for one attempt."""
    slot = shared_slot(host)
    assert slot is not None
    async with slot:
        await asyncio.sleep(1)
        slot.response(200, {})


def test_an_answer_and_its_judge_take_one_slot_each_and_never_block_one_another() -> None:
    async def job() -> tuple[float, int]:
        paces, most = HostPaces(3, 2), 0

        async def cell() -> None:
            nonlocal most
            async with paces.request("a"):
                await asyncio.create_task(answered("a"))
                most = max(most, paces.at("a").in_flight)
                await answered("a")

        await asyncio.gather(*(cell() for _ in range(8)))
        return asyncio.get_running_loop().time(), most

    assert simulated(job()) == (8.0, 2)


def test_a_busy_host_does_not_hold_up_another() -> None:
    async def job() -> float:
        paces = HostPaces(10, 1)

        async def cell(host: str) -> float:
            async with paces.request(host):
                await answered(host)
            return asyncio.get_running_loop().time()

        *_, other = await asyncio.gather(*(cell("a") for _ in range(9)), cell("b"))
        return other

    assert simulated(job()) == 1.0


def test_altogether_no_more_than_the_total_are_in_flight() -> None:
    async def job() -> float:
        paces = HostPaces(2, 2)

        async def cell(host: str) -> None:
            async with paces.request(host):
                await answered(host)

        await asyncio.gather(*(cell(host) for host in "abcdef"))
        return asyncio.get_running_loop().time()

    assert simulated(job()) == 3.0


def test_without_sharing_there_is_no_slot() -> None:
    assert shared_slot("a") is None


def test_a_cell_that_sends_nothing_gives_its_slot_back() -> None:
    async def job() -> int:
        paces = HostPaces(1, 1)
        async with paces.request("a"):
            assert paces.at("a").in_flight == 1
        return paces.at("a").in_flight

    assert simulated(job()) == 0
