"""Keeps the interrupts of a kernel away from its worker processes."""

from __future__ import annotations

import multiprocessing
import signal
import threading

__all__ = ["ignore_interrupts"]


def ignore_interrupts() -> None:
    """Ignore interrupts from now on, if this process is a worker.

    Jupyter sends an interrupt to all processes of a kernel. Workers would end, and what they have in flight
    would be paid twice.
    """
    is_worker = multiprocessing.parent_process() is not None
    if is_worker and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
