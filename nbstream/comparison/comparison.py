"""`Comparison`: a grid of answers, each of them an ordinary reply."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from nbstream._util.coroutine import CoroutineLike
from nbstream._util.running import loop_is_running, run_to_end
from nbstream.chat import Chat
from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.changes import Changes
from nbstream.comparison.grid.plan import Plan
from nbstream.comparison.grid.racing import GridRace
from nbstream.comparison.grid.run import GridRun, chat_of
from nbstream.comparison.grid.taken_over import TakenOver, take_over
from nbstream.comparison.shown import ShownResults
from nbstream.conversation.options import RequestOptions
from nbstream.conversation.questions import prompted
from nbstream.errors import StateError
from nbstream.inputs import prepared
from nbstream.types.messages import Message

if TYPE_CHECKING:
    from nbstream.comparison.view import GridShowing

__all__ = ["Comparison"]


class Comparison(ShownResults, CoroutineLike["Comparison"]):
    """A grid of answers: what `compare` returns.

    Where an event loop is running, as in a notebook, the requests are sent at once. In a plain script they
    are sent by `result`. A cell that awaits the comparison shows its answers while they stream. One answer
    that fails does not affect the others.

    Parameters
    ----------
    plan
        What is compared.
    since
        An earlier comparison, whose answers to the same requests are taken over.

    Attributes
    ----------
    id : str
        Names the comparison in pages.
    adopter : callable or None
        Continues from an answer that the reader of the page adopts, and returns a sentence about it.

    Examples
    --------
    >>> from nbstream.comparison import compare
    >>> grid = compare(prompts=["echo: Hello", "echo: Hi"], models="demo:nbstream-demo-fast").result()
    >>> [cell.text.splitlines()[-1] for cell in grid.cells]
    ['Hello', 'Hi']
    """

    def __init__(self, plan: Plan, since: Comparison | None = None) -> None:
        CoroutineLike.__init__(self)
        ShownResults.__init__(self, plan)
        self._earlier = self._since = since
        self._row_places = {row.index: place for place, row in enumerate(plan.shuffled)}
        self._requests = GridRun(plan, self._ended)
        self._task: asyncio.Task[None] | None = None
        if loop_is_running():
            self._start()

    def __repr__(self) -> str:
        ended = sum(cell.settled for cell in self._cells)
        return (
            f"<Comparison of {len(self.variants)} by {len(self.rows)}: {ended} of {len(self._cells)} answers>"
        )

    def key(self, cell: Cell) -> str:
        """A hash that is equal for equal requests, also of other comparisons.

        Examples
        --------
        >>> from nbstream import compare
        >>> one, other = (compare("Hi", models="demo", temperature=[0, 1]) for _ in range(2))
        >>> one.key(one.cells[0]) == other.key(other.cells[0])
        True
        >>> one.key(one.cells[0]) == one.key(one.cells[1])
        False
        """
        return self._plan.key(cell)

    # --- waiting for them

    async def wait(self) -> None:
        """Wait until all answers have ended and are checked. Unlike ``await``, this never raises an error.

        Examples
        --------
        >>> import asyncio
        >>> from nbstream import compare
        >>> async def main():
        ...     grid = compare("echo: Hi", models="demo:nbstream-demo-fast")
        ...     await grid.wait()
        ...     return grid.done
        >>> asyncio.run(main())
        True
        """
        self._start()
        if self._task is not None:
            await asyncio.shield(self._task)

    def __await__(self) -> Generator[object, None, Comparison]:
        self._show_awaited()
        return self._finished().__await__()

    def result(self) -> Comparison:
        """Wait for all answers in plain code. Asynchronous code awaits the comparison.

        Raises
        ------
        NbstreamError
            The error of the first answer, if all failed, or with ``strict=True`` if one failed.
        StateError
            When an event loop is running, as in a notebook.

        Examples
        --------
        >>> from nbstream import compare
        >>> grid = compare("echo: Hi", models="demo:nbstream-demo-fast", n=2).result()
        >>> [cell.status for cell in grid.cells]
        ['finished', 'finished']
        """
        if not self.done:
            if loop_is_running():
                raise StateError(
                    "result() would block the running event loop.", advice="Write `await comparison`."
                )
            run_to_end(self._to_the_end())
        return self._checked()

    def stop(self, variant: int | str | None = None, *, by: Literal["user", "interrupt"] = "user") -> None:
        """Stop all answers that have not ended, or those of one variant. Their text is kept.

        Examples
        --------
        >>> from nbstream.comparison import compare
        >>> grid = compare("Tell me a long story", models="demo", n=2)
        >>> grid.stop()
        >>> [cell.status for cell in grid.cells]
        ['stopped', 'stopped']
        """
        only = None if variant is None else self._variant(variant)
        for cell in self._cells:
            if only is None or cell.variant is only:
                cell.end("stopped", by)

    def close(self) -> None:
        """Stop the answers, as `stop` does."""
        self.stop()

    def rerun(self, cells: Sequence[Cell] | None = None, *, failed: bool = False) -> Comparison:
        """Request answers again, in place. Others may still be streaming.

        Parameters
        ----------
        cells
            Which ones.
        failed
            Those that failed or were stopped.

        Raises
        ------
        StateError
            When one of these answers is still streaming, or others that stream are compared with it.

        Examples
        --------
        >>> from nbstream import compare
        >>> grid = compare("echo: Hi", models="demo:nbstream-demo-fast", n=2)
        >>> grid.cells[1].end("stopped")
        >>> [cell.status for cell in grid.result().cells]
        ['finished', 'stopped']
        >>> [cell.status for cell in grid.rerun(failed=True).result().cells]
        ['finished', 'finished']
        """
        again = list(cells or [])
        if failed:
            again += [cell for cell in self._cells if cell.settled and cell.status in {"failed", "stopped"}]
        if not all(cell.settled for cell in again):
            raise StateError("The answer is still streaming.", advice="Stop it, or wait until it ends.")
        over = self.done or (self._task is not None and self._task.done())
        if not over and self._plan.pairs and any(cell.variant is self._plan.reference for cell in again):
            raise StateError("Others are compared with this answer.", advice="Wait until all have ended.")
        for cell in again:
            cell.reset()
        self._compare_again(again)
        if over:
            self._since = self._task = None
        if self._task is not None:
            self._begin_race()
            self._requests.join([cell for cell in self._cells if not cell.settled])
        elif loop_is_running():
            self._start()
        return self

    def _compare_again(self, again: Sequence[Cell]) -> None:
        """Let judges compare answers with new ones of the baseline."""
        new = {(cell.row.index, cell.sample) for cell in again if cell.variant is self._plan.reference}
        for cell in self._cells if self._plan.pairs else ():
            if (cell.row.index, cell.sample) in new:
                cell.reopen()

    def adopt(self, cell: Cell) -> Chat:
        """A chat with the settings of a variant that continues from its answer.

        Raises
        ------
        StateError
            When the cell has no answer.

        Examples
        --------
        >>> from nbstream import compare
        >>> grid = compare("echo: Hi", models="demo:nbstream-demo-fast", system=["Be kind.", "Be terse."])
        >>> chat = grid.adopt(grid.result().cell("system 2"))
        >>> chat.system, [turn.user.content for turn in chat.conversation]
        ('Be terse.', ['echo: Hi'])
        """
        if cell.reply is None or not cell.reply.done:
            raise StateError("There is no whole answer to continue from.", advice="Wait until it has ended.")
        chat = chat_of(self._plan, cell.variant)
        chat.conversation.record(self.question(cell), cell.reply)
        return chat

    def question(self, cell: Cell) -> Message:
        """The user's message that an answer answers.

        Examples
        --------
        >>> from nbstream import compare
        >>> grid = compare("Where is {{ city }}?", models="demo", over=[{"city": "Oslo"}])
        >>> grid.question(grid.cells[0]).content
        'Where is Oslo?'
        """
        content, _ = prompted(cell.variant.question(cell.row.fields), RequestOptions())
        return Message("user", prepared(content).content)

    def rate(self, cell: Cell, score: Literal[1, 0, -1], note: str = "") -> None:
        """Rate an answer that has ended; 0 removes the rating. `calibration` compares checks with it.

        Parameters
        ----------
        cell
            The answer.
        score
            1 for thumbs up, -1 for thumbs down, 0 for no rating.
        note
            Why; also without a rating.

        Raises
        ------
        StateError
            When it has not ended.

        Examples
        --------
        >>> from nbstream import compare
        >>> grid = compare("echo: Hi", models="demo:nbstream-demo-fast").result()
        >>> grid.rate(grid.cells[0], 1, "Short.")
        >>> grid.cells[0].rating, grid.cells[0].note
        (True, 'Short.')
        >>> grid.rate(grid.cells[0], 0, "But polite.")
        >>> grid.cells[0].rating, grid.cells[0].note
        (None, 'But polite.')
        """
        cell.rate(score, note)
        self._write()

    def pin(self, variant: int | str) -> None:
        """Compare the other variants with this one.

        Examples
        --------
        >>> from nbstream import compare
        >>> prompts = {"kind": "echo: please", "terse": "echo: now"}
        >>> grid = compare(prompts=prompts, models="demo:nbstream-demo-fast", checks="contains: please")
        >>> grid.result().pin("terse")
        >>> [difference.baseline.name for difference in grid.differences()]
        ['terse']
        """
        self._plan = replace(self._plan, baseline=self._variant(variant))
        self._tell(self._cells[0])
        self._write()

    def changes_since(self) -> Changes | None:
        """What changed since the comparison given as ``since=``; None without one.

        Examples
        --------
        >>> from nbstream import compare
        >>> compare("Hi", models="demo").changes_since() is None
        True
        """
        return None if self._earlier is None else self.changes(self._earlier)

    # --- carrying it out

    def _new_showing(self) -> GridShowing:
        from nbstream.comparison.view import GridShowing

        return GridShowing(self)

    def _start(self) -> None:
        if self._task is None and not self.done:
            self._task = asyncio.create_task(self._run(), name="nbstream-comparison")

    async def _run(self) -> None:
        self._begin_race()
        waiting = [cell for cell in self._cells if not cell.settled]
        await self._requests.run(
            sorted(waiting, key=self._turn),
            [cell for cell in self._cells if cell.variant is self._plan.reference],
            self._taken_over(waiting),
        )
        self._write()

    def _begin_race(self) -> None:
        """Count the answers that there are: one that is requested again must not be counted twice."""
        if self._plan.race is not None:
            self._race = GridRace(self._plan, self._sides, lambda cell: cell.end("skipped"))
        for cell in self._cells:
            if cell.settled:
                self._ended(cell)

    def _turn(self, cell: Cell) -> tuple[int, bool, int]:
        """When a cell is requested: row by row, and the baseline first, since judges wait for it."""
        return self._row_places[cell.row.index], cell.variant is not self._plan.reference, cell.variant.index

    def _taken_over(self, cells: Sequence[Cell]) -> dict[Cell, TakenOver]:
        """The finished answers of the earlier comparison to the same requests."""
        earlier, self._since = self._since, None
        if earlier is None:
            return {}
        known = {earlier.key(cell): cell for cell in earlier.cells}
        same = {
            name: check for name, check in self._plan.checks.items() if check is earlier.plan.checks.get(name)
        }
        pairs = [(cell, known.get(self.key(cell))) for cell in cells]
        taken = {cell: take_over(cell, old, same) for cell, old in pairs if old is not None}
        return {cell: answer for cell, answer in taken.items() if answer is not None}

    def _ended(self, cell: Cell) -> None:
        if self._race is not None:
            self._race.ended(cell)

    async def _finished(self) -> Comparison:
        try:
            await self.wait()
        except asyncio.CancelledError:
            self.stop(by="interrupt")
            raise
        return self._checked()

    async def _to_the_end(self) -> None:
        try:
            await self.wait()
        except asyncio.CancelledError:
            self.stop(by="interrupt")
            await self.wait()
            raise KeyboardInterrupt from None

    def _checked(self) -> Comparison:
        errors = [cell.error for cell in self._cells if cell.status == "failed"]
        first = next((error for error in errors if error is not None), None)
        if first is not None and (self._plan.strict or len(errors) == len(self._cells)):
            raise first.with_traceback(None)
        return self
