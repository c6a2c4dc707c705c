"""What carries blocks out: an executor of the standard library, or a cluster of Dask."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from nbstream.batching.engines.api_key import KeyReference
from nbstream.errors import ArgumentError, SettingsError

__all__ = ["Engine", "engine_of"]


class Engine(Protocol):
    """Carries out blocks on workers."""

    def prepare(self) -> int:
        """Prepare the workers; returns how many blocks they carry out at a time."""

    def submit(self, function: Callable[..., Any], block: object) -> Future[Any]:
        """Call a function with a block on a worker."""

    def with_key(self, reference: KeyReference, key: str) -> AbstractContextManager[object]:
        """A context in which the workers can resolve a reference to a key.

        Raises
        ------
        SettingsError
            When the key cannot be brought to them.
        """


class ExecutorEngine:
    """Any executor. Its workers have keys in their environment.

    Parameters
    ----------
    executor
        The executor.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def prepare(self) -> int:
        """As the executors of the standard library say; the number of processors for others."""
        return int(getattr(self._executor, "_max_workers", None) or os.cpu_count() or 1)

    def submit(self, function: Callable[..., Any], block: object) -> Future[Any]:
        """Call a function with a block on a worker."""
        return self._executor.submit(function, block)

    def with_key(self, reference: KeyReference, key: str) -> AbstractContextManager[object]:
        """Threads have the key; other workers look it up in their environment.

        Raises
        ------
        SettingsError
            When no environment variable has it.
        """
        if isinstance(self._executor, ThreadPoolExecutor):
            return reference.kept(key)
        if not reference.variable:
            raise SettingsError(
                "The API key is in no environment variable, and is not sent to other processes.",
                kind="auth",
                advice='Set one before the executor starts, and pass api_key=os.environ["NAME"].',
            )
        return nullcontext()


def engine_of(given: object) -> Engine | None:
    """The engine that a batch was given.

    Parameters
    ----------
    given
        A `distributed.Client`, an executor, or None.

    Raises
    ------
    ArgumentError
        When it is none of these.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> engine_of(ThreadPoolExecutor(3)).prepare()
    3
    """
    if given is None:
        return None
    if type(given).__module__.partition(".")[0] == "distributed":
        from nbstream.batching.engines.dask_engine import dask_engine

        return dask_engine(given)
    if isinstance(given, Executor):
        return ExecutorEngine(given)
    raise ArgumentError(
        f"engine={given!r} is not an engine.",
        advice="Pass a distributed.Client, or an executor of concurrent.futures.",
    )
