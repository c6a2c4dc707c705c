"""Batches by jobs of a provider: what is sent, what is resumed, and each way in which a job fails."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from nbstream import ArgumentError, BatchError, Chat, NBStream, Store
from nbstream.batching.progress import JobsSeen
from nbstream.batching.provider import job_run, request_file
from nbstream.batching.provider.jobs import Jobs
from nbstream.client.router import Router
from nbstream.errors import DamagedFileError
from nbstream.wire.retry import RetryPolicy
from tests.batching.provider.fake_provider import (
    FakeProvider,
    Line,
    answered,
    cut,
    echo,
    open_ended,
    prompt_of,
    refused,
    unprocessed,
)
from tests.chats import chat_on
from tests.loopback import Close, Step, json_response

ROWS = [{"city": city} for city in ("Oslo", "Rome", "Lima", "Bern")]
NAMES = [row["city"] for row in ROWS]
DOWN = json_response(503, {"error": {"message": "down"}})
LOST: list[Step] = [Close()]

pytestmark = pytest.mark.usefixtures("no_task_is_left")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job is looked at all the time."""
    monkeypatch.setattr(job_run, "FIRST_POLL", 0.01)
    monkeypatch.setattr(job_run, "_RETRY", RetryPolicy(retries=4, base=0.01))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.sqlite"


async def run(provider: FakeProvider, path: Path, rows: Any = None, **options: Any) -> list[dict[str, Any]]:
    """The rows with their answers."""
    async with chat_on(provider.server) as chat:
        given = ROWS if rows is None else rows
        table = await chat.batch("{{ city }}", given, via="batch-api", store=path, progress=False, **options)
        return list(table)


def answers(table: list[dict[str, Any]]) -> list[str | None]:
    return [row["answer"] for row in table]


def statuses(table: list[dict[str, Any]]) -> list[str]:
    return [row["status"] for row in table]


def fails(*prompts: str, by: Line | None) -> Callable[[Line], Line | None]:
    """Echoes all prompts but these."""
    return lambda line: by if prompt_of(line) in prompts else echo(line)


def open_jobs(path: Path) -> int:
    with Store(path) as store:
        Jobs(store)
        with store.database() as db:
            return int(db.execute("SELECT count(*) FROM jobs").fetchone()[0])


async def interrupt(provider: FakeProvider, path: Path) -> None:
    """Interrupt a batch while it waits for its job, which the provider does not end."""
    provider.looks = 10**9
    waiting = asyncio.create_task(run(provider, path))
    await asyncio.to_thread(provider.server.wait_requests, 4)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_one_job_answers_all_rows_and_the_store_keeps_its_answers(path: Path) -> None:
    with FakeProvider() as provider:
        table = await run(provider, path, [*ROWS, ROWS[0]], temperature=0)
        again = await run(provider, path, temperature=0)
        assert provider.log == ["POST /files", "POST /batches", "GET /batches/ID", "GET /files/ID/content"]
        assert [line["method"] + line["url"] for line in provider.lines] == ["POST/v1/chat/completions"] * 4
        assert [line["body"] for line in provider.lines[:1]] == [
            {
                "messages": [{"role": "user", "content": "Oslo"}],
                "model": "m",
                "stream": False,
                "temperature": 0,
            }
        ]
        assert provider.jobs["job-0"]["completion_window"] == "24h"
    assert answers(table) == [*NAMES, "Oslo"]
    assert [row["cached"] for row in table] == [False] * 4 + [True]
    assert (table[0]["input_tokens"], table[0]["output_tokens"], table[0]["attempts"]) == (10, 5, 1)
    assert answers(again) == NAMES
    assert open_jobs(path) == 0


async def test_single_requests_find_the_answers_of_a_job(path: Path) -> None:
    with FakeProvider() as provider:
        await run(provider, path)
        async with chat_on(provider.server) as chat:
            table = await chat.batch("{{ city }}", ROWS, store=path, progress=False)
        assert answers(table) == NAMES
        assert provider.count("POST /chat/completions") == 0


async def test_a_job_is_awaited(path: Path) -> None:
    with FakeProvider() as provider:
        provider.looks = 5
        assert answers(await run(provider, path)) == NAMES
        assert provider.count("GET /batches/ID") == 5


