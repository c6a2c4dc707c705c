"""``%%chat --over TABLE``: the prompt of a cell for each row of a table."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from nbstream.batching import Batch
from nbstream.batching.row_prompt import BatchPrompt
from nbstream.batching.table import RowTable, table_of
from nbstream.errors import ArgumentError, BatchError
from nbstream.magic.args import ChatOptions
from nbstream.magic.interrupt import Interrupt
from nbstream.magic.session import Session
from nbstream.prompts import Prompt
from nbstream.views.busy import announced_busy

__all__ = ["answer_rows"]

_OF_ONE_ANSWER = {
    "background": "--background",
    "debug": "--debug",
    "functions": "--tools",
    "files": "--file",
    "with_cells": "--with-cell",
    "n": "-n",
}


async def answer_rows(shell: InteractiveShell, session: Session, options: ChatOptions, prompt: str) -> Any:
    """Send the prompt for each row, and return the table with the answers, or None where it is a variable.

    Raises
    ------
    NbstreamError
        If the batch could not begin or had to stop.
    KeyboardInterrupt
        If the kernel was interrupted. The answers are stored, and the variable has the table so far.
    """
    _check(options)
    table = table_of(_rows(options, shell.user_ns))
    batch = session.batch(_prompt(options, prompt, table, shell.user_ns), table, options)
    try:
        with announced_busy():
            found = await batch
    except asyncio.CancelledError:
        raise Interrupt(_interrupted(batch)) from None
    except BatchError as error:
        raise error.with_traceback(None) from None
    finally:
        if options.into is not None and not options.dry_run:
            shell.user_ns[options.into] = batch.table
    return found if options.into is None or options.dry_run else None


def _check(options: ChatOptions) -> None:
    """See that no option is given that works with one answer only.

    Raises
    ------
    ArgumentError
        Names it.
    """
    for name, flag in _OF_ONE_ANSWER.items():
        if getattr(options, name):
            raise ArgumentError(f"{flag} does not work with --over.", advice="Leave it out.")
    if "," in (options.model or ""):
        raise ArgumentError(
            "--over works with one model.", advice="To compare models over rows, use nbstream.compare(…)."
        )


def _rows(options: ChatOptions, namespace: Mapping[str, Any]) -> Any:
    name = options.table or ""
    if name not in namespace:
        raise ArgumentError(f"--over {name}: no variable has this name.", advice="Define it in a cell above.")
    return namespace[name]


def _prompt(options: ChatOptions, text: str, table: RowTable, namespace: Mapping[str, Any]) -> BatchPrompt:
    """The prompt, in which columns come before variables of the notebook."""
    if options.raw:
        return lambda _: text
    names = [name for name in Prompt(text).variables if name in namespace and name not in table.columns]
    prompt = Prompt(text, defaults={name: namespace[name] for name in names})
    return [prompt, *(f"{{{{ {name} }}}}" for name in options.images)] if options.images else prompt


def _interrupted(batch: Batch) -> str:
    progress = batch.progress
    return (
        f"interrupted; {progress.answered:,} of {progress.total:,} rows are answered and stored. "
        "Run the cell again for the rest."
    )
