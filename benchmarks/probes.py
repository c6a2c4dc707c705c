"""What is run inside a kernel to measure it."""

from __future__ import annotations

CPU = """
import time
def cpu_of(start=[0.0, 0.0]):
    now = [time.thread_time(), time.process_time()]
    spent, start[:] = [a - b for a, b in zip(now, start)], now
    return spent
"""
"""`cpu_of()`: seconds of CPU since the call before, of the main thread and of the process."""

CALLBACKS = """
import asyncio, time
from asyncio.events import Handle

longest = [0.0]

def is_ours(callback):
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        return owner.get_name().startswith("nbstream")
    return type(owner).__module__.startswith("nbstream")

def timed(handle, run=Handle._run):
    began = time.thread_time()
    ours = is_ours(handle._callback)
    run(handle)
    if ours:
        longest[0] = max(longest[0], time.thread_time() - began)

def longest_callback():
    found, longest[0] = longest[0], 0.0
    return found

Handle._run = timed
"""
"""`longest_callback()`: most CPU seconds for which a callback or a step of a task of nbstream ran."""
