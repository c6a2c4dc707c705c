"""Keeps the kernel status correct while a cell awaits an answer.

JupyterLab and Jupyter Server use the last reported status of any request. For the first widget of a
page JupyterLab requests a subshell, and the ``idle`` at the end of that request hides the running cell: the
kernel is shown as idle, and a server may cull it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Generator
from typing import Any

from IPython.core.getipython import get_ipython

from nbstream.views import host

__all__ = ["announced_busy"]

SECONDS = 1.0


@contextlib.contextmanager
def announced_busy() -> Generator[None]:
    """Report every second that the kernel is busy, if a page shows its status."""
    kernel = getattr(get_ipython(), "kernel", None)
    if host.detect() != "live" or not hasattr(kernel, "iopub_socket"):
        yield
        return
    announcer = _Announcer(kernel)
    try:
        yield
    finally:
        announcer.stop()


class _Announcer:
    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(SECONDS, self._announce)

    def stop(self) -> None:
        self._timer.cancel()

    def _announce(self) -> None:
        """Report it without a request: a cell would treat another ``busy`` as its own start."""
        kernel = self._kernel
        content = {"execution_state": "busy"}
        kernel.session.send(kernel.iopub_socket, "status", content, ident=b"status")
        self._timer = self._loop.call_later(SECONDS, self._announce)
