"""The number of compute threads: one core is left free."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["compute_threads"]

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def compute_threads(quota: Path = _QUOTA) -> int:
    """Physical cores minus one, at least 1, within the limits of this process.

    The engine's threads spin: with as many threads as cores, any other busy process makes the model thirty
    times slower. Two hyper-threads of a core are not faster than one.

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
    """Whole cores available to a container; None without a limit."""
    try:
        most, period = file.read_text().split()
        return max(1, int(most) // int(period))
    except (OSError, ValueError):
        return None
