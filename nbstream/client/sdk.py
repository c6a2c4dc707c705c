"""The `openai` SDK, imported late and off the main thread.

Importing it takes half a second of CPU time. `preload` starts that in a background thread when the
extension is loaded; whoever needs the SDK awaits `ready`, so that the kernel's event loop is never blocked
by the import. In a browser, which has no threads, `ready` imports it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from importlib import import_module

from nbstream._util.browser import IN_BROWSER
from nbstream.errors import ConfigError

__all__ = ["preload", "ready"]

_lock = threading.Lock()
_thread: threading.Thread | None = None
_imported = threading.Event()


def preload(*modules: str) -> None:
    """Start the import in the background, then that of further modules; a second call does nothing."""
    global _thread  # noqa: PLW0603
    with _lock:
        if _thread is None and not IN_BROWSER:
            # Not a daemon: ending the interpreter in the middle of an import of C code can abort the process.
            _thread = threading.Thread(target=_import, args=modules, name="nbstream-import")
            _thread.start()


async def ready() -> None:
    """Wait until the SDK is imported, leaving the event loop free."""
    preload()
    if IN_BROWSER:
        import_module("nbstream.client.retrying_stream")
    elif not _imported.is_set():
        await asyncio.to_thread(_imported.wait)


def _import(*modules: str) -> None:
    try:
        import anyio
        import openai  # noqa: F401
        from openai.resources.chat import AsyncCompletions  # noqa: F401

        from nbstream.client import retrying_stream  # noqa: F401
        from nbstream.providers import endpoint

        anyio.run(_meet_asyncio)
        with contextlib.suppress(ConfigError):  # reported when certificates are needed
            endpoint.tls_context()
    finally:
        _imported.set()
    for module in modules:
        import_module(module)


async def _meet_asyncio() -> None:
    """Load what anyio needs on asyncio: it would leave that, 20 ms, to the first request on the loop."""
    import anyio

    anyio.Event()
    _ = anyio.connect_tcp