async def test_a_provider_that_is_away_for_a_while_is_awaited(path: Path) -> None:
    with FakeProvider() as provider:
        provider.before["GET /batches/ID"] = [DOWN, LOST, json_response(429, {}, {"retry-after-ms": "1"})]
        assert answers(await run(provider, path)) == NAMES


async def test_a_job_of_a_damaged_store_is_collected_after_its_recovery(path: Path) -> None:
    with FakeProvider() as provider:
        await interrupt(provider, path)
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            [root] = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'answers'").fetchone()
            [size] = db.execute("PRAGMA page_size").fetchone()
        with path.open("r+b") as file:
            file.seek((root - 1) * size)
            file.write(b"\xff" * size)
        with pytest.raises(DamagedFileError), Store(path) as store:
            list(store)
        Store.recover(path).close()
        provider.looks = 1
        assert answers(await run(provider, path)) == NAMES
        assert provider.count("POST /batches") == 1
    assert open_jobs(path) == 0


async def test_an_interrupted_wait_is_resumed_without_another_job(path: Path) -> None:
    with FakeProvider() as provider:
        await interrupt(provider, path)
        assert open_jobs(path) == 1
        provider.looks = 1
        table = await run(provider, path, [*ROWS, {"city": "Kyiv"}])
        assert answers(table) == [*NAMES, "Kyiv"]
        assert [len(file.splitlines()) for name, file in provider.files.items() if name.count("-") == 1] == [
            4,
            1,
        ]
    assert open_jobs(path) == 0


async def test_a_restart_between_upload_and_create_uses_the_file(path: Path) -> None:
    with FakeProvider() as provider:
        provider.before["POST /batches"] = [LOST, LOST]
        with pytest.raises(BatchError, match="closed the connection"):
            await run(provider, path)
        assert answers(await run(provider, path)) == NAMES
        assert (provider.count("POST /files"), len(provider.jobs)) == (1, 1)


async def test_a_job_whose_name_was_not_received_is_found(path: Path) -> None:
    with FakeProvider() as provider:
        provider.after["POST /batches"] = [LOST]
        assert answers(await run(provider, path)) == NAMES
        assert len(provider.jobs) == 1


async def test_a_job_whose_name_was_not_received_is_found_after_a_restart(path: Path) -> None:
    with FakeProvider() as provider:
        provider.after["POST /batches"] = [LOST]
        provider.before["GET /batches"] = [DOWN] * 5
        with pytest.raises(BatchError, match="503"):
            await run(provider, path)
        assert answers(await run(provider, path)) == NAMES
        assert len(provider.jobs) == 1


async def test_an_upload_that_failed_is_repeated_and_later_made_again(path: Path) -> None:
    with FakeProvider() as provider:
        provider.before["POST /files"] = [DOWN, LOST]
        assert answers(await run(provider, path)) == NAMES
        provider.before["POST /files"] = [DOWN] * 5
        with pytest.raises(BatchError, match="503"):
            await run(provider, path, [{"city": "Kyiv"}])
        assert answers(await run(provider, path, [{"city": "Kyiv"}, {"city": "Baku"}])) == ["Kyiv", "Baku"]
        assert len(provider.jobs) == 2


async def test_a_job_that_was_not_accepted_is_made_again(path: Path) -> None:
    with FakeProvider() as provider:
        provider.before["POST /batches"] = [
            json_response(400, {"error": {"message": "billing limit reached"}})
        ]
        with pytest.raises(BatchError, match="billing limit reached"):
            await run(provider, path)
        assert answers(await run(provider, path)) == NAMES


async def test_lines_that_were_refused_are_errors_of_their_rows(path: Path) -> None:
    with FakeProvider(fails("Rome", by=refused(400, "this prompt is not allowed"))) as provider:
        table = await run(provider, path)
        assert statuses(table) == ["finished", "failed", "finished", "finished"]
        assert "this prompt is not allowed" in table[1]["error"]
        await run(provider, path)
        assert [prompt_of(line) for line in provider.lines] == [*NAMES, "Rome"]


