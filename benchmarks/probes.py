"""What is run inside a kernel to measure it."""

from __future__ import annotations

from collections.abc import Sequence

CPU = """
import time
def cpu_of(start=[0.0, 0.0]):
    now = [time.thread_time(), time.process_time()]
    spent, start[:] = [a - b for a, b in zip(now, start)], now
    return spent
"""
"""`cpu_of()`: seconds of CPU since the call before, of the main thread and of the process."""

CALLBACKS = """
import asyncio, gc, time
from asyncio.events import Handle

longest = [0.0, 0.0]
collecting = [0.0]

def is_ours(callback):
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        return owner.get_name().startswith("nbstream")
    return type(owner).__module__.startswith("nbstream")

def note_pass(phase, info):
    collecting[0] += -time.thread_time() if phase == "start" else time.thread_time()

def timed(handle, run=Handle._run):
    began, passes = time.thread_time(), collecting[0]
    ours = is_ours(handle._callback)
    run(handle)
    if ours:
        took = time.thread_time() - began
        longest[:] = max(longest[0], took - collecting[0] + passes), max(longest[1], took)

def longest_callback():
    found, longest[:] = list(longest), (0.0, 0.0)
    return found

gc.callbacks.append(note_pass)
Handle._run = timed
"""
"""`longest_callback()`: most CPU seconds for which a callback or a step of a task of nbstream ran, without
and with the passes of Python's garbage collector that fell into it."""


def longest_figures(seconds: Sequence[float]) -> dict[str, float]:
    """What `longest_callback()` gave, as figures of a table."""
    alone, with_passes = seconds
    return {
        "longest callback of ours, CPU ms": alone * 1000,
        "with garbage collection, CPU ms": with_passes * 1000,
    }
