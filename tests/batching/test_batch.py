"""A prompt over a table, over real HTTP."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import polars as pl
import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

import nbstream
from nbstream import ArgumentError, BatchError, NBStream, Prompt, Store
from nbstream.batching.progress import RowsOpened
from nbstream.batching.table import table_of
from nbstream.client.router import Router
from tests.batching.whole_answers import Held, echoes, prompt_of, whole
from tests.chats import chat_on
from tests.loopback import ByteServer, Close, Gate, RecordedRequest, Send, Step, json_response
from tests.loopback.chunks import END, delta
from tests.waiting import until

CITIES = [{"city": "Oslo"}, {"city": "Rome"}, {"city": "Lima"}]
QUIET: dict[str, Any] = {"progress": False, "store": False}
FIGURES = ["status", "finish_reason", "input_tokens", "output_tokens", "cost", "seconds"]
FIGURES += ["attempts", "cached", "error"]

pytestmark = pytest.mark.usefixtures("no_task_is_left")


def refusing(*prompts: str) -> Any:
    """Echoes all prompts but these."""

    def answer(request: RecordedRequest) -> list[Step]:
        if prompt_of(request) in prompts:
            return json_response(400, {"error": {"message": "this prompt is not allowed"}})
        return echoes(request)

    return answer


async def test_a_pandas_frame_keeps_order_index_and_types() -> None:
    kinds = {"city": "str", "n": "int8", "when": "datetime64[ns]", "group": "category"}
    frame = pd.DataFrame(
        {"city": ["Oslo", "Rome", "Oslo"], "n": [1, 2, 3], "when": pd.Timestamp("2026-01-01"), "group": "a"},
        index=pd.Index(["x", "y", "x"], name="label"),
    ).astype(kinds)
    with ByteServer(echoes) as server:
        async with chat_on(server) as chat:
            found = await chat.batch("Where is {{ city }}?", frame, **QUIET)
    pd.testing.assert_frame_equal(found[list(kinds)], frame)
    assert list(found.columns) == [*kinds, "answer", *FIGURES]
    assert list(found["answer"]) == ["Where is Oslo?", "Where is Rome?", "Where is Oslo?"]
    assert list(found["cached"]) == [False, False, True]
    assert str(found["input_tokens"].dtype) == "Int64"
    assert len(server.requests) == 2


async def test_a_polars_frame_keeps_order_and_types_and_a_lazy_one_stays_lazy() -> None:
    frame = pl.DataFrame({"city": ["Oslo", "Rome"], "n": [1, 2]}, schema={"city": pl.String, "n": pl.UInt8})
    with ByteServer(echoes) as server:
        async with chat_on(server) as chat:
            found = await chat.batch("{{ city }}", frame, **QUIET)
            lazy = await chat.batch("{{ city }}", frame.lazy(), **QUIET)
    assert found.drop("answer", *FIGURES).equals(frame)
    assert found["answer"].to_list() == ["Oslo", "Rome"]
    assert found.schema["attempts"] == pl.Int64
    assert found.schema["error"] == pl.String
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect()["answer"].to_list() == ["Oslo", "Rome"]


async def test_dicts_and_dataclasses_become_dicts_with_more_fields() -> None:
    @dataclasses.dataclass
    class Place:
        city: str

    with ByteServer(echoes) as server:
        async with chat_on(server) as chat:
            found = await chat.batch("{{ city }}", iter([{"city": "Oslo", 7: "seven"}]), **QUIET)
            places = await chat.batch("{{ city }}", [Place("Rome")], **QUIET)
    assert found[0]["answer"] == "Oslo"
    assert found[0]["7"] == "seven"
    assert places[0]["answer"] == "Rome"


async def test_no_rows_are_no_requests() -> None:
    with ByteServer(echoes) as server:
        async with chat_on(server) as chat:
            found = await chat.batch("{{ city }}", pd.DataFrame({"city": []}), **QUIET)
    assert list(found.columns) == ["city", "answer", *FIGURES]
    assert len(found) == 0
    assert server.requests == []


async def test_an_answer_in_the_store_is_not_requested_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    with ByteServer(echoes) as server:
        async with chat_on(server, temperature=0) as chat:
            first = await chat.batch("{{ city }}", CITIES, store=path, progress=False)
            again = chat.batch("{{ city }}", [*CITIES, {"city": "Bern"}], store=path, progress=False)
            second = await again
            assert again.progress.requests == 1
            await chat.batch("{{ city }}", CITIES, store=path, progress=False, temperature=1)
            await chat.batch("{{ city }}", CITIES, store=path, progress=False, sample=1)
    assert [row["cached"] for row in first] == [False] * 3
    assert [row["cached"] for row in second] == [True, True, True, False]
    assert [row["answer"] for row in second] == ["Oslo", "Rome", "Lima", "Bern"]
    assert len(server.requests) == 3 + 1 + 3 + 3


async def test_the_error_of_a_row_stays_in_its_row() -> None:
    rows = [{"n": n} for n in range(50)]
    with ByteServer(refusing("7")) as server:
        async with chat_on(server) as chat:
            found = await chat.batch("{{ n }}", rows, **QUIET)
    assert [row["n"] for row in found if row["answer"] is None] == [7]
    assert found[7]["status"] == "failed"
    assert "this prompt is not allowed" in found[7]["error"]
    assert all(row["status"] == "finished" for row in found if row["n"] != 7)


async def test_rows_that_fail_one_after_another_stop_the_batch() -> None:
    rows = [{"n": n} for n in range(100)]
    with ByteServer(refusing(*map(str, range(10, 100)))) as server:
        async with chat_on(server) as chat:
            with pytest.raises(BatchError, match=r"The batch stopped: .* is not allowed") as caught:
                await chat.batch("{{ n }}", rows, concurrency=1, fail_fast=5, **QUIET)
    statuses = [row["status"] for row in caught.value.table]
    assert statuses == ["finished"] * 10 + ["failed"] * 5 + ["unsent"] * 85
    assert len(server.requests) == 15


async def test_the_first_error_stops_the_batch_if_that_is_asked_for() -> None:
    with ByteServer(refusing("Rome")) as server:
        async with chat_on(server) as chat:
            with pytest.raises(BatchError) as caught:
                await chat.batch("{{ city }}", CITIES, concurrency=1, on_error="raise", **QUIET)
    assert [row["status"] for row in caught.value.table] == ["finished", "failed", "unsent"]


async def test_failed_rows_are_sent_again_and_only_these() -> None:
    allowed: list[bool] = []

    def answer(request: RecordedRequest) -> list[Step]:
        return echoes(request) if allowed else refusing("Rome")(request)

    with ByteServer(answer) as server:
        async with chat_on(server) as chat:
            batch = chat.batch("{{ city }}", CITIES, **QUIET)
            await batch
            assert batch.progress.failed == 1
            allowed.append(True)
            found = await batch.retry_failed()
    assert [row["answer"] for row in found] == ["Oslo", "Rome", "Lima"]
    assert (batch.progress.answered, batch.progress.failed, batch.progress.requests) == (3, 0, 4)


async def test_a_truncated_answer_is_an_answer_with_a_flag(tmp_path: Path) -> None:
    store = tmp_path / "answers.sqlite"
    with ByteServer(lambda _: whole("Once upon", "length")) as server:
        async with chat_on(server) as chat:
            for _ in range(2):
                [row] = await chat.batch("Tell {{ city }}.", CITIES[:1], store=store, progress=False)
    assert (row["answer"], row["status"], row["finish_reason"]) == ("Once upon", "truncated", "length")
    assert len(server.requests) == 1


async def test_a_refusal_is_kept_as_what_it_is() -> None:
    with ByteServer(lambda _: whole("", refusal="I cannot help with that.")) as server:
        async with chat_on(server) as chat:
            [row] = await chat.batch("{{ city }}", CITIES[:1], **QUIET)
    assert (row["answer"], row["status"]) == ("I cannot help with that.", "refused")


async def test_a_server_error_is_repeated_and_a_cut_answer_too() -> None:
    whole_body = whole("Oslo")[0]
    assert isinstance(whole_body, Send)
    scripts: list[list[Step]] = [
        json_response(503, {"error": {"message": "busy"}}, {"retry-after-ms": "1"}),
        [Send(whole_body.data.partition(b"slo")[0]), Close()],
        [whole_body],
    ]
    with ByteServer(lambda _: scripts.pop(0)) as server:
        router = Router(NBStream(retries=2), {"NBSTREAM_NO_PROBE": "1"})
        batch = nbstream.batch(
            "{{ city }}", CITIES[:1], model="m", base_url=server.base_url, router=router, **QUIET
        )
        [row] = await batch
        await router.aclose()
    assert (row["answer"], row["attempts"]) == ("Oslo", 3)


async def test_rows_that_share_a_long_beginning_wait_for_the_first_token_of_one() -> None:
    gate = Gate()

    def answer(request: RecordedRequest) -> Iterable[Step]:
        if request.json["stream"]:
            return gate.script([delta("Os")], [delta("lo"), *END])
        return echoes(request)

    rows = [{"n": n} for n in range(6)]
    with ByteServer(answer) as server:
        async with chat_on(server, system="A long document. " * 500) as chat:
            batch = chat.batch("{{ n }}", rows, **QUIET)
            task = asyncio.ensure_future(batch)
            await asyncio.to_thread(server.wait_requests, 6)  # the first answer has begun, and not ended
            assert not gate.is_open
            gate.open()
            found = await task
    assert [request.json["stream"] for request in server.requests] == [True] + [False] * 5
    assert [row["answer"] for row in found] == ["Oslo", "1", "2", "3", "4", "5"]


async def test_a_server_that_refuses_streams_gets_none() -> None:
    def answer(request: RecordedRequest) -> list[Step]:
        if request.json["stream"]:
            return json_response(400, {"error": {"message": "streaming is not supported"}})
        return echoes(request)

    with ByteServer(answer) as server:
        async with chat_on(server, system="A long document. " * 500) as chat:
            found = await chat.batch("{{ city }}", CITIES, **QUIET)
    assert [row["answer"] for row in found] == ["Oslo", "Rome", "Lima"]
    assert [request.json["stream"] for request in server.requests].count(True) == 1


async def test_a_rate_limit_costs_no_attempt() -> None:
    scripts = [json_response(429, {}, {"retry-after-ms": "1"}) for _ in range(5)]

    def answer(request: RecordedRequest) -> list[Step]:
        return scripts.pop() if scripts else echoes(request)

    with ByteServer(answer) as server:
        async with chat_on(server) as chat:  # without retries
            [row] = await chat.batch("{{ city }}", CITIES[:1], **QUIET)
    assert row["answer"] == "Oslo"
    assert len(server.requests) == 6


class Review(BaseModel):
    mood: Literal["good", "bad"]
    stars: int
    score: float


async def test_fields_of_a_schema_become_columns_of_their_types() -> None:
    def answer(request: RecordedRequest) -> list[Step]:
        good = "fine" in prompt_of(request)
        return whole(f'{{"mood": "{"good" if good else "bad"}", "stars": {5 if good else 1}, "score": 0.5}}')

    frame = pd.DataFrame({"text": ["fine", "awful"]})
    with ByteServer(answer) as server:
        async with chat_on(server) as chat:
            found = await chat.batch("{{ text }}", frame, schema=Review, **QUIET)
    assert list(found.columns) == ["text", "mood", "stars", "score", *FIGURES]
    assert list(found["mood"]) == ["good", "bad"]
    assert list(found["stars"]) == [5, 1]
    assert (str(found["stars"].dtype), str(found["score"].dtype)) == ("Int64", "float64")
    sent = server.requests[0].json["response_format"]["json_schema"]["schema"]
    assert list(sent["properties"]) == ["mood", "stars", "score"]  # models write the fields in this order


async def test_an_answer_that_does_not_match_is_corrected_if_that_is_asked_for() -> None:
    def answer(request: RecordedRequest) -> list[Step]:
        corrected = len(request.json["messages"]) > 1
        return whole('{"mood": "good", "stars": %s, "score": 1}' % ("5" if corrected else '"many"'))

    rows = [{"text": "fine"}]
    with ByteServer(answer) as server:
        async with chat_on(server) as chat:
            [wrong] = await chat.batch("{{ text }}", rows, schema=Review, **QUIET)
            [right] = await chat.batch("{{ text }}", rows, schema=Review, retries=1, **QUIET)
    assert (wrong["status"], wrong["mood"]) == ("invalid", None)
    assert "stars" in wrong["error"]
    assert (right["status"], right["stars"], right["attempts"], right["input_tokens"]) == (
        "finished",
        5,
        2,
        20,
    )


async def test_an_answer_that_does_not_match_is_asked_for_again_by_the_next_run(tmp_path: Path) -> None:
    texts = ['{"mood": "odd"}', '{"mood": "good", "stars": 5, "score": 1}']
    with ByteServer(lambda _: whole(texts.pop(0))) as server:
        async with chat_on(server) as chat:
            for expected in ("invalid", "finished", "finished"):
                batch = chat.batch("x", [{}], schema=Review, store=tmp_path / "a.sqlite", progress=False)
                [row] = await batch
                assert row["status"] == expected
    assert len(server.requests) == 2


async def test_a_server_that_refuses_the_format_gets_another_one() -> None:
    def answer(request: RecordedRequest) -> list[Step]:
        if request.json.get("response_format", {}).get("type") == "json_schema":
            return json_response(400, {"error": {"message": "response_format json_schema is not supported"}})
        return whole('{"mood": "good", "stars": 5, "score": 1}')

    rows = [{"n": n} for n in range(20)]
    with ByteServer(answer) as server:
        async with chat_on(server) as chat:
            found = await chat.batch("{{ n }}", rows, schema=Review, concurrency=10, **QUIET)
    assert {row["status"] for row in found} == {"finished"}
    assert server.requests[-1].json["response_format"] == {"type": "json_object"}


async def test_a_budget_stops_the_batch_before_it_is_exceeded() -> None:
    prices = {"m": {"input": 1000, "output": 1000}}  # 0.015 dollars for each answer
    router = Router(NBStream(retries=0, prices=prices), {"NBSTREAM_NO_PROBE": "1"})
    rows = [{"n": n} for n in range(100)]
    with ByteServer(echoes) as server:
        batch = nbstream.batch(
            "{{ n }}",
            rows,
            model="m",
            base_url=server.base_url,
            router=router,
            budget=1.0,
            max_tokens=5,
            **QUIET,
        )
        with pytest.raises(BatchError, match="budget") as caught:
            await batch
        await router.aclose()
    spent = sum(row["cost"] or 0 for row in caught.value.table)
    assert 0 < spent <= 1.0
    assert float(batch.progress.cost) == pytest.approx(spent)
    assert len(server.requests) == batch.progress.answered == round(spent / 0.015)


async def test_a_list_of_messages_has_templates_and_a_system_message() -> None:
    turns = [
        {"role": "system", "content": "Be {{ tone }}."},
        {"role": "user", "content": "Hello {{ name }}"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "Who am I?"},
    ]
    with ByteServer(echoes) as server:
        async with chat_on(server, system="Not this one.") as chat:
            await chat.batch(turns, [{"tone": "kind", "name": "Ada"}], **QUIET)
    contents = [message["content"] for message in server.requests[0].json["messages"]]
    assert contents == ["Be kind.", "Hello Ada", "Hello!", "Who am I?"]


async def test_a_column_may_hold_conversations_and_images() -> None:
    talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]
    talk.append({"role": "user", "content": "Go {{ on }}"})
    rows = [{"talk": talk, "image": "https://example.com/cat.png"}]
    with ByteServer(echoes) as server:
        async with chat_on(server) as chat:
            await chat.batch("{{ talk }}", rows, **QUIET)
            await chat.batch(["What is this?", "{{ image }}"], rows, **QUIET)
    said, seen = (request.json["messages"] for request in server.requests)
    assert [message["content"] for message in said] == ["Hi", "Yes?", "Go {{ on }}"]
    assert seen[0]["content"][1]["image_url"] == {"url": "https://example.com/cat.png"}


async def test_a_prompt_brings_its_model_and_parameters_and_a_function_returns_anything() -> None:
    prompt = Prompt("Hello {{ name }}", system="Be terse.", model="other", params={"top_p": 0.5})

    def asked(row: Any) -> Any:
        return prompt.fill(**row) if row["name"] == "Ada" else f"Bye {{{{ {row['name']} }}}}"

    with ByteServer(echoes) as server:
        async with chat_on(server) as chat:
            await chat.batch(asked, [{"name": "Ada"}, {"name": "Bob"}], concurrency=1, **QUIET)
    ada, bob = (request.json for request in server.requests)
    assert (ada["model"], ada["top_p"], ada["messages"][0]["content"]) == ("other", 0.5, "Be terse.")
    assert (bob["model"], bob["messages"][0]["content"]) == ("m", "Bye {{ Bob }}")


async def test_the_responses_api_and_the_users_own_client_are_used() -> None:
    answer = {
        "id": "r",
        "object": "response",
        "model": "m",
        "status": "completed",
        "output": [
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Oslo"}]}
        ],
        "usage": {"input_tokens": 3, "output_tokens": 1, "total_tokens": 4},
    }

    def by_path(request: RecordedRequest) -> list[Step]:
        return json_response(200, answer) if request.path == "/v1/responses" else echoes(request)

    with ByteServer(by_path) as server:
        async with chat_on(server, api="responses") as chat:
            [row] = await chat.batch("{{ city }}", CITIES[:1], **QUIET)
        async with AsyncOpenAI(
            base_url=server.base_url, api_key="own-key-1234", default_headers={"x-mine": "1"}
        ) as client:
            [own] = await nbstream.batch("{{ city }}", CITIES[:1], model="m", client=client, **QUIET)
    assert (row["answer"], row["output_tokens"]) == ("Oslo", 1)
    assert own["answer"] == "Oslo"
    assert server.requests[-1].headers["x-mine"] == "1"
    assert server.requests[-1].headers["authorization"] == "Bearer own-key-1234"


async def test_the_key_is_sent_and_shown_nowhere(tmp_path: Path) -> None:
    key = "sk-secret-0123456789"

    def answer(request: RecordedRequest) -> list[Step]:
        return json_response(400, {"error": {"message": f"wrong: {request.headers['authorization']}"}})

    with ByteServer(answer) as server, Store(tmp_path / "a.sqlite") as store:
        async with chat_on(server, api_key=key) as chat:
            batch = chat.batch("{{ city }}", CITIES, store=store, progress=False)
            found = await batch
    assert server.requests[0].headers["authorization"] == f"Bearer {key}"
    assert key not in repr(found) + repr(batch)
    assert key.encode() not in (tmp_path / "a.sqlite").read_bytes()


async def test_the_first_cancellation_waits_for_what_is_in_flight(tmp_path: Path) -> None:
    store, held = tmp_path / "a.sqlite", Held()
    rows = [{"n": n} for n in range(30)]
    with ByteServer(held) as server:
        async with chat_on(server) as chat:
            batch = chat.batch("{{ n }}", rows, store=store, concurrency=4, progress=False)
            task = asyncio.ensure_future(batch)
            await asyncio.to_thread(server.wait_requests, 4)
            task.cancel()
            await until(lambda: batch.progress.phase == "draining")
            held.release()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert batch.progress.answered == 4
            assert [row["status"] for row in batch.table].count("unsent") == 26
            found = await chat.batch("{{ n }}", rows, store=store, progress=False)
    assert [row["answer"] for row in found] == [str(n) for n in range(30)]
    assert len(server.requests) == 30  # nothing was paid twice


async def test_the_second_cancellation_gives_up_what_is_in_flight() -> None:
    with ByteServer(Held()) as server:
        async with chat_on(server) as chat:
            batch = chat.batch("{{ city }}", CITIES, **QUIET)
            task = asyncio.ensure_future(batch)
            await asyncio.to_thread(server.wait_requests, 3)
            task.cancel()
            await until(lambda: batch.progress.phase == "draining")
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    assert batch.progress.answered == 0


async def test_stop_returns_the_table_so_far_and_awaiting_again_continues() -> None:
    held = Held()
    with ByteServer(held) as server:
        async with chat_on(server) as chat:
            batch = chat.batch("{{ city }}", CITIES, concurrency=1, **QUIET)
            task = asyncio.ensure_future(batch)
            await asyncio.to_thread(server.wait_requests, 1)
            batch.stop()
            held.release()
            found = await task
            assert [row["status"] for row in found] == ["finished", "unsent", "unsent"]
            found = await batch
    assert [row["answer"] for row in found] == ["Oslo", "Rome", "Lima"]
    assert len(server.requests) == 3


async def test_stop_now_cancels_what_is_in_flight() -> None:
    with ByteServer(Held()) as server:
        async with chat_on(server) as chat:
            batch = chat.batch("{{ city }}", CITIES, concurrency=2, **QUIET)
            task = asyncio.ensure_future(batch)
            await asyncio.to_thread(server.wait_requests, 2)
            batch.stop(now=True)
            assert [row["status"] for row in await task] == ["unsent"] * 3


async def test_failed_rows_are_sent_again_at_the_end_of_the_same_run() -> None:
    fails = {"Oslo", "Lima"}
    held = Held()
    rows = [*CITIES, {"city": "Oslo"}]
    with ByteServer(
        lambda request: held(request) if "Rome" in prompt_of(request) else refusing(*fails)(request)
    ) as server:
        async with chat_on(server) as chat:
            batch = chat.batch("{{ city }}", rows, concurrency=2, **QUIET)
            opened: list[int] = []
            batch.progress.subscribe(
                lambda event: opened.extend(event.rows) if isinstance(event, RowsOpened) else None
            )
            task = asyncio.ensure_future(batch)
            await until(lambda: batch.progress.failed == 3)
            fails.clear()
            batch.retry_failed()
            assert (batch.progress.failed, batch.progress.left, opened) == (0, 4, [0, 2, 3])
            held.release()
            found = await task
    assert [(row["answer"], row["error"]) for row in found] == [
        (c, None) for c in ["Oslo", "Rome", "Lima", "Oslo"]
    ]
    assert batch.progress.errors.total() == 0
    assert len(server.requests) == 5


async def test_a_batch_that_stops_retries_nothing() -> None:
    with ByteServer(Held()) as server:
        async with chat_on(server) as chat:
            batch = chat.batch("{{ city }}", CITIES, concurrency=1, **QUIET)
            task = asyncio.ensure_future(batch)
            await asyncio.to_thread(server.wait_requests, 1)
            batch.stop()
            with pytest.raises(nbstream.StateError, match="cannot retry rows now"):
                batch.retry_failed()
            batch.stop(now=True)
            await task


@pytest.mark.parametrize("made", [pd.DataFrame, pl.DataFrame, list])
def test_a_part_of_a_table_has_the_same_rows(made: Any) -> None:
    table = table_of(made(CITIES))
    assert [dict(row) for row in table.rows(1, 3)] == CITIES[1:]
    assert [dict(row) for row in table.rows()] == CITIES


async def test_a_paused_batch_sends_nothing_new() -> None:
    held = Held()
    with ByteServer(held) as server:
        async with chat_on(server) as chat:
            batch = chat.batch("{{ city }}", CITIES, concurrency=1, **QUIET)
            task = asyncio.ensure_future(batch)
            await asyncio.to_thread(server.wait_requests, 1)
            batch.pause()
            held.release()
            await until(lambda: batch.progress.answered == 1)
            assert batch.progress.phase == "paused"
            assert len(server.requests) == 1
            batch.resume()
            assert len(await task) == 3


async def test_views_are_told_of_each_row() -> None:
    seen: list[Any] = []
    with ByteServer(refusing("Rome")) as server:
        async with chat_on(server) as chat:
            batch = chat.batch("{{ city }}", [*CITIES, CITIES[0]], concurrency=1, **QUIET)
            unsubscribe = batch.progress.subscribe(seen.append)
            await batch
            unsubscribe()
    ended = [(event.rows, event.outcome.status) for event in seen if type(event).__name__ == "RowEnded"]
    assert ended == [([0, 3], "finished"), ([1], "failed"), ([2], "finished")]
    assert [event.phase for event in seen if hasattr(event, "phase")] == ["running", "ended"]
    assert batch.progress.errors == {"bad_request": 1}


async def test_a_dry_run_sends_nothing(tmp_path: Path) -> None:
    rows = [*CITIES, CITIES[0], {"city": None}]
    with ByteServer(echoes) as server:
        async with chat_on(server, system="Be terse.") as chat:
            await chat.batch("{{ city }}", rows[:1], store=tmp_path / "a.sqlite", progress=False)
            found = await chat.batch("{{ city }}", rows, store=tmp_path / "a.sqlite", dry_run=True)
    assert (found.rows, found.distinct, found.stored, found.requests) == (5, 3, 1, 2)
    assert [messages[-1].content for messages in found.prompts] == ["Rome", "Lima"]
    assert list(found.problems) == [4]
    assert "2 requests to send" in repr(found)
    assert "no price known" in repr(found)
    assert len(server.requests) == 1


def test_a_batch_without_await() -> None:
    with ByteServer(echoes) as server:
        found = nbstream.batch("{{ city }}", CITIES, model="m", base_url=server.base_url, **QUIET).result()
    assert [row["answer"] for row in found] == ["Oslo", "Rome", "Lima"]


async def test_progress_is_one_line_for_a_terminal_or_log(capsys: pytest.CaptureFixture[str]) -> None:
    with ByteServer(refusing("Rome")) as server:
        async with chat_on(server) as chat:
            await chat.batch("{{ city }}", CITIES, store=False)
    shown = capsys.readouterr().err
    assert "3/3" in shown
    assert "failed 1, bad_request: 1" in shown


def first(x: int) -> int:
    """A tool."""
    return x


NOT_ROWS = "A batch takes rows with named columns, not str. Use a DataFrame, or dicts:"
BAD: dict[str, tuple[Any, Any, dict[str, Any], str]] = {
    "missing columns": (
        "{{ town }} {{ cty }}",
        CITIES,
        {},
        "not in the table: 'cty' (did you mean 'city'?), 'town'. Its columns: 'city'.",
    ),
    "columns that are added": (
        "{{ city }}",
        [{"city": "Oslo", "answer": 1, "error": 2}],
        {},
        "The result would have two columns named 'answer', 'error'. Pass prefix=\"batch_\" to name the added",
    ),
    "a text as rows": ("x", "rows", {}, NOT_ROWS),
    "rows that are texts": ("x", ["Oslo"], {}, NOT_ROWS),
    "a series": (
        "x",
        pd.Series(["Oslo"]),
        {},
        "A batch takes a table, not a Series. Use series.to_frame(name).",
    ),
    "two columns of one name": (
        "x",
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        {},
        "The table has several columns named 'a'. Rename them first.",
    ),
    "a number as prompt": (
        7,
        CITIES,
        {},
        "A batch takes no prompt of the type int. Pass a text with {{ column }}",
    ),
    "tools": ("x", CITIES, {"tools": [first]}, "tools=… has no use in a batch. A batch runs no tools."),
    "a wrong concurrency": ("x", CITIES, {"concurrency": 0}, "concurrency=0 is not"),
    "a misspelt option": ("x", CITIES, {"temprature": 1}, "Chat.batch() has no keyword 'temprature'."),
    "a store of another kind": ("x", CITIES, {"store": True}, "store=True is not a store."),
}


@pytest.mark.parametrize(("prompt", "rows", "options", "message"), BAD.values(), ids=BAD)
async def test_bad_input_is_named_before_anything_is_sent(
    prompt: Any, rows: Any, options: dict[str, Any], message: str
) -> None:
    with ByteServer(echoes) as server:
        async with chat_on(server) as chat:
            with pytest.raises((ArgumentError, BatchError)) as caught:
                await chat.batch(prompt, rows, **QUIET | options)
    assert message in str(caught.value)
    assert server.requests == []


ODD_ROWS: dict[str, tuple[Any, Any, str]] = {
    "None": ("{{ x }}", None, "The row has no value in 'x'."),
    "NaN": ("{{ x }}", float("nan"), "The row has no value in 'x'."),
    "NA": ("{{ x }}", pd.NA, "The row has no value in 'x'."),
    "bytes": ("{{ x }}", b"\x00", "bytes are not text. Decode them first."),
    "a failing function": (lambda row: row["y"], 1, "The function of the prompt failed: KeyError: 'y'"),
    "a failing expression": ("{{ x / 0 }}", 1, "ZeroDivisionError"),
}


@pytest.mark.parametrize(("prompt", "value", "message"), ODD_ROWS.values(), ids=ODD_ROWS)
async def test_a_row_that_cannot_be_sent_costs_only_itself(prompt: Any, value: Any, message: str) -> None:
    asked = prompt if isinstance(prompt, str) else lambda row: prompt(row) if row["x"] == 1 else "fine"
    rows = [{"x": "fine"}, {"x": value}, {"x": "fine"}]
    if prompt == "{{ x / 0 }}":
        rows, asked = [{"x": value}] * 3, "{{ x / 0 }}"
    with ByteServer(echoes) as server:
        async with chat_on(server) as chat:
            found = await chat.batch(asked, rows, **QUIET)
    assert message in found[1]["error"]
    assert found[1]["status"] == "failed"
    assert found[0]["status"] == ("failed" if "/ 0" in str(asked) else "finished")


async def test_values_of_other_types_and_nulls_with_a_default_are_sent() -> None:
    rows = [{"x": 1.5, "y": True, "odd name": ["a"]}, {"x": None, "y": None, "odd name": None}]
    text = "{{ x | default('-') }} {{ y | default('-') }} {{ row['odd name'] | default('none') }}"
    with ByteServer(echoes) as server:
        async with chat_on(server) as chat:
            found = await chat.batch(text, rows, **QUIET)
    assert [row["answer"] for row in found] == ['1.5 True ["a"]', "- - none"]
