"""What it costs to begin: `%load_ext`, the first `%%chat`, memory; against `import openai` and peers."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from statistics import median

from benchmarks.kernel import CHAT, PEERS
from benchmarks.probes import CPU
from benchmarks.report import Row, Table
from benchmarks.source import Plan, Source, source, words
from tests.kernel.driver import Kernel

ROUNDS = 5
SHELL = "from IPython.core.interactiveshell import InteractiveShell as S; ip = S.instance()"
TIMED = """
import json, os, sys, time
{setup}
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
wall, main, process, memory = time.perf_counter(), time.thread_time(), time.process_time(), resident()
{statement}
print(json.dumps([time.perf_counter() - wall, time.thread_time() - main, time.process_time() - process,
                  (resident() - memory) / 2**20]))
"""
STATEMENTS = {
    "`%load_ext nbstream`": 'ip.run_line_magic("load_ext", "nbstream")',
    "`import nbstream`": "import nbstream",
    "`import openai`": "import openai",
    "`import chatlas`": "import chatlas",
}
FIRST = {
    "first `%%chat`": ("%load_ext nbstream", CHAT),
    "first loop over the SDK's stream": ("", PEERS["`print(token, flush=True)`"]),
}


def statement(text: str) -> dict[str, float]:
    """In a separate IPython; the fastest of several rounds."""
    program = TIMED.format(setup=SHELL, statement=text)
    command = [sys.executable, "-c", program]
    rounds = [
        json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(ROUNDS)
    ]
    wall, main, process, memory = (min(column) for column in zip(*rounds, strict=True))
    return {
        "wall ms": wall * 1000,
        "main-thread CPU ms": main * 1000,
        "process CPU ms": process * 1000,
        "memory MiB": memory,
    }


def first(prepare: str, cell: str, origin: Source) -> dict[str, float]:
    """In a separate kernel: the first answer, of one token, and everything that is loaded for it."""
    rounds = []
    for _ in range(ROUNDS):
        with Kernel() as kernel:
            kernel.run(CPU)
            kernel.run(prepare)
            kernel.run("cpu_of()")
            execution = kernel.run(cell.replace("{url}", origin.base_url), cell="bench")
            assert execution.status == "ok", execution.reply
            main, process = kernel.value("cpu_of()")
            rounds.append((main * 1000, process * 1000))
    main, process = (median(column) for column in zip(*rounds, strict=True))
    return {"main-thread CPU ms": main, "process CPU ms": process}


def run() -> list[Table]:
    rows = [
        Row(name, statement(text))
        for name, text in STATEMENTS.items()
        if "chatlas" not in text or find_spec("chatlas")
    ]
    with source(Plan(words(1))) as origin:
        rows += [Row(name, first(*cells, origin)) for name, cells in FIRST.items()]
    return [Table("load", "in a fresh IPython, in a fresh kernel", rows)]
