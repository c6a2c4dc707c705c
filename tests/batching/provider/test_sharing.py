"""Jobs of a store that several processes use, and one that is killed."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from nbstream import Store
from nbstream._util.processes import this_process
from nbstream.batching.provider import job_run, job_runner
from nbstream.batching.provider.jobs import Job, Jobs
from tests.batching.provider.fake_provider import FakeProvider
from tests.chats import chat_on

ROWS = [{"city": city} for city in ("Oslo", "Rome", "Lima", "Bern")]
SCRIPT = """
import asyncio, json, sys
from nbstream import Chat
base_url, store, rows = sys.argv[1:]

async def main():
    async with Chat("m", base_url=base_url) as chat:
        return await chat.batch(
            "{{ city }}", json.loads(rows), via="batch-api", store=store, progress=False
        )

print(json.dumps([row["answer"] for row in asyncio.run(main())]))
"""

pytestmark = pytest.mark.usefixtures("no_task_is_left")


def started(provider: FakeProvider, path: Path) -> subprocess.Popen[str]:
    """A process that sends the rows."""
    arguments = [sys.executable, "-c", SCRIPT, provider.server.base_url, str(path), json.dumps(ROWS)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def sleeping() -> subprocess.Popen[bytes]:
    """A process that waits."""
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


async def test_a_killed_process_is_followed_by_one_that_takes_its_answers(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    with FakeProvider() as provider:
        provider.looks = 10**9
        first = started(provider, path)
        await asyncio.to_thread(provider.server.wait_requests, 3)
        first.send_signal(signal.SIGKILL)
        await asyncio.to_thread(first.communicate)
        provider.looks = 1
        async with chat_on(provider.server) as chat:
            table = await chat.batch("{{ city }}", ROWS, via="batch-api", store=path, progress=False)
        assert [row["answer"] for row in table] == [row["city"] for row in ROWS]
        assert len(provider.jobs) == 1


async def test_two_at_once_create_one_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two batches of one process have separate stores, as two processes would."""
    monkeypatch.setattr(job_run, "FIRST_POLL", 0.01)
    path = tmp_path / "answers.sqlite"
    with FakeProvider() as provider:
        provider.looks = 10
        async with chat_on(provider.server) as chat:
            batches = [
                chat.batch("{{ city }}", ROWS, via="batch-api", store=path, progress=False) for _ in range(3)
            ]
            tables = await asyncio.gather(*(batch._whole() for batch in batches))
        assert [[row["answer"] for row in table] for table in tables] == [[r["city"] for r in ROWS]] * 3
        assert len(provider.jobs) == 1


async def test_a_job_that_another_process_submits_is_awaited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "FIRST_POLL", 0.01)
    path = tmp_path / "answers.sqlite"
    with FakeProvider() as provider, sleeping() as other:
        owner = f"{socket.gethostname()} {other.pid} {psutil.Process(other.pid).create_time()}"
        async with chat_on(provider.server) as chat:
            batch = chat.batch("{{ city }}", ROWS[:1], via="batch-api", store=path, progress=False)
            with Store(path) as store:
                request = await _request_of(batch)
                assert Jobs(store).add(Job("a", "x", owner), [request])
                waiting = asyncio.create_task(batch._whole())
                await asyncio.sleep(0.1)
                assert provider.log == []
                other.kill()
                other.wait()
                assert [row["answer"] for row in await waiting] == ["Oslo"]


async def _request_of(batch: object) -> bytes:
    from nbstream.batching.runner import Runner

    runner = Runner(batch._plan, batch.progress, [None])  # type: ignore[attr-defined]
    window = await runner._window(runner._open_rows())
    await runner._writer.aclose()
    return window[0].key


def test_requests_of_an_open_job_are_not_added_to_another() -> None:
    jobs = Jobs(Store())
    assert jobs.add(Job("a", "x", this_process()), [b"1", b"2"])
    assert not jobs.add(Job("b", "x", this_process()), [b"2", b"3"])
    assert [keys for _, keys in jobs.open([b"1", b"2", b"3"])] == [[b"1", b"2"]]
    jobs.collected(Job("a", "x", this_process()), [b"1", b"2"])
    assert jobs.add(Job("b", "x", this_process()), [b"2", b"3"])
