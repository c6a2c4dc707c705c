"""The commands of the page of a comparison."""

from __future__ import annotations

from collections.abc import Callable

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.view.adopting import adopt
from nbstream.comparison.view.grid import Grid
from nbstream.comparison.view.publisher import GridPublisher
from nbstream.comparison.view.saved import bundle
from nbstream.protocol.command import Command, CommandError, Result
from nbstream.protocol.dispatch import Handlers

__all__ = ["GridCommands"]


class GridCommands:
    """Carries out commands on a comparison.

    Parameters
    ----------
    grid
        The comparison.
    publisher
        Knows which cells are in sight.
    resync
        Sends the whole state.
    keep
        The page writes the output from now on.
    release
        No page needs to bring the output back any more.
    """

    def __init__(
        self,
        grid: Grid,
        publisher: GridPublisher,
        *,
        resync: Callable[[], None],
        keep: Callable[[], None] = lambda: None,
        release: Callable[[], None] = lambda: None,
    ) -> None:
        self._grid = grid
        self._publisher = publisher
        self._resync = resync
        self._keep = keep
        self._release = release

    @property
    def handlers(self) -> Handlers:
        """The handlers by the names of their commands."""
        return {
            "stop": self._stop,
            "retry": self._retry,
            "rate": self._rate,
            "pin": self._pin,
            "adopt": self._adopt,
            "inspect": self._inspect,
            "show": self._show,
            "gone": lambda command: self._publisher.leave(command.text("page")),
            "resync": lambda _: self._resync(),
            "keep": lambda _: self._keep(),
            "output": lambda _: self._output(),
            "release": lambda _: self._release(),
        }

    def _stop(self, command: Command) -> None:
        """Stop one answer, a column, or without arguments all."""
        if "cell" in command.arguments:
            self._cell(command).end("stopped")
        elif "variant" in command.arguments:
            self._grid.stop(command.integer("variant"))
        else:
            self._grid.stop()

    def _retry(self, command: Command) -> None:
        self._grid.rerun([self._cell(command)])
        self._resync()

    def _rate(self, command: Command) -> None:
        self._grid.rate(self._cell(command), command.score("score"), command.text("note"))

    def _pin(self, command: Command) -> None:
        self._grid.pin(command.integer("variant"))

    def _show(self, command: Command) -> Result:
        cells, lacking = self._numbers(command, "cells"), self._numbers(command, "lacking")
        return Result({"bodies": self._publisher.show(command.text("page"), cells, lacking)})

    def _output(self) -> Result:
        data, metadata = bundle(self._grid, self._publisher.written)
        return Result({"data": data, "metadata": metadata})

    def _adopt(self, command: Command) -> Result:
        return Result({"notice": adopt(self._grid, self._cell(command))})

    def _inspect(self, command: Command) -> Result:
        """Events of an answer from one on."""
        reply = self._cell(command).reply
        if reply is None:
            raise CommandError("This answer was not requested.")
        return Result(reply.inspect().page(command.integer("from")))

    def _cell(self, command: Command) -> Cell:
        number = command.integer("cell")
        if number >= len(self._grid.cells):
            raise CommandError(f"The comparison has no cell {number}.")
        return self._grid.cells[number]

    def _numbers(self, command: Command, name: str) -> list[int]:
        values = command.arguments.get(name)
        most = len(self._grid.cells)
        if not isinstance(values, list) or not all(type(one) is int and 0 <= one < most for one in values):
            raise CommandError(f"The command {command.name!r} needs numbers of cells {name!r}.")
        return values
