"""Interrupts while code that is not ours runs on the thread of the event loop.

On a running loop Ctrl-C and *Interrupt kernel* cancel a task, which cannot act while plain code blocks the
loop. And a `KeyboardInterrupt` or `SystemExit` that leaves a task ends the loop, and the kernel with it.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["interruptible", "pass_interrupt_on"]


@contextmanager
def interruptible() -> Iterator[None]:
    """Let an interrupt raise `KeyboardInterrupt` in the code inside."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def pass_interrupt_on() -> None:
    """Interrupt once more, in the loop's next turn: the running cell has to end as well."""
    if threading.current_thread() is threading.main_thread():
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
