"""Batches on threads, processes and a cluster of Dask; workers that are killed pay nothing twice."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from distributed import Client, LocalCluster
from openai import AsyncOpenAI
from pydantic import BaseModel, field_validator

import nbstream
from nbstream import ArgumentError, BatchError, NBStream, Store
from nbstream.batching.engines.api_key import KeyReference
from nbstream.batching.engines.block import Block, Recipe, Share
from nbstream.batching.engines.block_files import folder_of
from nbstream.batching.engines.run_signal import RunSignal
from nbstream.batching.runner import Runner
from nbstream.batching.stored_answer import COLUMNS
from nbstream.conversation.options import RequestOptions
from nbstream.types.messages import Message
from tests.batching.whole_answers import Held, echoes, prompt_of, whole
from tests.loopback import ByteServer, Pause, RecordedRequest, Step, json_response
from tests.waiting import until

KEY = "sk-planted-0123456789"
ROWS = 120
AT_A_TIME = 4
SAFE = 20


def slowly(request: RecordedRequest) -> list[Step]:
    return [Pause(0.05), *whole(prompt_of(request))]


def batch(server: ByteServer, path: Path, count: int = ROWS, **options: Any) -> nbstream.Batch:
    rows = [{"n": n} for n in range(count)]
    chosen: dict[str, Any] = {"model": "m", "base_url": server.base_url, "store": path, "progress": False}
    return nbstream.batch("{{ n }}", rows, **chosen | options)


def paid(server: ByteServer) -> Counter[str]:
    return Counter(map(prompt_of, server.requests))


def durable(store: Path) -> set[str]:
    """Answers that workers have written to their files."""
    found = set()
    for file in folder_of(store).glob("*.*~*"):
        for line in file.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                found.add(json.loads(line)[list(COLUMNS).index("text")])
    return found


async def some_are_durable(store: Path) -> None:
    while len(durable(store)) < SAFE:  # noqa: ASYNC110  there is no event for it
        await asyncio.sleep(0.02)


def all_answered(table: list[dict[str, Any]], count: int = ROWS) -> bool:
    return [row["answer"] for row in table] == [str(n) for n in range(count)]


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address="localhost:0"
        ) as cluster,
        Client(cluster) as connected,
    ):
        yield connected


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.sqlite"


# --- what holds on every engine, on the fastest


async def test_rows_keep_their_order_and_equal_rows_share_a_request(threads: Executor, path: Path) -> None:
    rows = [{"city": city} for city in ("Oslo", "Rome", "Oslo", "Lima") * 30]
    with ByteServer(echoes) as server:
        asked = nbstream.batch(
            "{{ city }}",
            rows,
            model="m",
            base_url=server.base_url,
            store=path,
            engine=threads,
            progress=False,
        )
        table = await asked
        assert len(server.requests) == 3
        again = await nbstream.batch(
            "{{ city }}", rows, model="m", base_url=server.base_url, store=path, progress=False
        )
        assert len(server.requests) == 3
    assert [row["answer"] for row in table] == [row["city"] for row in rows]
    assert all(row["cached"] for row in again)
    assert [row["cached"] for row in table].count(False) == 3
    assert not folder_of(path).exists()


async def test_a_row_that_fails_costs_only_itself(threads: Executor, path: Path) -> None:
    def answer(request: RecordedRequest) -> list[Step]:
        if prompt_of(request) == "7":
            return json_response(400, {"error": {"message": "maximum context length is 4096 tokens"}})
        return echoes(request)

    with ByteServer(answer) as server:
        table = await batch(server, path, 30, engine=threads)
    assert Counter(row["status"] for row in table) == {"finished": 29, "failed": 1}
    assert "maximum context length" in table[7]["error"]


async def test_prices_and_budgets_are_those_of_the_notebook(
    threads: Executor, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NBStream.instance(), "prices", {"m": {"input": 1_000, "output": 1_000}})
    with ByteServer(echoes) as server:
        table = await batch(server, path, 10, engine=threads)
        assert [row["cost"] for row in table] == [pytest.approx(0.015)] * 10
        with Store(path) as store:
            assert {answer.cost for answer in store} == {"0.015"}
        with pytest.raises(BatchError, match="budget"):
            await batch(server, path, 20, engine=threads, budget=0.02, max_tokens=5)
    assert len(server.requests) < 15


class Even(BaseModel):
    n: int

    @field_validator("n")
    @classmethod
    def is_even(cls, n: int) -> int:
        if n % 2:
            raise ValueError("odd")
        return n


async def test_a_schema_of_the_notebook_decides_about_answers(
    threads: Executor, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Even, "__module__", "__main__")
    monkeypatch.setattr(sys.modules["__main__"], "Even", Even, raising=False)
    with ByteServer(lambda request: whole(f'{{"n": {prompt_of(request)}}}')) as server:
        table = await batch(server, path, 4, engine=threads, schema=Even, prefix="x_")
    assert [row["x_status"] for row in table] == ["finished", "invalid", "finished", "invalid"]
    assert [row["x_n"] for row in table] == [0, None, 2, None]


async def test_no_more_requests_are_in_flight_than_all_workers_may_have(
    threads: Executor, path: Path
) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def counted(request: RecordedRequest) -> Iterable[Step]:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        yield Pause(0.01)
        with lock:
            now[0] -= 1
        yield from echoes(request)

    with ByteServer(counted) as server:
        await batch(server, path, 60, engine=threads, concurrency=3)
    assert 2 <= most[0] <= 3


async def test_stop_reaches_the_workers(
    threads: Executor, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, stopped, stop = Held(), list[type](), Runner.stop

    def noted(runner: Runner, reason: Any = None) -> None:
        stopped.append(type(runner))
        stop(runner, reason)

    monkeypatch.setattr(Runner, "stop", noted)
    with ByteServer(held) as server:
        running = batch(server, path, engine=threads, concurrency=AT_A_TIME)
        task = asyncio.ensure_future(running)
        await until(lambda: len(server.requests) == AT_A_TIME)
        running.stop()
        await until(lambda: stopped.count(Runner) == 2)
        held.release()
        table = await task
    assert Counter(row["status"] for row in table) == {"finished": AT_A_TIME, "unsent": ROWS - AT_A_TIME}
    assert len(server.requests) == AT_A_TIME


async def test_failures_in_a_row_stop_the_batch(threads: Executor, path: Path) -> None:
    with ByteServer(lambda _: json_response(400, {"error": {"message": "no"}})) as server:
        with pytest.raises(BatchError, match="no"):
            await batch(server, path, engine=threads, concurrency=2, fail_fast=5)
        assert len(server.requests) <= 2 * (5 + AT_A_TIME)


def test_answers_of_a_killed_notebook_are_found_by_the_next_one(path: Path) -> None:
    with ByteServer(slowly) as server:
        script = [sys.executable, "-m", "tests.batching.engines.interrupted"]
        with subprocess.Popen([*script, server.base_url, str(path), "60"]) as process:
            while len(durable(path)) < 10:
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGSTOP)
            safe = durable(path)
            process.kill()
        table = batch(server, path, 60).result()
    assert all_answered(table, 60)
    assert not folder_of(path).exists() or not list(folder_of(path).glob("*.*~*"))
    assert all(count == 1 for prompt, count in paid(server).items() if prompt in safe)
    assert sum(paid(server).values()) - 60 <= 2


BAD = {
    "no engine": ({"engine": 5}, "not an engine"),
    "without a store": ({"store": False}, "store=False has no use"),
    "in a job": ({"via": "batch-api"}, "no use with via"),
    "a client of one's own": (
        {"client": AsyncOpenAI(api_key="x", base_url="http://x/v1")},
        "own cannot be sent",
    ),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD)
def test_what_workers_cannot_have_is_an_error_at_once(
    threads: Executor, path: Path, options: dict[str, Any], message: str
) -> None:
    given: dict[str, Any] = {"model": "m", "store": path, "engine": threads} | options
    with pytest.raises(ArgumentError, match=message):
        nbstream.batch("{{ n }}", [{"n": 1}], **given)


# --- processes


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANTED_KEY", KEY)
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
            yield executor


async def test_a_killed_process_of_a_pool_pays_nothing_twice(
    processes: ProcessPoolExecutor, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_KEY", KEY)
    with ByteServer(slowly) as server:
        with pytest.raises(BatchError, match="in no environment variable"):
            await batch(server, path, engine=processes, api_key="sk-of-nobody")
        assert server.requests == []
        task = asyncio.ensure_future(
            batch(server, path, engine=processes, concurrency=AT_A_TIME, api_key=KEY)
        )
        await some_are_durable(path)
        workers = list(processes._processes)
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        safe = durable(path)
        os.kill(workers[0], signal.SIGKILL)
        os.kill(workers[1], signal.SIGCONT)
        with pytest.raises(BatchError, match="answers are stored"):
            await task
        table = await batch(server, path)
    assert all_answered(table)
    assert len(safe) >= SAFE
    assert all(count == 1 for prompt, count in paid(server).items() if prompt in safe)
    assert sum(paid(server).values()) - ROWS <= AT_A_TIME
    assert f"Bearer {KEY}" in {request.headers.get("authorization") for request in server.requests}


# --- Dask


async def test_a_killed_worker_of_a_cluster_is_replaced_and_pays_nothing_twice(
    client: Client, path: Path
) -> None:
    with ByteServer(slowly) as server:
        task = asyncio.ensure_future(batch(server, path, engine=client, concurrency=AT_A_TIME, api_key=KEY))
        await some_are_durable(path)
        workers = client.run(os.getpid)
        for worker in workers.values():
            os.kill(worker, signal.SIGINT)  # as an interrupt of a kernel does
        assert client.run(os.getpid) == workers
        worker = min(workers.values())
        os.kill(worker, signal.SIGSTOP)
        safe = durable(path)
        os.kill(worker, signal.SIGKILL)
        table = await task
    assert all_answered(table)
    assert len(safe) >= SAFE
    assert all(count == 1 for prompt, count in paid(server).items() if prompt in safe)
    assert sum(paid(server).values()) - ROWS <= AT_A_TIME
    assert {request.headers.get("authorization") for request in server.requests} == {f"Bearer {KEY}"}
    assert KEY not in repr(client.get_worker_logs()) + repr(client.get_scheduler_logs())


async def test_an_error_on_a_worker_reaches_its_row_without_the_key(client: Client, path: Path) -> None:
    with ByteServer(lambda _: json_response(401, {"error": {"message": f"bad key {KEY}"}})) as server:
        table = await batch(server, path, 2, engine=client, api_key=KEY)
    assert [row["status"] for row in table] == ["failed"] * 2
    assert KEY not in repr(table)
    assert KEY not in repr(client.get_worker_logs())


def test_a_block_holds_no_key_and_shows_no_prompt(tmp_path: Path) -> None:
    recipe = Recipe("m", "http://x/v1", KeyReference("NAME", "token"), RequestOptions(), 0, "keep", 20)
    block = Block(1, RunSignal(tmp_path, "run"), recipe, Share(), [(Message("user", "private"),)])
    assert repr(block) == "<Block 1 of 1 requests>"
    assert cloudpickle.loads(cloudpickle.dumps(block)) == block
