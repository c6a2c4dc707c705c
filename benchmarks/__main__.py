"""``python -m benchmarks [NAME …]``: run benchmarks, print their tables, write them as JSON."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.report import Table

NAMES = (
    "load",
    "wire",
    "kernel",
    "history",
    "many",
    "memory",
    "relay",
    "rows",
    "grid",
    "pacing",
    "batch",
    "killed",
    "lost_worker",
    "table",
    "cassettes",
    "notebooks",
    "opening",
    "browser",
)
RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, object]:
    """Where the figures come from, and how busy it was with other things."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def processor() -> str:
    """The model's name, where the system tells it (Linux)."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def tables(names: list[str]) -> Iterator[Table]:
    for name in names:
        yield from import_module(f"benchmarks.{name}").run()


def main(names: list[str]) -> None:
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}.")
    began, done = machine(), []
    print(*(f"{name}: {value}" for name, value in began.items()), sep=", ")
    for table in tables(names or list(NAMES)):
        print(f"\n{table}", flush=True)
        done.append(table.as_dict())
    RESULTS.mkdir(exist_ok=True)
    for name in ("latest", "-".join(names) or "all"):
        (RESULTS / f"{name}.json").write_text(json.dumps(began | {"tables": done}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
