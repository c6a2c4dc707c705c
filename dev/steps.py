"""Commands that run beside each other, and tell only what failed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT

__all__ = ["Step", "run_all"]


@dataclass(frozen=True, slots=True)
class Step:
    """A command.

    Parameters
    ----------
    name
        What it checks.
    command
        The program and its arguments.
    folder
        Where it runs.
    passing
        The exit statuses of success.
    """

    name: str
    command: Sequence[str]
    folder: Path
    passing: frozenset[int] = frozenset({0})


def run_all(steps: Iterable[Step], workers: int = 2) -> bool:
    """Run steps side by side; a line for each as it ends, with its output if it failed.

    Returns
    -------
    bool
        Whether all succeeded.
    """
    with ThreadPoolExecutor(workers) as pool:
        return all(list(pool.map(_run, steps)))


def _run(step: Step) -> bool:
    began = time.monotonic()
    command = [*step.command]
    done = subprocess.run(command, cwd=step.folder, check=False, text=True, stdout=PIPE, stderr=STDOUT)
    passed = done.returncode in step.passing
    line = f"{'ok' if passed else 'failed':>6} {time.monotonic() - began:5.1f} s  {step.name}"
    print(line if passed else f"{line}\n{done.stdout}", flush=True)
    return passed
