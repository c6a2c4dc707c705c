"""Handles interrupts while foreign code runs on the thread of the event loop.

On a running loop Ctrl-C and *Interrupt kernel* cancel a task, which cannot act while plain code blocks the
loop. And a `KeyboardInterrupt` or `SystemExit` raised by a task ends the loop and the kernel.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["WAKE_SECONDS", "awake", "interruptible", "pass_interrupt_on"]

# ipykernel schedules the cancel of an interrupted cell without waking the event loop: on a loop that waits
# for a silent server and has no timer, the interrupt would only be noticed when the server speaks again.
WAKE_SECONDS = 0.25


@contextmanager
def interruptible() -> Iterator[None]:
    """Let an interrupt raise `KeyboardInterrupt` inside the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def pass_interrupt_on() -> None:
    """Interrupt once more, in the loop's next iteration: the running cell must end as well."""
    if threading.current_thread() is threading.main_thread():
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)


@contextmanager
def awake() -> Iterator[None]:
    """Wake the running loop every `WAKE_SECONDS`, so that it notices an interrupt."""
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def turn() -> None:
        nonlocal timer
        timer = loop.call_later(WAKE_SECONDS, turn)

    timer = loop.call_later(WAKE_SECONDS, turn)
    try:
        yield
    finally:
        timer.cancel()