async def test_all_lines_refused_leave_only_a_file_of_errors(path: Path) -> None:
    with FakeProvider(lambda _: refused(500, "the model failed")) as provider:
        table = await run(provider, path)
        assert statuses(table) == ["failed"] * 4
        assert list(provider.files) == ["file-0", "file-error-job-0"]
    assert open_jobs(path) == 0


async def test_what_an_expired_job_has_answered_is_kept(path: Path) -> None:
    late = unprocessed(
        "batch_expired", "This request could not be executed before the completion window expired."
    )
    with FakeProvider(fails("Lima", "Bern", by=late)) as provider:
        provider.ends = "expired"
        table = await run(provider, path)
        assert statuses(table) == ["finished", "finished", "failed", "failed"]
        assert "within 24 hours" in table[2]["error"]
        provider.answer, provider.ends = echo, "completed"
        assert answers(await run(provider, path)) == NAMES
        assert [prompt_of(line) for line in provider.lines] == [*NAMES, "Lima", "Bern"]


async def test_an_expired_job_without_results(path: Path) -> None:
    with FakeProvider(lambda _: None) as provider:
        provider.ends = "expired"
        table = await run(provider, path)
    assert statuses(table) == ["failed"] * 4
    assert all("within 24 hours" in row["error"] for row in table)


async def test_a_request_without_a_result_has_failed(path: Path) -> None:
    with FakeProvider(fails("Lima", by=None)) as provider:
        table = await run(provider, path)
    assert statuses(table) == ["finished", "finished", "failed", "finished"]
    assert "returned no result" in table[2]["error"]


async def test_a_line_that_is_wrong_costs_only_its_row(path: Path) -> None:
    with FakeProvider() as provider:
        provider.ends = "failed"
        provider.errors = [{"line": 2, "message": "Invalid body", "code": "invalid_json_line"}]
        table = await run(provider, path)
        assert statuses(table) == ["finished", "failed", "finished", "finished"]
        assert "Invalid body" in table[1]["error"]
        assert len(provider.jobs) == 2


async def test_a_job_that_was_refused_as_a_whole(path: Path) -> None:
    with FakeProvider() as provider:
        provider.ends = "failed"
        provider.errors = [
            {"line": None, "message": "Enqueued token limit reached", "code": "token_limit_exceeded"}
        ]
        table = await run(provider, path)
        assert statuses(table) == ["failed"] * 4
        assert "Enqueued token limit reached" in table[0]["error"]
        assert answers(await run(provider, path)) == NAMES


@pytest.mark.parametrize("at", [0, 1, 300, 600, -1])
async def test_a_download_that_was_cut_is_repeated(path: Path, at: int) -> None:
    with FakeProvider() as provider:
        async with chat_on(provider.server) as chat:
            provider.looks = 10**9
            batch = chat.batch("{{ city }}", ROWS, via="batch-api", store=path, progress=False)
            running = asyncio.create_task(batch._whole())
            await asyncio.to_thread(provider.server.wait_requests, 3)
            whole = b"".join(map(_result, provider.lines))
            provider.before["GET /files/ID/content"] = [cut(whole, at % len(whole)), open_ended(whole[:at])]
            provider.looks = 1
            assert answers(await running) == NAMES
        assert provider.count("GET /files/ID/content") >= 2


def _result(line: Line) -> bytes:
    return json.dumps({"custom_id": line["custom_id"], **echo(line)}).encode() + b"\n"


async def test_a_download_that_never_ends_well_keeps_what_arrived(path: Path) -> None:
    with FakeProvider() as provider:
        provider.looks = 10**9
        waiting = asyncio.create_task(run(provider, path))
        await asyncio.to_thread(provider.server.wait_requests, 3)
        whole = [_result(line) for line in provider.lines]
        provider.before["GET /files/ID/content"] = [cut(b"".join(whole), len(b"".join(whole[:2])) + 5)] * 5
        provider.looks = 1
        with pytest.raises(BatchError) as caught:
            await waiting
        assert statuses(caught.value.table) == ["finished", "finished", "unsent", "unsent"]
        assert answers(await run(provider, path)) == NAMES
        assert len(provider.jobs) == 1


