"""Kills workers of a Dask cluster with SIGKILL, and counts what is paid twice.

``python -m benchmarks.lost_worker [KILLS]``: a batch runs on a local cluster, and one of its workers is
killed after a random time. An answer counts as finished once its worker has it on the disk.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.answers import AnswerServer, answers
from benchmarks.report import Row, Table

if TYPE_CHECKING:
    from distributed import Client

KILLS = 20
ROWS = 400
WORKERS, CONCURRENCY = 2, 20
SECONDS = 0.1


@dataclass
class Tally:
    """What was seen over all kills."""

    kills: int = 0
    finished: int = 0
    finished_twice: int = 0
    twice: int = 0
    most_twice: int = 0
    missing: int = 0
    unsound: int = 0


@contextmanager
def cluster() -> Iterator[Client]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, processes=True, dashboard_address="localhost:0"
        ) as local,
        Client(local) as client,
    ):
        yield client


def on_disk(store: Path) -> set[str]:
    """The prompts whose answers are in files of workers or in the store."""
    from nbstream import Store
    from nbstream.batching.engines.block_files import BlockFiles, folder_of

    folder = folder_of(store)
    blocks = {file.name.split(".")[0] for file in folder.glob("*.*~*")}
    found = [answer for name in blocks for answer in BlockFiles(folder, name).answers() or []]
    with Store(store) as opened:
        return {prompt_of(answer) for answer in (*found, *opened)}


def prompt_of(answer: Any) -> str:
    import json

    return str(json.loads(answer.request)[-1]["content"])


def kill(client: Client, store: Path, seconds: float, finished: set[str]) -> None:
    """Stop a worker, note what is on the disk, and kill it."""
    time.sleep(seconds)
    worker = min(client.run(os.getpid).values())
    os.kill(worker, signal.SIGSTOP)
    finished |= on_disk(store)
    os.kill(worker, signal.SIGKILL)


def lose_one(server: AnswerServer, client: Client, seconds: float, tally: Tally) -> None:
    import nbstream

    name, finished = f"run {tally.kills}", set[str]()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "answers.sqlite")
        killer = threading.Thread(target=kill, args=(client, store, seconds, finished))
        batch = nbstream.batch(
            f"{name} {{{{ n }}}}",
            [{"n": n} for n in range(ROWS)],
            model="bench",
            base_url=server.base_url,
            store=store,
            engine=client,
            concurrency=CONCURRENCY,
            progress=False,
        )
        killer.start()
        table = batch.result()
        killer.join()
        with nbstream.Store(store) as opened:
            tally.unsound += bool(opened.check())
    counts = {p: n for p, n in server.idle_counts().answered.items() if p.startswith(f"{name} ")}
    twice = sum(count - 1 for count in counts.values())
    tally.kills += 1
    tally.finished += len(finished)
    tally.finished_twice += sum(counts[prompt] - 1 for prompt in finished)
    tally.twice += twice
    tally.most_twice = max(tally.most_twice, twice)
    tally.missing += sum(row["status"] != "finished" for row in table)
    print(tally, file=sys.stderr)


def run(kills: int = KILLS) -> list[Table]:
    tally, chance = Tally(), random.Random(17)
    with answers(SECONDS) as server:
        while tally.kills < kills:  # a new cluster for each: Dask does not replace workers without end
            with cluster() as client:
                lose_one(server, client, chance.uniform(0.2, 1.5), tally)
    figures = {
        "rows missing": tally.missing,
        "finished at the kill": tally.finished,
        "of these paid twice": tally.finished_twice,
        "in flight, paid twice": tally.twice,
        "most by one kill": tally.most_twice,
        "in flight on a worker": CONCURRENCY // WORKERS,
        "damaged stores": tally.unsound,
    }
    title = f"SIGKILL for one of {WORKERS} workers of Dask, {ROWS} rows, answers after {SECONDS:g} s"
    return [Table("lost_worker", title, [Row(f"{tally.kills} kills", figures)])]


if __name__ == "__main__":
    print(*run(int(sys.argv[1]) if sys.argv[1:] else KILLS), sep="\n")
