"""A cluster of Dask as an engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from distributed import Client, WorkerPlugin
from distributed.cfexecutor import ClientExecutor

from nbstream.batching.engines.api_key import KeyReference, forget, keep
from nbstream.batching.engines.engine import Engine
from nbstream.batching.engines.interrupts import ignore_interrupts
from nbstream.errors import ArgumentError

__all__ = ["dask_engine"]


def dask_engine(given: Any) -> Engine:
    """The engine of a client, or of its executor.

    Raises
    ------
    ArgumentError
        When it is something else of Dask, or a client that has to be awaited.
    """
    client = given._client if isinstance(given, ClientExecutor) else given  # noqa: SLF001
    if not isinstance(client, Client):
        raise ArgumentError(f"{type(given).__name__} is not an engine.", advice="Pass a distributed.Client.")
    if client.asynchronous:
        raise ArgumentError(
            "A client with asynchronous=True is not supported.", advice="Pass Client(…) without it."
        )
    return DaskEngine(client)


class DaskEngine:
    """A cluster of Dask. A block whose worker is lost runs again on another one.

    Parameters
    ----------
    client
        A client of it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)

    def prepare(self) -> int:
        """Keep interrupts of a kernel away from the workers; returns the number of their threads now."""
        self._client.register_plugin(_Uninterrupted())
        return max(1, int(sum(self._client.nthreads().values())))

    def submit(self, function: Callable[..., Any], block: object) -> Future[Any]:
        """Call a function with a block on a worker."""
        found: Future[Any] = self._executor.submit(function, block)
        return found

    def with_key(self, reference: KeyReference, key: str) -> AbstractContextManager[object]:
        """Workers that have the key in their environment need nothing; others get it by a plugin."""
        if reference.variable and all(self._client.run(_has, reference.variable).values()):
            return nullcontext()
        return self._handed_out(reference, key)

    @contextmanager
    def _handed_out(self, reference: KeyReference, key: str) -> Iterator[None]:
        """Give the key to all workers, also to those that start later, over Dask's own connections."""
        plugin = _Key(reference, key)
        self._client.register_plugin(plugin)
        try:
            yield
        finally:
            self._client.unregister_worker_plugin(plugin.name)


def _has(variable: str) -> bool:
    return bool(os.environ.get(variable, "").strip())


class _Uninterrupted(WorkerPlugin):
    """Keeps an interrupt of the kernel from ending the workers of a local cluster."""

    name = "nbstream-uninterrupted"

    def setup(self, worker: object) -> None:
        """Called on the thread of the worker's event loop, which is the main one of its process."""
        ignore_interrupts()


class _Key(WorkerPlugin):
    """Keeps a key in the memory of each worker."""

    def __init__(self, reference: KeyReference, key: str) -> None:
        self.name = f"nbstream-{reference.token}"
        self._reference = reference
        self._key = key

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def setup(self, worker: object) -> None:
        """Called when the plugin, or a worker, is new."""
        keep(self._reference, self._key)

    def teardown(self, worker: object) -> None:
        """Called when the plugin is removed."""
        forget(self._reference)
