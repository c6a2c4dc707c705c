"""A block of requests, and how a worker carries it out."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Literal

from nbstream.batching.column import Column
from nbstream.batching.engines.api_key import KeyReference
from nbstream.batching.engines.block_files import BlockFiles
from nbstream.batching.engines.interrupts import ignore_interrupts
from nbstream.batching.engines.run_signal import RunSignal
from nbstream.batching.outcome import UNSENT, Outcome
from nbstream.batching.plan import Plan
from nbstream.batching.progress import Progress
from nbstream.batching.row_prompt import Asked, RowPrompt
from nbstream.batching.runner import Runner
from nbstream.client.router import Router
from nbstream.client.target import Target
from nbstream.config import NBStream
from nbstream.conversation.options import RequestOptions
from nbstream.errors import FileError, NbstreamError
from nbstream.pacing.window import MARGIN, SECONDS
from nbstream.types.messages import Message

__all__ = ["Block", "BlockResult", "Recipe", "Share", "carry_out"]


@dataclass(frozen=True, slots=True, repr=False)
class Recipe:
    """What all requests of a block share.

    Parameters
    ----------
    model, base_url
        Where they go.
    key
        Where the worker finds the API key; None for a server that needs none.
    options
        Their options.
    sample, on_error, fail_fast
        As of a `Plan`.
    """

    model: str
    base_url: str
    key: KeyReference | None
    options: RequestOptions
    sample: int
    on_error: Literal["keep", "raise"]
    fail_fast: int


@dataclass(frozen=True, slots=True)
class Share:
    """The part of the limits that a block has.

    Parameters
    ----------
    concurrency, rpm, tpm
        As of a `Plan`.
    """

    concurrency: int | Literal["auto"] = "auto"
    rpm: int | None = None
    tpm: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Block:
    """Requests for one worker. Contains no API key.

    Parameters
    ----------
    number
        Number of the block within its run.
    signal
        Tells when to stop.
    recipe, share
        What the requests have in common, and the limits of the block.
    messages
        The messages of each request.
    """

    number: int
    signal: RunSignal
    recipe: Recipe
    share: Share
    messages: Sequence[tuple[Message, ...]]

    def __repr__(self) -> str:
        # Schedulers log the arguments of what failed.
        return f"<Block {self.number} of {len(self.messages)} requests>"

    @property
    def files(self) -> BlockFiles:
        """Where the answers are kept."""
        return BlockFiles(self.signal.folder, f"{self.signal.run}-{self.number}")


@dataclass(frozen=True, slots=True, repr=False)
class BlockResult:
    """What became of a block.

    Parameters
    ----------
    outcomes
        Of each request, in order; their values are not validated for the notebook.
    requests
        How many were sent.
    reason
        Why the worker stopped before the end; None if it did not.
    """

    outcomes: Sequence[Outcome]
    requests: int
    reason: NbstreamError | None = None


def carry_out(block: Block) -> BlockResult:
    """Send the requests of a block. Called on a worker, by a thread without an event loop.

    Raises
    ------
    FileError
        When the worker does not see the folder of the store.
    SettingsError
        When it has no API key.
    """
    ignore_interrupts()
    return asyncio.run(_carried_out(block))


async def _carried_out(block: Block) -> BlockResult:
    run = block.signal
    if not run.folder.is_dir():
        raise FileError(
            f"The worker on {socket.gethostname()} does not see the folder {run.folder.name!r}.",
            advice="Pass a store=PATH on a file system that all workers share.",
        )
    if not run.is_running:
        return BlockResult([UNSENT] * len(block.messages), 0)
    earlier = block.files.answers()
    if earlier is not None and (block.share.rpm or block.share.tpm):
        # A worker was lost, and nobody knows how much of the limits it used.
        await asyncio.sleep(SECONDS + MARGIN)
    with closing(block.files.create()) as store:
        store.take(earlier or [])
        # Where an address is given, the key is too: none of this worker's own goes there.
        router = Router(NBStream(), {} if block.recipe.base_url else None)
        outcomes: list[Outcome | None] = [None] * len(block.messages)
        progress = Progress(len(block.messages))
        runner = Runner(_plan(block, router, store), progress, outcomes)
        watch = asyncio.create_task(run.wait(runner.stop), name="nbstream-batch-signal")
        try:
            await runner.run()
        finally:
            watch.cancel()
            await router.aclose()
    found = [replace(outcome or UNSENT, value=None) for outcome in outcomes]
    return BlockResult(found, progress.requests, runner.reason)


def _plan(block: Block, router: Router, store: Any) -> Plan:
    recipe, share = block.recipe, block.share
    key = None if recipe.key is None else recipe.key.resolve()
    return Plan(
        _Ready(),
        _Requests(block.messages),
        router,
        Target(recipe.model, recipe.base_url, key),
        recipe.options,
        RequestOptions(),
        store,
        concurrency=share.concurrency,
        rpm=share.rpm,
        tpm=share.tpm,
        on_error=recipe.on_error,
        fail_fast=recipe.fail_fast,
        sample=recipe.sample,
    )


class _Ready(RowPrompt):
    """The prompt of rows that hold their messages."""

    def __init__(self) -> None:
        super().__init__("")

    def check(self, columns: Iterable[str]) -> None:
        """Every block has what it needs."""

    def asked(self, row: Mapping[str, Any]) -> Asked:
        """The messages of the row."""
        return Asked(row["messages"])


class _Requests:
    """The table of a block."""

    columns = ("messages",)
    is_remote = False

    def __init__(self, messages: Sequence[tuple[Message, ...]]) -> None:
        self._messages = messages

    def __len__(self) -> int:
        return len(self._messages)

    def rows(self, first: int = 0, end: int | None = None) -> Iterator[Mapping[str, Any]]:
        """The messages of each request."""
        return ({"messages": messages} for messages in self._messages[first:end])

    def labels(self) -> Sequence[Any]:
        """Their numbers."""
        return range(len(self))

    def extended(self, added: Sequence[Column]) -> Any:
        """Nothing: the outcomes are returned as they are."""
