"""What differs where Python runs in a browser (Pyodide, as in JupyterLite): no threads, no sockets."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from nbstream.errors import StateError

__all__ = ["IN_BROWSER", "called_aside", "check_not_in_browser", "from_page", "to_page", "waited_for"]

IN_BROWSER: bool = str(sys.platform) == "emscripten"

T = TypeVar("T")


def check_not_in_browser(subject: str, instead: str) -> None:
    """See that this Python has threads and processes.

    Parameters
    ----------
    subject
        What needs them.
    instead
        Advice.

    Raises
    ------
    StateError
        In a browser.
    """
    if IN_BROWSER:
        raise StateError(f"Python in a browser has no threads, which {subject} needs.", advice=instead)


async def called_aside(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function in a thread; in a browser right here."""
    if IN_BROWSER:
        return function(*arguments)
    return await asyncio.to_thread(function, *arguments)


def to_page(data: T) -> T:
    """JSON for the page: in a browser None would reach it as ``undefined``, which JSON does not have."""
    return _replaced(data, None, _null()) if IN_BROWSER else data


def from_page(data: T) -> T:
    """JSON of the page: in a browser its ``null`` is not None."""
    return _replaced(data, _null(), None) if IN_BROWSER else data


def _null() -> object:
    from pyodide.ffi import jsnull

    null: object = jsnull
    return null


def _replaced(data: Any, old: object, new: object) -> Any:
    match data:
        case Mapping():
            return {name: _replaced(value, old, new) for name, value in data.items()}
        case list() | tuple():
            return [_replaced(value, old, new) for value in data]
    return new if data is old else data


def waited_for(job: Coroutine[Any, Any, T]) -> T:
    """Wait in plain code for a coroutine, while the event loop of the browser keeps running.

    Raises
    ------
    StateError
        If this browser cannot suspend WebAssembly (JSPI).
    """
    from pyodide.ffi import can_run_sync, run_sync

    if not can_run_sync():
        job.close()
        raise StateError(
            "This browser cannot wait in code without await.", advice="Write await, or use Chrome or Edge."
        )
    waited: T = run_sync(job)
    return waited