async def test_lines_that_cannot_be_read_are_left_out(path: Path) -> None:
    garbage = b'\n{"custom_id": 7}\n[]\nnull\n{"custom_id": "zz", "error": {}}\n'
    with FakeProvider() as provider:
        provider.looks = 10**9
        waiting = asyncio.create_task(run(provider, path))
        await asyncio.to_thread(provider.server.wait_requests, 3)
        whole = garbage + b"".join(_result(line) for line in provider.lines)
        provider.before["GET /files/ID/content"] = [cut(whole, len(whole))]
        provider.looks = 1
        assert answers(await waiting) == NAMES


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_cancelled_job_leaves_the_answers_that_it_has(path: Path, restarted: bool) -> None:
    with FakeProvider(fails("Lima", "Bern", by=None)) as provider:
        provider.looks = 10**9
        async with chat_on(provider.server) as chat:
            batch = chat.batch("{{ city }}", ROWS, via="batch-api", store=path, progress=False)
            waiting = asyncio.create_task(batch._whole())
            await asyncio.to_thread(provider.server.wait_requests, 3)
            if restarted:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
                batch = chat.batch(
                    "{{ city }}", [*ROWS, {"city": "Kyiv"}], via="batch-api", store=path, progress=False
                )
            table = await batch.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        assert statuses(table)[:4] == ["finished", "finished", "unsent", "unsent"]
        assert statuses(table)[4:] == ["unsent"] * restarted
        assert provider.count("POST /batches/ID/cancel") >= 1
        assert len(provider.jobs) == 1
    assert open_jobs(path) == 0


async def test_a_job_that_the_provider_has_removed_is_sent_again(path: Path) -> None:
    with FakeProvider() as provider:
        provider.looks = 10**9
        waiting = asyncio.create_task(run(provider, path))
        await asyncio.to_thread(provider.server.wait_requests, 3)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        provider.looks = 1
        provider.jobs["job-gone"] = provider.jobs.pop("job-0")
        assert answers(await run(provider, path)) == NAMES


async def test_a_provider_without_a_batch_api(path: Path) -> None:
    with FakeProvider() as provider:
        provider.before["POST /files"] = [json_response(404, {"error": {"message": "not found"}})]
        with pytest.raises(BatchError, match=r'has no Batch API.* Leave out via="batch-api"'):
            await run(provider, path)


async def test_files_stay_within_the_limits_of_the_provider(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_file, "MOST_LINES", 3)
    with FakeProvider() as provider:
        table = await run(provider, path, [{"city": str(n)} for n in range(8)])
        sizes = sorted(
            len(file.splitlines()) for name, file in provider.files.items() if name.count("-") == 1
        )
        assert sizes == [2, 3, 3]
    assert answers(table) == [str(n) for n in range(8)]


async def test_files_stay_within_the_bytes_of_the_provider(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_file, "MOST_BYTES", 1000)
    rows = [{"city": str(n) * 500} for n in range(4)] + [{"city": "x" * 2000}]
    with FakeProvider() as provider:
        table = await run(provider, path, rows)
        uploads = [file for name, file in provider.files.items() if name.count("-") == 1]
        assert len(uploads) == 4
        assert max(map(len, uploads)) <= 1000
    assert statuses(table) == ["finished"] * 4 + ["failed"]
    assert "at most 1,000" in table[4]["error"]


async def test_each_model_has_its_own_file(path: Path) -> None:
    def ask(row: Mapping[str, Any]) -> Any:
        from nbstream import Prompt

        return Prompt(row["city"], model=f"m{len(row['city']) % 2}")

    rows = [{"city": "Oslo"}, {"city": "Paris"}, {"city": "Rome"}]
    with FakeProvider() as provider:
        async with chat_on(provider.server) as chat:
            table = await chat.batch(ask, rows, via="batch-api", store=path, progress=False)
        assert answers(list(table)) == ["Oslo", "Paris", "Rome"]
        assert sorted(len({line["body"]["model"]} | set()) for line in provider.lines) == [1, 1, 1]
        assert len(provider.jobs) == 2


