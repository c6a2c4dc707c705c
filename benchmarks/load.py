"""What `%load_ext nbstream` costs, against `import openai`."""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.report import Row, Table

ROUNDS = 5
SHELL = "from IPython.core.interactiveshell import InteractiveShell as S; ip = S.instance()"
TIMED = """
import json, sys, time
{setup}
wall, main, process, modules = time.perf_counter(), time.thread_time(), time.process_time(), len(sys.modules)
{statement}
print(json.dumps([time.perf_counter() - wall, time.thread_time() - main, time.process_time() - process]))
"""
STATEMENTS = {
    "%load_ext nbstream": 'ip.run_line_magic("load_ext", "nbstream")',
    "import nbstream": "import nbstream",
    "import openai": "import openai",
}


def measure(statement: str) -> dict[str, float]:
    program = TIMED.format(setup=SHELL, statement=statement)
    rounds = [
        json.loads(
            subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        )
        for _ in range(ROUNDS)
    ]
    wall, main, process = (min(column) * 1000 for column in zip(*rounds, strict=True))
    return {"wall ms": wall, "main-thread CPU ms": main, "process CPU ms": process}


def run() -> list[Table]:
    return [
        Table("load", "in a fresh IPython", [Row(name, measure(line)) for name, line in STATEMENTS.items()])
    ]
