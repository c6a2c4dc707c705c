"""A yes or no from whoever sits at the terminal or console of the running cell."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["confirm"]


def confirm(question: str) -> bool:
    """Ask with `input`; everything but a yes is a no, also the end of the input.

    Raises
    ------
    KeyboardInterrupt
        When the reader interrupts instead of answering.
    """
    try:
        with _interruptible():
            return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C through: on a running loop it cancels a task, which can not act while `input` blocks."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