async def test_the_responses_api_has_another_path(path: Path) -> None:
    def answer(_line: Line) -> Line:
        said = [{"type": "output_text", "text": "Oslo", "annotations": []}]
        message = {"type": "message", "id": "i", "role": "assistant", "status": "completed", "content": said}
        body = {"id": "r", "object": "response", "status": "completed", "model": "m", "output": [message]}
        return {"response": {"status_code": 200, "body": body}, "error": None}

    with FakeProvider(answer) as provider:
        table = await run(provider, path, ROWS[:1], api="responses")
        assert [line["url"] for line in provider.lines] == ["/v1/responses"]
        assert provider.jobs["job-0"]["endpoint"] == "/v1/responses"
    assert answers(table) == ["Oslo"]


class City(BaseModel):
    name: str


async def test_a_schema_is_sent_in_a_form_that_the_provider_takes(path: Path) -> None:
    def answer(line: Line) -> Line:
        if line["body"].get("response_format", {}).get("type") == "json_schema":
            return refused(400, "response_format of type json_schema is not supported by this model")
        return answered('{"name": "Oslo"}')

    with FakeProvider(answer) as provider:
        table = await run(provider, path, schema=City)
        assert [row["name"] for row in table] == ["Oslo"] * 4
        assert len(provider.jobs) == 2


async def test_an_answer_that_does_not_match_its_schema_is_marked(path: Path) -> None:
    with FakeProvider(lambda _: answered('{"nam": 1}')) as provider:
        table = await run(provider, path, ROWS[:1], schema=City)
    assert statuses(table) == ["invalid"]


async def test_nothing_is_uploaded_that_a_budget_does_not_cover(path: Path) -> None:
    router = Router(NBStream(retries=0, prices={"m": {"input": 1, "output": 10}}), {"NBSTREAM_NO_PROBE": "1"})
    with FakeProvider() as provider:
        async with Chat("m", base_url=provider.server.base_url, router=router, max_tokens=100) as chat:
            with pytest.raises(BatchError, match="budget"):
                await chat.batch(
                    "{{ city }}", ROWS, via="batch-api", store=path, progress=False, budget=0.001
                )
            assert provider.log == []
            table = await chat.batch(
                "{{ city }}", ROWS, via="batch-api", store=path, progress=False, budget=1
            )
            assert [float(row["cost"]) for row in table] == [pytest.approx(60e-6)] * 4


async def test_the_first_error_is_raised_after_all_results_are_stored(path: Path) -> None:
    answer = fails("Oslo", by=refused(400, "not allowed"))
    with FakeProvider(answer) as provider, pytest.raises(BatchError, match="not allowed") as caught:
        await run(provider, path, on_error="raise")
    assert statuses(caught.value.table) == ["failed", "finished", "finished", "finished"]


@pytest.mark.parametrize(
    "options",
    [
        {"concurrency": 4},
        {"rpm": 60},
        {"tpm": 1000},
        {"retries": 1},
        {"stream": True},
        {"store": False},
        {"via": "fax"},
    ],
)
def test_options_that_jobs_do_not_have_are_errors(path: Path, options: dict[str, Any]) -> None:
    given = {"via": "batch-api", "store": path, **options}
    with pytest.raises(ArgumentError, match=next(iter(options))):
        Chat("demo").batch("{{ city }}", ROWS, **given)


async def test_only_jobs_can_be_cancelled() -> None:
    with pytest.raises(Exception, match=r"no jobs at a provider\. Use stop"):
        await Chat("demo").batch("{{ city }}", ROWS, store=False).cancel()


async def test_the_bar_shows_what_the_provider_has_done(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeProvider() as provider:
        provider.looks = 10**9
        async with chat_on(provider.server) as chat:
            batch = chat.batch("{{ city }}", ROWS, via="batch-api", store=path)
            waiting = asyncio.create_task(batch._whole())
            await asyncio.to_thread(provider.server.wait_requests, 4)
            assert batch.progress.jobs == JobsSeen(0, 4)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            assert "The provider continues. Run it again for its answers." in capsys.readouterr().err
            provider.looks = 1
            await batch
            assert batch.progress.jobs == JobsSeen(4, 4)
