"""What the page of a batch receives, applied as the page applies it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pytest

from nbstream import Chat
from nbstream.batching.outcome import Outcome
from nbstream.batching.progress import Progress
from nbstream.batching.view import exchange
from nbstream.batching.view.commands import BatchCommands
from nbstream.batching.view.pacer import RowPacer
from nbstream.batching.view.publisher import MOST_ROWS, BatchPublisher
from nbstream.batching.view.saved import BATCH_MIMETYPE, bundle
from nbstream.batching.view.shown_batch import ShownBatch
from nbstream.errors import RequestError
from nbstream.protocol.dispatch import answer
from nbstream.types.usage import Usage

CITIES = [{"city": "Oslo", "n": 1}, {"city": "Rome", "n": 2}, {"city": "Lima", "n": None}]
DONE = Outcome("finished", "Mild.\nAlways.", usage=Usage(10, 5), seconds=0.0125, attempts=1)
FAILED = Outcome("failed", error=RequestError("out of order"), attempts=2)


class Page:
    """Applies messages as `js/core/batch-store.ts` does, and sends commands."""

    def __init__(
        self, rows: Any = None, prompt: Any = "{{ city }}", wrap: Callable[[Any], Any] = list
    ) -> None:
        rows = CITIES if rows is None else rows
        self.pressed: list[str] = []
        plan = Chat("demo", system="Be terse.").batch(prompt, wrap(rows), store=False)._plan
        self.progress = Progress(len(rows))
        self.outcomes: list[Outcome | None] = [None] * len(rows)
        press: dict[str, Any] = {
            name: (lambda name=name: self.pressed.append(name)) for name in ("pause", "resume", "stop")
        }
        press |= {name: (lambda name=name: self.pressed.append(name)) for name in ("cancel", "retry")}
        batch = ShownBatch(plan, self.progress, self.outcomes, problem=lambda: "", **press)
        self.publisher = BatchPublisher(batch)
        self.progress.subscribe(self.publisher.take)
        self.state = self.publisher.snapshot()
        self.status = ["w"] * len(rows)
        self.figures: dict[int, tuple[Any, ...]] = {}
        self.texts: dict[int, list[str]] = {}
        commands = BatchCommands(
            batch,
            self.publisher,
            resync=lambda: self.pressed.append("resync"),
            seen=lambda _: None,
            output=lambda: bundle(batch, 1),
            keep=lambda: self.pressed.append("keep"),
            release=lambda: self.pressed.append("release"),
        )
        self.handlers = commands.handlers

    def end(self, row: int, outcome: Outcome) -> None:
        self.outcomes[row] = outcome
        self.progress.row_ended([row], outcome)

    def ask(self, name: str, **arguments: Any) -> Any:
        """The one answer to a command: its data, or why it was refused."""
        answers: list[dict[str, Any]] = []
        channel: Any = type("", (), {"send": lambda _, message, *__: answers.append(message)})()
        answer({"t": "command", "n": 1, "name": name, **arguments}, self.handlers, channel)
        [found] = answers
        return found.get("data", found.get("message"))

    def read(self) -> int:
        """Take one message; return how many rows it changed."""
        message = self.publisher.message()
        if message is None:
            return 0
        assert message["seq"] == self.state["seq"] + 1
        self.state["seq"] = message["seq"]
        self.state["figures"] = message.get("figures", self.state["figures"])
        rows = message.get("rows", {"at": []})
        self.take(rows)
        self.texts |= {row: text for row, *text in message.get("texts", [])}
        return len(rows["at"])

    def take(self, rows: dict[str, Any]) -> None:
        names = ("input", "output", "cost", "ms", "attempts", "order")
        for place, row in enumerate(rows["at"]):
            self.status[row] = rows["status"][place]
            self.figures[row] = tuple(rows[name][place] for name in names)


def test_a_message_has_the_rows_that_changed_and_the_texts_of_those_in_sight() -> None:
    page = Page()
    assert (page.state["total"], page.state["begun"]) == (3, False)
    page.progress.request_sent([0])
    page.progress.request_sent([1])
    assert page.read() == 2
    assert page.status == ["s", "s", "w"]
    page.ask("show", page="p", rows=[0], lacking=[0])
    page.end(1, FAILED)
    page.end(0, DONE)
    assert page.read() == 2
    assert page.status == ["f", "x", "w"]
    assert page.figures == {0: (10, 5, None, 12, 1, 2), 1: (None, None, None, None, 2, 1)}
    assert page.texts[0] == ["Oslo", "Mild. Always."]
    assert 1 not in page.texts or page.texts[1] == ["Rome", ""]  # as of when it was in sight
    assert page.state["figures"]["errors"] == [[FAILED.error.kind, 1]]  # type: ignore[union-attr]
    assert page.read() == 0


def test_rows_that_are_sent_again_wait() -> None:
    page = Page()
    page.end(0, FAILED)
    page.read()
    page.outcomes[0] = None
    page.progress.rows_open_again([0], FAILED)
    page.read()
    assert page.status == ["w", "w", "w"]


def test_a_page_that_comes_later_gets_the_rows_part_by_part() -> None:
    count = 2 * MOST_ROWS + 5
    page = Page([{"city": "Oslo"}] * count)
    for row in range(count - 3):
        page.end(row, DONE)
    page.progress.request_sent([count - 1])
    late = Page([{"city": "Oslo"}] * count)
    later: int | None = 0
    parts = 0
    while later is not None:
        data = page.ask("rows", **{"from": later})
        late.take(data["rows"])
        later, parts = data["next"], parts + 1
    assert parts == 3
    assert late.status == ["f"] * (count - 3) + ["w", "w", "s"]
    assert late.figures[5][-1] == 6
    assert [page.read() for _ in range(4)] == [MOST_ROWS, MOST_ROWS, 3, 0]


@pytest.mark.parametrize("wrap", [list, pd.DataFrame, pl.DataFrame])
def test_a_search_finds_values_answers_and_errors(wrap: Callable[[Any], Any]) -> None:
    page = Page(wrap=wrap)
    page.end(1, DONE)
    page.end(2, FAILED)
    found = {
        text: page.ask("search", text=text, **{"from": 0})["found"]
        for text in ("OSLO", "always", "order", "x")
    }
    assert found == {"OSLO": [0], "always": [1], "order": [2], "x": []}
    assert page.ask("search", text="mild", rows=[0, 1, 2]) == {"found": [1], "next": None}


def test_a_search_gives_the_event_loop_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(10**6))
    monkeypatch.setattr("nbstream.batching.view.commands.time.monotonic", lambda: next(ticks))
    monkeypatch.setattr("nbstream.batching.view.commands.SEARCH_SECONDS", 2)
    page = Page([{"city": f"Oslo {row}"} for row in range(300)])
    found: list[int] = []
    where: Any = 0
    while where is not None:
        data = page.ask("search", text="oslo", **{"from": where})
        assert len(data["found"]) <= 128
        found += data["found"]
        where = data["next"]
    assert found == list(range(300))


def test_the_exchange_of_a_row_is_what_was_sent_and_what_came_back() -> None:
    page = Page()
    assert page.ask("exchange", row=1)["messages"] == [["system", "Be terse."], ["user", "Rome"]]
    page.end(1, DONE)
    whole = page.ask("exchange", row=1)
    assert (whole["answer"], whole["error"], whole["input"], whole["attempts"]) == (
        "Mild.\nAlways.",
        None,
        10,
        1,
    )
    page.end(2, FAILED)
    assert page.ask("exchange", row=2)["error"] == str(FAILED.error)


def test_the_exchange_shows_what_was_made_of_a_row() -> None:
    page = Page(prompt=lambda row: [{"role": "user", "content": [{"type": "text", "text": row["city"]}]}])
    assert page.ask("exchange", row=0)["messages"] == [["system", "Be terse."], ["user", "Oslo"]]
    page = Page([{"pixel": "data:image/png;base64,iVBORw0KGgo="}], ["What?", "{{ pixel }}"])
    assert "iVBOR" not in str(page.ask("exchange", row=0))
    page = Page([{"city": None}])
    assert page.ask("exchange", row=0)["messages"] == []


def test_a_long_text_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MOST_CHARS", 10)
    page = Page()
    page.end(0, Outcome("finished", "a" * 25))
    assert page.ask("exchange", row=0)["answer"] == "a" * 10 + "\n… 15 more characters"


def test_values_are_those_that_the_prompt_uses() -> None:
    assert Page().ask("show", page="p", rows=[0], lacking=[0])["texts"] == [[0, "Oslo", ""]]
    page = Page(prompt=lambda row: row["city"])
    assert page.ask("show", page="p", rows=[0, 2], lacking=[0, 2])["texts"] == [
        [0, "city: Oslo · n: 1", ""],
        [2, "city: Lima · n:", ""],
    ]


def test_the_output_is_marked_as_unfinished_until_the_end() -> None:
    page = Page()
    page.progress.change("running")
    running = page.ask("output")
    assert running["data"][BATCH_MIMETYPE] == {"v": 1, "unfinished": True}
    assert "**0 of 3 rows**" in running["data"]["text/markdown"]
    page.end(0, DONE)
    page.progress.change("ended")
    ended = page.ask("output")
    assert ended["data"][BATCH_MIMETYPE] == {"v": 1}
    assert ended["data"]["text/plain"] == "3 rows · 1 answered · 2 not sent"
    assert ended["metadata"]["nbstream"] == running["metadata"]["nbstream"]


def test_what_the_buttons_do() -> None:
    page = Page()
    names = ["pause", "resume", "stop", "cancel", "retry", "resync", "keep", "release"]
    for name in names:
        page.ask(name)
    assert page.pressed == names


class Clock:
    """Stands for the loop of a pacer: the test moves the time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.due = 0.0, list[tuple[float, Callable[[], object]]]()
        monkeypatch.setattr(asyncio, "get_running_loop", lambda: self)

    def time(self) -> float:
        return self.now

    def is_closed(self) -> bool:
        return False

    def call_at(self, when: float, call: Callable[[], object]) -> Any:
        entry = (when, call)
        self.due.append(entry)

        class Handle:
            def cancel(handle) -> None:  # noqa: N805
                if entry in self.due:
                    self.due.remove(entry)

        return Handle()

    def move_to(self, now: float) -> None:
        self.now = now
        for entry in [entry for entry in self.due if entry[0] <= now]:
            self.due.remove(entry)
            entry[1]()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_page_that_is_slow_gets_fewer_messages(clock: Clock) -> None:
    sent: list[float] = []

    def paint() -> tuple[int, bool]:
        sent.append(clock.now)
        return len(sent), False

    pace = RowPacer(paint)

    def run(until: int) -> list[float]:
        """Change something eight times a second; return when messages were sent."""
        before = len(sent)
        while clock.now < until:
            pace.changed()
            clock.move_to(clock.now + 1 / 8)
        return sent[before:]

    assert run(until=2) == [0.125 + 0.25 * number for number in range(8)]
    run(until=3)
    assert len(run(until=6)) == 3  # no page has answered
    pace.seen(len(sent))
    assert len(run(until=7)) == 4


def test_the_last_message_is_sent_at_the_end(clock: Clock) -> None:
    sent: list[float] = []

    def paint() -> tuple[int, bool]:
        sent.append(clock.now)
        return len(sent), False

    pace = RowPacer(paint)
    pace.changed()
    clock.move_to(0.0)
    pace.changed()
    pace.flush()
    assert (sent, clock.due) == ([0.0, 0.0], [])
