"""``python -m benchmarks [NAME …]``: run benchmarks, print their tables, write them as JSON."""

from __future__ import annotations

import json
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

NAMES = ("load", "wire", "kernel")


def main(names: list[str]) -> None:
    tables = []
    for name in names or NAMES:
        for table in import_module(f"benchmarks.{name}").run():
            print(f"\n{table}", flush=True)
            tables.append(table.as_dict())
    machine = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
    }
    result = {"date": datetime.now(UTC).isoformat(timespec="seconds"), **machine, "tables": tables}
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
