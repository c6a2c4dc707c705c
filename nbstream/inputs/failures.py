"""The last error of a notebook as text for a prompt: the source of the cell, and the frames that matter."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from nbstream.errors import NbstreamError, StateError
from nbstream.inputs.ansi import without_ansi
from nbstream.inputs.cells import language_of
from nbstream.inputs.fences import Block, block

__all__ = ["Failure", "blocks", "last_failure"]

_MOST_CAUSES = 4
_CONTEXT_LINES = 3
_MOST_FRAMES = 30
_MESSAGE_CHARS = 4_000
_NOT_ERRORS = (KeyboardInterrupt, SystemExit, GeneratorExit)


class _Frame(NamedTuple):
    file: str
    line: int
    function: str


class Failure(NamedTuple):
    """An error as text, without the objects of its frames.

    Parameters
    ----------
    report
        The error and the frames that matter.
    cells
        Execution count and source of the cells in them, in the order of the calls.
    """

    report: str
    cells: tuple[tuple[int | None, str], ...]


def last_failure(shell: Any) -> Failure:
    """The last error of the notebook.

    Raises
    ------
    StateError
        If there was none, or nbstream itself raised it.
    """
    error = _last_error()
    if error is None:
        raise StateError("No cell has failed in this session.", advice="Run the cell that fails first.")
    if isinstance(error, _NOT_ERRORS):
        raise StateError(
            f"The last cell ended with {type(error).__name__}, which is not an error.",
            advice="Run the cell that fails again first.",
        )
    if isinstance(error, NbstreamError):
        raise StateError(
            f"The last error is from nbstream ({type(error).__name__}), and its text says what to do.",
            advice="For another error, run the cell that fails again first.",
        )
    return _Reader(shell).read(error)


def blocks(failure: Failure) -> list[Block]:
    """The blocks of a message about a failure: the cells, then the error."""
    cells = [
        block("Cell", "that failed" if number is None else str(number), source, language_of(source))
        for number, source in failure.cells
    ]
    return [*cells, block("Error", "with its traceback", failure.report, "text")]


def _last_error() -> BaseException | None:
    """The last error that was shown. IPython does not set `sys.last_exc` of Python 3.12 and newer."""
    error = getattr(sys, "last_value", None)
    return error if isinstance(error, BaseException) else None


class _Reader:
    """Reads an error of one shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._numbers: dict[str, int] = getattr(shell.compile, "_filename_map", {})
        self._cells: dict[str, tuple[int | None, str]] = {}

    def read(self, error: BaseException) -> Failure:
        chain = list(_chain(error))
        texts = ["".join(self._lines(link)) for link, _ in chain]
        parts = [texts[0]]
        for (_, relation), text in zip(chain[1:], texts[1:], strict=True):
            parts += [relation, text]
        return Failure(
            without_ansi("\n\n".join(part.rstrip() for part in parts)), tuple(self._cells.values())
        )

    def _lines(self, error: BaseException) -> Iterator[str]:
        frames = list(_frames(error.__traceback__))
        if isinstance(error, SyntaxError) and error.filename:
            self._note(error.filename)
        if frames:
            yield "Traceback (most recent call last; calls inside of libraries are left out):\n"
        for own, group in groupby(_relevant(frames), key=self._is_own):
            together = list(group)
            yield from map(self._own, together) if own else self._foreign(together)
        said = "".join(traceback.format_exception_only(error))
        yield said if len(said) <= _MESSAGE_CHARS else f"{said[:_MESSAGE_CHARS]}…\n"

    def _is_own(self, frame: _Frame) -> bool:
        return frame.file in self._numbers or not _is_installed(frame.file)

    def _own(self, frame: _Frame) -> str:
        """A frame of the notebook or of the user's files, with the lines around."""
        self._note(frame.file)
        number = self._numbers.get(frame.file)
        place = Path(frame.file).name if number is None else f"cell {number}"
        first = max(1, frame.line - _CONTEXT_LINES)
        around = [
            (at, linecache.getline(frame.file, at).rstrip())
            for at in range(first, frame.line + _CONTEXT_LINES)
        ]
        shown = [f"{'-->' if at == frame.line else '   '} {at:4} {text}\n" for at, text in around if text]
        function = "" if frame.function == "<module>" else f", in {frame.function}"
        return f"{place}, line {frame.line}{function}\n{''.join(shown)}"

    def _foreign(self, frames: list[_Frame]) -> Iterator[str]:
        """Of calls inside of libraries only the last: where the error was raised."""
        last = frames[-1]
        if len(frames) > 1:
            yield f"… {len(frames) - 1} more calls in {_package(frames[0].file)}\n"
        text = linecache.getline(last.file, last.line).strip()
        yield f"{_short(last.file)}, line {last.line}, in {last.function}\n    {text}\n"

    def _note(self, file: str) -> None:
        """Keep the source of a cell in the traceback."""
        number = self._numbers.get(file)
        if number is not None and file not in self._cells:
            raw = self._shell.history_manager.input_hist_raw if self._shell.history_manager else []
            source = raw[number] if number < len(raw) else "".join(linecache.getlines(file))
            self._cells[file] = number, source


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """An error after what it came from, each with how it follows from the one before."""
    links: list[tuple[BaseException, str]] = []
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen and len(links) < _MOST_CAUSES:
        seen.add(id(link))
        before = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
        relation = "It was the direct cause of:" if link.__cause__ else "While it was handled, this happened:"
        links.append((link, relation))
        link = before
    return reversed(links)


def _frames(trace: TracebackType | None) -> Iterator[_Frame]:
    for frame, line in traceback.walk_tb(trace):
        yield _Frame(frame.f_code.co_filename, line, frame.f_code.co_name)


def _relevant(frames: list[_Frame]) -> list[_Frame]:
    """The frames without those of IPython that run the cell; of a deep recursion its ends."""
    begun = [frame for frame in frames if "IPython" not in Path(frame.file).parts or frame is frames[-1]]
    half = _MOST_FRAMES // 2
    return begun if len(begun) <= _MOST_FRAMES else [*begun[:half], *begun[-half:]]


def _is_installed(file: str) -> bool:
    """Whether a file is of a library, and not the user's own."""
    path = Path(file)
    library = Path(linecache.__file__).parent
    return (
        "site-packages" in path.parts
        or "dist-packages" in path.parts
        or path.is_relative_to(library)
        or file.startswith("<")
    )


def _short(file: str) -> str:
    """A path from the name of its package on, without the folders of this machine."""
    parts = Path(file).parts
    for folder in ("site-packages", "dist-packages", Path(linecache.__file__).parent.name):
        if folder in parts:
            return "/".join(parts[parts.index(folder) + 1 :])
    return Path(file).name


def _package(file: str) -> str:
    return _short(file).partition("/")[0].removesuffix(".py")
