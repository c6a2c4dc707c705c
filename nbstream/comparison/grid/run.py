"""The requests of a comparison: each cell on its own, all of them within the same limits.

Judges have these limits too, because they are asked while the context of a cell's request is open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from nbstream.chat import Chat
from nbstream.comparison.checks import Monitor, Outcome
from nbstream.comparison.grid.baselines import Baselines
from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.evaluations import emit_evaluations
from nbstream.comparison.grid.plan import Plan
from nbstream.comparison.grid.taken_over import TakenOver
from nbstream.comparison.grid.variant import Variant
from nbstream.errors import NbstreamError, ProtocolError
from nbstream.pacing import HostPaces
from nbstream.reply import Reply

__all__ = ["GridRun"]


class GridRun:
    """Requests the answers of cells.

    Parameters
    ----------
    plan
        What is requested.
    ended
        Called whenever a cell has ended, one way or another.
    """

    def __init__(self, plan: Plan, ended: Callable[[Cell], None]) -> None:
        self._plan = plan
        self._ended = ended
        self._chats = [chat_of(plan, variant) for variant in plan.variants]
        self._hosts: list[str] = []
        self._places: dict[str, asyncio.Semaphore] = {}
        self._paces = HostPaces(plan.concurrency, plan.per_host)
        self._baselines = Baselines((), ())
        self._tasks: dict[Cell, asyncio.Task[None]] = {}
        self._ready = asyncio.Event()  # once the hosts are known

    async def run(
        self, cells: Sequence[Cell], baseline: Iterable[Cell], taken: Mapping[Cell, TakenOver]
    ) -> None:
        """Request cells in their order, and wait until all have ended.

        Parameters
        ----------
        cells
            What is requested.
        baseline
            All cells of the baseline.
        taken
            The cells whose answers there are already.
        """
        # Those of an earlier run belong to its event loop, which may have ended.
        self._tasks = {cell: task for cell, task in self._tasks.items() if not task.done()}
        self._paces = HostPaces(self._plan.concurrency, self._plan.per_host)
        self._baselines = Baselines(baseline, set(cells))
        # All hosts first: cells of one variant would come before those of another that is found later.
        self._hosts = await asyncio.gather(*map(self._host, self._plan.variants))
        most = min(self._plan.concurrency, self._plan.per_host)
        self._places = {host: asyncio.Semaphore(most) for host in self._hosts}
        self._ready.set()
        self._tasks |= {cell: self._task(cell, taken.get(cell)) for cell in cells}
        try:
            while waiting := [task for task in self._tasks.values() if not task.done()]:
                await asyncio.wait(waiting)
            await asyncio.gather(*self._tasks.values())  # raises what a task raised
        finally:
            for task in self._tasks.values():
                task.cancel()

    def join(self, cells: Iterable[Cell]) -> None:
        """Request more cells in the run that has not ended; those that are being requested are left alone."""
        for cell in cells:
            if cell not in self._tasks or self._tasks[cell].done():
                self._tasks[cell] = self._task(cell, None)

    def _task(self, cell: Cell, taken: TakenOver | None) -> asyncio.Task[None]:
        return asyncio.create_task(self._complete(cell, taken), name="nbstream-cell")

    async def _complete(self, cell: Cell, taken: TakenOver | None) -> None:
        await self._ready.wait()
        try:
            # Until its judges have voted: their requests would be the last ones of all, too late for a race.
            async with self._places[self._hosts[cell.variant.index]]:
                try:
                    await self._answer(cell, taken)
                finally:
                    self._baselines.ended(cell)
                with self._paces.sharing():
                    await self._settle(cell)
        except NbstreamError as error:
            cell.fail(error)
        except Exception as error:
            cell.fail(_unexpected(error))
        self._ended(cell)

    async def _answer(self, cell: Cell, taken: TakenOver | None) -> None:
        if taken is not None and cell.status == "waiting":
            cell.reused = True
            with self._paces.sharing():
                await cell.answer(taken.reply, self._monitor(cell, taken.outcomes))
            return
        async with self._paces.request(self._hosts[cell.variant.index]):
            if cell.status == "waiting":
                await cell.answer(self._send(cell), self._monitor(cell))

    async def _settle(self, cell: Cell) -> None:
        """Compare an answer with that of the baseline, once there is one."""
        if self._plan.pairs and cell.answered:
            other = await self._baselines.to(cell)
            if other is not None:
                await cell.compare(other, self._plan.pairs)
        if cell.reply is not None:
            cell.settle()
            emit_evaluations(cell)

    def _monitor(self, cell: Cell, known: Mapping[str, Outcome] | None = None) -> Monitor:
        return Monitor(self._plan.checks, cell.row.fields, self._plan.stop_when, known)

    def _send(self, cell: Cell) -> Reply:
        chat = self._chats[cell.variant.index]
        options = dict(self._plan.send)
        if chat.seed is not None:
            options["seed"] = chat.seed + cell.sample
        return chat.send(cell.variant.question(cell.row.fields), alone=True, **options)

    async def _host(self, variant: Variant) -> str:
        """The host that answers a variant; its errors are left to the requests."""
        question = variant.question(self._plan.rows[0].fields)
        try:
            preview = await self._chats[variant.index].preview(question, alone=True, **self._plan.send)
        except NbstreamError:
            return ""
        return preview.host


def _unexpected(error: Exception) -> NbstreamError:
    failure = ProtocolError(
        f"Unexpected error in nbstream: {type(error).__name__}.",
        advice="The other answers are not affected. Please report this with the cause (error.__cause__).",
    )
    failure.__cause__ = error
    return failure


def chat_of(plan: Plan, variant: Variant) -> Chat:
    """A new chat with the settings of a variant."""
    return Chat(variant.model, system=variant.system, **{**plan.chat, **variant.params})
