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
        paces = HostPaces(self._plan.concurrency, self._plan.per_host)
        baselines = Baselines(baseline, set(cells))
        # All hosts first: cells of one variant would come before those of another that is found later.
        self._hosts = await asyncio.gather(*map(self._host, self._plan.variants))
        most = min(self._plan.concurrency, self._plan.per_host)
        self._places = {host: asyncio.Semaphore(most) for host in self._hosts}
        tasks = [
            asyncio.create_task(self._complete(cell, paces, baselines, taken.get(cell)), name="nbstream-cell")
            for cell in cells
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _complete(
        self, cell: Cell, paces: HostPaces, baselines: Baselines, taken: TakenOver | None
    ) -> None:
        try:
            # Until its judges have voted: their requests would be the last ones of all, too late for a race.
            async with self._places[self._hosts[cell.variant.index]]:
                try:
                    await self._answer(cell, paces, taken)
                finally:
                    baselines.ended(cell)
                with paces.sharing():
                    await self._settle(cell, baselines)
        except NbstreamError as error:
            cell.fail(error)
        except Exception as error:
            cell.fail(_unexpected(error))
        self._ended(cell)

    async def _answer(self, cell: Cell, paces: HostPaces, taken: TakenOver | None) -> None:
        if taken is not None and cell.status == "waiting":
            cell.reused = True
            with paces.sharing():
                await cell.answer(taken.reply, self._monitor(cell, taken.outcomes))
            return
        async with paces.request(self._hosts[cell.variant.index]):
            if cell.status == "waiting":
                await cell.answer(self._send(cell), self._monitor(cell))

    async def _settle(self, cell: Cell, baselines: Baselines) -> None:
        """Compare an answer with that of the baseline, once there is one."""
        if self._plan.pairs and cell.answered:
            other = await baselines.to(cell)
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
