"""Cells of this session as text for a prompt: what was run, and what it gave."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from nbstream.errors import ArgumentError
from nbstream.inputs.ansi import without_ansi
from nbstream.inputs.fences import Block, block, fenced
from nbstream.inputs.notebooks import output_text

__all__ = ["History", "Shell", "cell_block", "cell_numbers", "language_of"]

_MOST_CELLS = 50
_NUMBERS = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
_OUTPUT_CHARS = 20_000
_CELL_MAGIC = re.compile(r"%%(\w+)")


class History(Protocol):
    """What IPython keeps of the cells of a session, by their execution count."""

    input_hist_raw: list[str]
    outputs: Mapping[int, list[Any]]
    exceptions: Mapping[int, Any]


class Shell(Protocol):
    """What is used of an `InteractiveShell`."""

    history_manager: Any
    user_ns: dict[str, Any]
    execution_count: int


def cell_numbers(given: Iterable[str]) -> list[int]:
    """The execution counts that an option names, each once.

    Raises
    ------
    ArgumentError
        If it is not a list of numbers and ranges.

    Examples
    --------
    >>> cell_numbers(["3,5-7", "5"])
    [3, 5, 6, 7]
    """
    numbers: dict[int, None] = {}
    for word in (word.strip() for text in given for word in text.split(",")):
        numbers |= dict.fromkeys(_range(word))
    if len(numbers) > _MOST_CELLS:
        raise ArgumentError(f"--with-cell names {len(numbers)} cells.", advice=f"Send at most {_MOST_CELLS}.")
    return list(numbers)


def cell_block(shell: Shell, number: int) -> Block:
    """The source and the output of a cell.

    Raises
    ------
    ArgumentError
        If no cell with this number was run in this session.
    """
    history = shell.history_manager
    sources = history.input_hist_raw if history is not None else []
    if not 0 < number < min(len(sources), shell.execution_count) or not sources[number].strip():
        last = shell.execution_count - 1
        raise ArgumentError(
            f"--with-cell {number}: no cell [{number}] was run in this session.",
            advice=f"The last one is [{last}]." if last > 0 else "Run it first.",
        )
    source = without_ansi(sources[number])
    said = "\n".join(_outputs(shell, number)).rstrip()
    name = str(number)
    if not said:
        return block("Cell", name, source, language_of(source), "no output")
    cut = "output cut" if len(said) > _OUTPUT_CHARS else ""
    said = f"{said[:_OUTPUT_CHARS]}…" if cut else said
    text = f"{fenced(source, language_of(source))}\n\nOutput:\n{fenced(said, 'text')}"
    return block("Cell", name, text, "markdown", cut)


def language_of(source: str) -> str:
    r"""The language of a cell, by its magic.

    Examples
    --------
    >>> language_of("%%bash\nls"), language_of("x = 1")
    ('bash', 'python')
    """
    magic = _CELL_MAGIC.match(source)
    return magic[1] if magic else "python"


def _range(word: str) -> range:
    found = _NUMBERS.fullmatch(word)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if last < first or first < 1 or last - first > 10 * _MOST_CELLS:
        raise ArgumentError(
            f"--with-cell {word}: not a cell number or a range.",
            advice="Name execution counts, such as --with-cell 3 or 3,5-7.",
        )
    return range(first, last + 1)


def _outputs(shell: Shell, number: int) -> Iterator[str]:
    """The texts that a cell printed and displayed, in order, and the error that it raised."""
    history = shell.history_manager
    shown = getattr(history, "outputs", {})
    for output in shown.get(number, ()):
        yield _output(output.output_type, output.bundle)
    if number not in shown and number in shell.user_ns.get("Out", {}):
        yield repr(shell.user_ns["Out"][number])
    failed = getattr(history, "exceptions", {})
    if number in failed:
        error = failed[number]
        yield without_ansi(f"{error.get('ename')}: {error.get('evalue')}")


def _output(kind: str, bundle: Mapping[str, Any]) -> str:
    if kind in {"out_stream", "err_stream"}:
        return without_ansi("".join(map(str, bundle.get("stream", ())))).rstrip("\n")
    return output_text({"output_type": kind, "data": bundle})
