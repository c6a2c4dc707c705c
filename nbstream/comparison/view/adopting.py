"""Adopt in the page: a chat continues from one of the answers."""

from __future__ import annotations

from typing import Any

from IPython.core.getipython import get_ipython

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.view.grid import Grid
from nbstream.protocol.command import CommandError

__all__ = ["adopt"]

_NAME = "adopted"


def adopt(grid: Grid, cell: Cell) -> str:
    """Continue the chat of the cell that compared, or a new chat in a variable of the notebook.

    Returns
    -------
    str
        How to continue, for the reader.
    """
    if cell.reply is None or not cell.reply.done:
        raise CommandError("This answer has not ended. Wait until it ends, or stop it.")
    if grid.adopter is not None:
        return grid.adopter(cell)
    shell = get_ipython()
    if shell is None:  # marimo
        raise CommandError("Adopt needs IPython. Call adopt() of the comparison instead.")
    name = _free_name(shell.user_ns)
    shell.push({name: grid.adopt(cell)})
    return f'The variable {name} is a chat that continues from this answer: await {name}.send("…")'


def _free_name(variables: dict[str, Any]) -> str:
    """A name that no other value has: an earlier adopted chat stays, too."""
    number = 1
    while (name := _NAME if number == 1 else f"{_NAME}_{number}") in variables:
        number += 1
    return name
