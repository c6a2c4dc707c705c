"""How many threads may compute: one core is left to everything else."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["compute_threads"]

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def compute_threads(quota: Path = _QUOTA) -> int:
    """Physical cores minus one, at least 1, within what this process may use.

    The engine's threads spin: where they are as many as the cores, any other process that wants one slows the
    model down to a thirtieth. Two hyper-threads of a core compute no faster than one.

    Parameters
    ----------
    quota
        File with the CPU quota of a Linux container (cgroup v2).
    """
    import psutil

    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return max(1, min(cores, allowed, _quota_of(quota) or cores) - 1)


def _quota_of(file: Path) -> int | None:
    """Whole cores that a container may use; None where there is no limit."""
    try:
        most, period = file.read_text().split()
        return max(1, int(most) // int(period))
    except (OSError, ValueError):
        return None
