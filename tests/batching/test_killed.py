"""A killed process loses at most what was in flight. `benchmarks/killed.py` does this a hundred times."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbstream
from nbstream import Store
from tests.batching.whole_answers import prompt_of, whole
from tests.loopback import ByteServer, Pause, RecordedRequest, Step

ROWS = 120
AT_A_TIME = 8


def slowly(request: RecordedRequest) -> list[Step]:
    return [Pause(0.01), *whole(prompt_of(request))]


def test_what_counts_as_answered_survives_a_kill_and_is_never_paid_twice(tmp_path: Path) -> None:
    path, counted = tmp_path / "a.sqlite", set[str]()
    with ByteServer(slowly) as server:
        for until in (10, 45, 70):
            command = [sys.executable, "-m", "tests.batching.killed", server.base_url, str(path), str(ROWS)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                for line in process.stdout:  # what was printed before the kill is read to its end
                    counted |= set(line.split())
                    if len(counted) >= until:
                        process.kill()
            with Store(path) as store:
                assert store.check() == []
                assert counted <= {stored.text for stored in store}
        rows = [{"n": n} for n in range(ROWS)]
        batch = nbstream.batch(
            "{{ n }}", rows, model="m", base_url=server.base_url, store=path, progress=False
        )
        found = batch.result()
    assert [row["answer"] for row in found] == [str(n) for n in range(ROWS)]
    paid = Counter(prompt_of(request) for request in server.requests)
    assert max(paid[prompt] for prompt in counted) <= 3  # counted by the run that got it, in flight before
    assert sum(paid.values()) - ROWS <= 3 * AT_A_TIME
