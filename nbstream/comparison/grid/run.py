"""The requests of a comparison: each cell on its own, all of them within the same limits.

Judges have these limits too, because they are asked while the context of a cell's request is open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from nbstream.chat import Chat
from nbstream.comparison.checks import Monitor
from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.plan import Plan
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

    async def run(self, cells: Iterable[Cell]) -> None:
        """Request cells in their order, and wait until all have ended."""
        paces = HostPaces(self._plan.concurrency, self._plan.per_host)
        # All hosts first: cells of one variant would come before those of another that is found later.
        self._hosts = await asyncio.gather(*map(self._host, self._plan.variants))
        tasks = [asyncio.create_task(self._request(cell, paces), name="nbstream-cell") for cell in cells]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _request(self, cell: Cell, paces: HostPaces) -> None:
        try:
            async with paces.request(self._hosts[cell.variant.index]):
                if cell.status == "waiting":
                    await cell.answer(self._send(cell), self._monitor(cell))
        except NbstreamError as error:
            cell.fail(error)
        except Exception as error:
            cell.fail(_unexpected(error))
        self._ended(cell)

    async def check(self, cell: Cell, reply: Reply) -> None:
        """Take an answer that there is already."""
        cell.reused = True
        await cell.answer(reply, self._monitor(cell))
        self._ended(cell)

    def _monitor(self, cell: Cell) -> Monitor:
        return Monitor(self._plan.checks, cell.row.fields, self._plan.stop_when)

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
