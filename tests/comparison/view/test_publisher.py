"""What the page of a comparison receives, applied as the page applies it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from nbstream.comparison import Comparison, compare
from nbstream.comparison.view.commands import GridCommands
from nbstream.comparison.view.pacer import GridPacer
from nbstream.comparison.view.publisher import GridPublisher
from nbstream.protocol.dispatch import answer
from tests.loopback import ByteServer
from tests.loopback.chunks import END, delta, says
from tests.loopback.gate import Gate
from tests.loopback.responses import sse_response
from tests.loopback.steps import Hold

LETTER = "a\N{GRINNING FACE}"


class Page:
    """Applies messages as `js/core/grid-store.ts` does."""

    def __init__(self, publisher: GridPublisher, name: str = "page") -> None:
        self.publisher = publisher
        self.name = name
        self.state = publisher.snapshot()
        self.heads = self.state["cells"]
        self.texts: dict[int, str] = {}
        self.sizes: list[int] = []

    def show(self, numbers: Sequence[int]) -> None:
        lacking = [number for number in numbers if number not in self.texts]
        for number, text, _ in self.publisher.show(self.name, numbers, lacking):
            self.texts[number] = text

    def paint(self, cells: Sequence[int], now: float) -> bool:
        self.take(self.publisher.message(cells, now))
        return self.publisher.has_late

    def take(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        assert message["seq"] == self.state["seq"] + 1
        self.state["seq"] = message["seq"]
        for number, head in message.get("heads", []):
            self.heads[number] = head
        for number, offset, added in message.get("texts", []):
            if number not in self.texts:  # shown by another page
                continue
            before = self.texts[number].encode("utf-16-le")
            assert offset * 2 <= len(before)
            self.texts[number] = before[: 2 * offset].decode("utf-16-le") + added
        self.state |= message.get("figures", {})


def grid_on(server: ByteServer, **options: Any) -> Comparison:
    return compare("Hi", base_url=server.base_url, **{"models": ["m", "n"], **options})


async def test_page_has_the_texts_in_sight_and_the_figures_of_all() -> None:
    step = Gate()
    with ByteServer(lambda _: step.script([delta(LETTER)], [delta(LETTER), *END])) as server:
        grid = grid_on(server, n=3, checks="contains: b")
        page = Page(GridPublisher(grid))
        pacer = GridPacer(page.paint)
        grid.subscribe(lambda cell: pacer.poke(page.publisher.number(cell)))
        page.show([0, 2])
        begun = asyncio.Event()
        grid.subscribe(lambda _: begun.set() if all(cell.text for cell in grid.cells) else None)
        await begun.wait()
        step.open()
        await grid
        pacer.flush()
    assert page.texts == {0: 2 * LETTER, 2: 2 * LETTER}
    assert [head[:1] + head[5:] for head in page.heads] == [["finished", 4, "f", 0]] * 6
    assert page.state["done"]
    assert [column["statuses"] for column in page.state["columns"]] == [{"finished": 3}, {"finished": 3}]


async def test_a_text_that_comes_into_sight_is_whole() -> None:
    with ByteServer(says(LETTER)) as server:
        grid = await grid_on(server)
        page = Page(GridPublisher(grid))
        page.show([0])
        page.show([0, 1])
        page.take(page.publisher.message([0, 1], 5.0))
    assert page.texts == {0: LETTER, 1: LETTER}


async def test_each_of_two_pages_has_the_texts_in_its_sight() -> None:
    step = Gate()
    with ByteServer(lambda _: step.script([delta(LETTER)], [delta(LETTER), *END])) as server:
        grid = grid_on(server, models=["l", "m", "n"])
        publisher = GridPublisher(grid)
        pages = [Page(publisher, "one"), Page(publisher, "two")]
        begun = asyncio.Event()
        grid.subscribe(lambda _: begun.set() if all(cell.text for cell in grid.cells) else None)
        await begun.wait()
        pages[0].show([0, 1])
        pages[1].show([1, 2])
        step.open()
        await grid
        message = publisher.message([0, 1, 2], 5.0)
        for page in pages:
            page.take(message)
        assert [page.texts for page in pages] == [
            {0: 2 * LETTER, 1: 2 * LETTER},
            {1: 2 * LETTER, 2: 2 * LETTER},
        ]
        publisher.leave("one")
        grid.rerun([grid.cells[0], grid.cells[1]])
        await grid
        message = publisher.message([0, 1], 9.0)
    assert message is not None
    assert [number for number, _, _ in message["texts"]] == [1], "nobody sees cell 0"


async def test_a_page_that_comes_later_is_sent_what_the_others_have() -> None:
    step = Gate()
    with ByteServer(lambda _: step.script([delta(LETTER)], [delta(LETTER), *END])) as server:
        grid = grid_on(server, models="m")
        publisher = GridPublisher(grid)
        pages = [Page(publisher, "one"), Page(publisher, "two")]
        begun = asyncio.Event()
        grid.subscribe(lambda cell: begun.set() if cell.text else None)
        await begun.wait()
        pages[0].show([0])
        step.open()
        await grid
        pages[1].show([0])  # between two messages
        message = publisher.message([0], 5.0)
        for page in pages:
            page.take(message)
    assert [page.texts for page in pages] == [{0: 2 * LETTER}] * 2


async def test_pages_that_never_report_their_end_are_forgotten() -> None:
    with ByteServer(says(LETTER)) as server:
        grid = await grid_on(server, n=10)
        publisher = GridPublisher(grid)
        for number in range(20):
            Page(publisher, f"page {number}").show([number])
        grid.rerun(list(grid.cells))
        await grid
        message = publisher.message(range(20), 5.0)
    assert message is not None
    assert [number for number, _, _ in message["texts"]] == list(range(12, 20))


async def test_an_edit_sends_which_outcomes_turned() -> None:
    rows = [{"x": "a"}, {"x": "b"}, {"x": "c"}]
    with ByteServer(lambda request: says(request.json["messages"][-1]["content"])) as server:
        options: dict[str, Any] = {"base_url": server.base_url, "models": "m", "over": rows}
        before = await compare("it is {{ x }} or b", checks="contains: b", **options)
        after = await compare("it is {{ x }}", checks="contains: b", since=before, **options)
        snapshot = GridPublisher(after).snapshot()
    assert "changes" not in GridPublisher(before).snapshot()
    assert snapshot["changes"] == {
        "prompts": ["- it is {{ x }} or b", "+ it is {{ x }}"],
        "good": [],
        "bad": [0, 2],
        "unchanged": 1,
    }


async def test_an_answer_that_is_requested_again_replaces_its_text() -> None:
    with ByteServer(lambda _: says("again" if len(server.requests) > 2 else "long before")) as server:
        grid = await grid_on(server)
        page = Page(GridPublisher(grid))
        page.show([0, 1])
        grid.rerun([grid.cells[0]])
        page.take(page.publisher.message([0], 1.0))
        assert page.texts[0] == ""
        assert page.heads[0][0] == "waiting"
        await grid
        page.take(page.publisher.message([0], 2.0))
    assert page.texts == {0: "again", 1: "long before"}


async def test_figures_follow_although_nothing_more_arrives() -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        grid = grid_on(server)
        page = Page(GridPublisher(grid))
        shown = asyncio.Event()

        def paint(cells: Sequence[int], now: float) -> bool:
            late = page.paint(cells, now)
            if [column["statuses"] for column in page.state["columns"]] == [{"streaming": 1}] * 2:
                shown.set()
            return late

        pacer = GridPacer(paint)
        grid.subscribe(lambda cell: pacer.poke(page.publisher.number(cell)))
        await asyncio.wait_for(shown.wait(), 30)
        grid.stop()
        await grid.wait()
    assert [head[5] for head in page.heads] == [6, 6]


async def test_messages_of_a_streaming_cell_stay_small() -> None:
    words = [delta("word ") for _ in range(400)]
    with ByteServer(sse_response([*words, *END])) as server:
        grid = grid_on(server)
        page = Page(GridPublisher(grid))
        page.show([0, 1])
        sent: list[dict[str, Any]] = []

        def paint(cells: Sequence[int], now: float) -> bool:
            message = page.publisher.message(cells, now)
            sent.extend([message] if message else [])
            page.take(message)
            return page.publisher.has_late

        pacer = GridPacer(paint)
        grid.subscribe(lambda cell: pacer.poke(page.publisher.number(cell)))
        await grid
        pacer.flush()
    assert page.texts[0] == 400 * "word "
    assert sum(len(text) for message in sent for _, _, text in message.get("texts", [])) == 2 * 2000
    heads = [number for message in sent for number, _ in message.get("heads", [])]
    assert len(heads) < len(words), "figures are sent with steps, and once a second"


class Sent(list[dict[str, Any]]):
    def send(self, message: dict[str, Any], buffers: object = None) -> None:
        self.append(message)


@pytest.mark.parametrize(
    "command",
    [
        {"name": "stop", "cell": 9},
        {"name": "stop", "variant": "a"},
        {"name": "retry"},
        {"name": "rate", "cell": 0, "score": 2, "note": ""},
        {"name": "pin", "variant": 5},
        {"name": "show", "page": "p", "cells": [9], "lacking": []},
        {"name": "show", "page": "p", "cells": [True], "lacking": []},
        {"name": "show", "cells": [0], "lacking": []},
        {"name": "adopt", "cell": 9},
        {"name": "inspect", "cell": 0},
        {"name": "gone"},
    ],
)
async def test_commands_with_wrong_arguments_are_refused(command: dict[str, Any]) -> None:
    with ByteServer(says("Yes")) as server:
        grid = await grid_on(server)
        channel = Sent()
        handlers = GridCommands(grid, GridPublisher(grid), resync=lambda: None).handlers
        answer({"t": "command", "n": 1, **command}, handlers, channel)
    [sent] = channel
    assert sent["t"] == "refused"
    assert sent["message"].endswith(".")


async def test_commands_stop_rate_pin_and_retry() -> None:
    held = sse_response([delta("so far"), Hold()])
    with ByteServer(lambda request: says("Yes") if request.json["model"] == "m" else held) as server:
        grid = grid_on(server)
        channel = Sent()
        publisher = GridPublisher(grid)
        handlers = GridCommands(grid, publisher, resync=lambda: None).handlers
        await asyncio.to_thread(server.wait_requests, 2)

        def command(n: int, name: str, **arguments: Any) -> None:
            answer({"t": "command", "n": n, "name": name, **arguments}, handlers, channel)

        command(1, "retry", cell=1)
        command(2, "stop", variant=1)
        await grid.wait()
        command(3, "rate", cell=0, score=1, note="good")
        command(4, "pin", variant=1)
        command(5, "inspect", cell=0, **{"from": 0})
    assert [(sent["n"], sent["t"]) for sent in channel] == [
        (1, "refused"), (2, "ack"), (3, "ack"), (4, "ack"), (5, "result"),
    ]  # fmt: skip
    assert [cell.status for cell in grid.cells] == ["finished", "stopped"]
    assert channel[-1]["data"]["rows"][0]["type"] == "routed"
    assert (grid.cells[0].rating, grid.cells[0].note) == (True, "good")
    assert publisher.snapshot()["baseline"] == 1
    assert grid.cells[0].reply is not None
    assert grid.cells[0].reply.rating is not None
