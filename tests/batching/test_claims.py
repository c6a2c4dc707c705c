"""Two runs with the same rows at the same time: each request is sent by one of them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import nbstream
from nbstream import Store
from nbstream.batching.claims import LEASE_SECONDS, Claims
from tests.batching.whole_answers import Held, prompt_of, whole
from tests.loopback import ByteServer, Pause, RecordedRequest, Step
from tests.waiting import until

ROWS = 60
AT_A_TIME = 8
ELSEWHERE = "elsewhere 1 2.0 token"


def slowly(request: RecordedRequest) -> list[Step]:
    return [Pause(0.05), *whole(prompt_of(request))]


@contextmanager
def running(server: ByteServer, path: Path) -> Iterator[subprocess.Popen[str]]:
    """The batch in a separate process, which prints the rows that count as answered."""
    command = [sys.executable, "-m", "tests.batching.killed", server.base_url, str(path), str(ROWS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process


def test_processes_that_run_at_the_same_time_pay_each_row_once(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with ByteServer(slowly) as server, ExitStack() as stack:
        processes = [stack.enter_context(running(server, path)) for _ in range(2)]
        printed = [set(process.communicate(timeout=120)[0].split()) for process in processes]
    assert printed == [{str(n) for n in range(ROWS)}] * 2
    assert Counter(map(prompt_of, server.requests)) == {str(n): 1 for n in range(ROWS)}


async def test_the_rows_of_a_killed_process_are_taken_over_at_once(tmp_path: Path) -> None:
    path, held = tmp_path / "a.sqlite", Held()
    with ByteServer(held) as server, running(server, path) as process:
        await until(lambda: len(server.requests) >= AT_A_TIME)
        rows = [{"n": n} for n in range(ROWS)]
        batch = nbstream.batch(
            "{{ n }}", rows, model="m", base_url=server.base_url, store=path, progress=False, concurrency=4
        )
        held.release()
        process.kill()
        process.wait()
        answers = [row["answer"] for row in await batch]
    assert answers == [str(n) for n in range(ROWS)]
    twice = sum(count - 1 for count in Counter(map(prompt_of, server.requests)).values())
    assert twice <= AT_A_TIME


async def test_a_batch_says_that_it_waits_for_another(tmp_path: Path) -> None:
    path, held = tmp_path / "a.sqlite", Held()
    rows = [{"n": n} for n in range(3)]
    with ByteServer(held) as server:
        first, second = (
            nbstream.batch("{{ n }}", rows, model="m", base_url=server.base_url, store=path, progress=False)
            for _ in range(2)
        )
        tasks = [asyncio.ensure_future(first)]
        await until(lambda: len(server.requests) == 3)
        tasks.append(asyncio.ensure_future(second))
        await until(lambda: second.progress.elsewhere == 3)
        held.release()
        tables = await asyncio.gather(*tasks)
    assert [row["cached"] for row in tables[0]] == [False] * 3
    assert [row["cached"] for row in tables[1]] == [True] * 3
    assert len(server.requests) == 3


def claim_of_another_machine(store: Store, key: bytes, expires: float) -> None:
    with store.database() as db:
        db.execute("INSERT INTO claimants VALUES (?, ?)", (ELSEWHERE, expires))
        db.execute("INSERT INTO claims VALUES (?, ?)", (key, ELSEWHERE))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.sqlite") as opened:
        yield opened


def test_the_claims_of_another_machine_last_as_long_as_their_lease(store: Store) -> None:
    clock = [time.time()]
    claims = Claims(store, lambda: clock[0])
    claim_of_another_machine(store, b"a", clock[0] + LEASE_SECONDS)
    assert claims.look_up([b"a", b"b"]).elsewhere == {b"a"}
    clock[0] += LEASE_SECONDS + 1
    assert claims.look_up([b"a"]).elsewhere == frozenset()
    claims.close()


def test_a_lease_is_renewed_and_a_failed_request_released(store: Store) -> None:
    clock = [time.time()]
    first, second = (Claims(store, lambda: clock[0]) for _ in range(2))
    first.look_up([b"a", b"b"])
    clock[0] += LEASE_SECONDS - 1
    first.renew()
    clock[0] += 2
    assert second.look_up([b"a", b"b"]).elsewhere == {b"a", b"b"}
    first.release(b"a")
    assert second.look_up([b"a", b"b"]).elsewhere == {b"b"}
    first.close()
    assert second.look_up([b"b"]).elsewhere == frozenset()
    second.close()
    with store.database() as db:
        assert db.execute("SELECT count(*) FROM claims").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM claimants").fetchone() == (0,)
