"""Names of processes, by which another process can tell whether they have ended."""

from __future__ import annotations

import socket
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

__all__ = ["has_ended", "this_process"]


def this_process() -> str:
    """A name of this process that no later one has, on this machine or another."""
    import psutil

    return _name_of(psutil.Process())


def has_ended(name: str) -> bool | None:
    """Whether a process of this machine has ended; None for one of another machine.

    Examples
    --------
    >>> has_ended(this_process()), has_ended("elsewhere 1 2.0")
    (False, None)
    """
    import psutil

    host, _, rest = name.partition(" ")
    if host != _host():
        return None
    try:
        return _name_of(psutil.Process(int(rest.split()[0]))) != name
    except (psutil.Error, ValueError, IndexError):
        return True


def _name_of(process: psutil.Process) -> str:
    return f"{_host()} {process.pid} {process.create_time()}"


@cache
def _host() -> str:
    return "-".join(socket.gethostname().split()) or "unknown"
