"""The newest interpreter that runs, whatever the files are called."""

from __future__ import annotations

import sys
from pathlib import Path

from dev.newest_python import newest_python


def interpreter(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_newest_that_runs_is_found_by_its_version_and_not_its_name(tmp_path: Path) -> None:
    interpreter(tmp_path, "python3.98", "echo 3 98 7 True")
    newest = interpreter(tmp_path, "python3.12", "echo 3 99 0 True")
    interpreter(tmp_path, "python3.100", "echo 'not active' >&2; exit 127")
    interpreter(tmp_path, "python3.101", "echo 3 101 0 False")
    interpreter(tmp_path, "python3.102-config", "echo 3 102 0 True")
    assert newest_python([tmp_path, tmp_path / "none"]) == newest


def test_without_a_newer_one_it_is_the_running_one(tmp_path: Path) -> None:
    interpreter(tmp_path, "python3.6", "echo 3 6 1 True")
    assert newest_python([tmp_path]) == Path(sys.executable)
