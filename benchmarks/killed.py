"""Kills a batch with SIGKILL at random instants, and counts what is lost and what is paid twice.

``python -m benchmarks.killed [KILLS]``: a batch runs in a separate process and is killed after a random time.
The same batch is started again with the same store, until it ends by itself or has been killed so often.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.answers import AnswerServer, answers
from benchmarks.report import Row, Table

KILLS = 100
ROWS = 2000
CONCURRENCY = 50
SECONDS = 0.2


@dataclass
class Tally:
    """What was seen over all runs."""

    counted: set[str] = field(default_factory=set)
    lost: int = 0
    most_paid_twice: int = 0
    paid_twice: int = 0
    unsound: int = 0
    kills: int = 0
    batches: int = 0


def run_and_kill(server: AnswerServer, store: Path, name: str, seconds: float, tally: Tally) -> bool:
    """Run the batch for so long; whether it was killed before its end."""
    command = [sys.executable, "-m", "benchmarks.killed", "batch", server.base_url, str(store), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun to send
        time.sleep(seconds)
        process.kill()
        tally.counted |= {row for line in process.stdout if line.endswith("\n") for row in line.split()}
    return process.returncode != 0


def check(server: AnswerServer, store: Path, name: str, before: int, tally: Tally) -> int:
    """Look at the store after a kill; the number of answers that were paid twice so far."""
    from nbstream import Store

    with Store(store) as opened:
        tally.unsound += bool(opened.check())
        stored = {answer.text.partition(":")[0].rpartition(" ")[2] for answer in opened}
    tally.lost += len(tally.counted - stored)
    twice = sum(
        count - 1 for prompt, count in server.idle_counts().answered.items() if prompt.startswith(name)
    )
    tally.most_paid_twice = max(tally.most_paid_twice, twice - before)
    return twice


def kill_often(kills: int) -> Tally:
    tally, chance = Tally(), random.Random(17)
    with answers(SECONDS) as server:
        while tally.kills < kills:
            name = f"batch-{tally.batches}"
            tally.batches += 1
            tally.counted.clear()
            with tempfile.TemporaryDirectory() as folder:
                store, twice = Path(folder, "answers.sqlite"), 0
                while tally.kills < kills and run_and_kill(
                    server, store, name, chance.uniform(0, 1.5), tally
                ):
                    tally.kills += 1
                    twice = check(server, store, name, twice, tally)
                run_and_kill(server, store, name, 60, tally)
                tally.paid_twice += check(server, store, name, twice, tally)
            tally.lost += ROWS - len(tally.counted)
            print(tally.kills, "kills,", tally.lost, "lost,", tally.paid_twice, "paid twice", file=sys.stderr)
    return tally


def run(kills: int = KILLS) -> list[Table]:
    tally = kill_often(kills)
    figures = {
        "answers lost": tally.lost,
        "damaged stores": tally.unsound,
        "most paid twice by one kill": tally.most_paid_twice,
        "in flight": CONCURRENCY,
        "paid twice in all": tally.paid_twice,
        "batches": tally.batches,
    }
    title = (
        f"SIGKILL at a random instant, {ROWS:,} rows, {CONCURRENCY} at a time, answers after {SECONDS:g} s"
    )
    return [Table("killed", title, [Row(f"{tally.kills} kills", figures)])]


def batch(url: str, store: str, name: str) -> None:
    """The batch that is killed: prints a line when it begins, and each row once it counts as answered."""
    import nbstream
    from nbstream.batching.progress import BatchEvent, RowEnded, RowStarted

    running = nbstream.batch(
        f"{name} {{{{ n }}}}",
        [{"n": n} for n in range(ROWS)],
        model="bench",
        base_url=url,
        store=store,
        concurrency=CONCURRENCY,
        progress=False,
    )
    begun = False

    def tell(event: BatchEvent) -> None:
        nonlocal begun
        if not begun and isinstance(event, RowStarted | RowEnded):
            begun = True
            print(flush=True)
        if isinstance(event, RowEnded):
            print(*event.rows, flush=True)

    running.progress.subscribe(tell)
    running.result()


if __name__ == "__main__":
    if sys.argv[1:2] == ["batch"]:
        batch(*sys.argv[2:])
    else:
        print(*run(int(sys.argv[1]) if sys.argv[1:] else KILLS), sep="\n")
