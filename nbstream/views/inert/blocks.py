"""The lines of a document: code fences, block quotes, formulas on display and text.

What a line begins is read as a model means it, not as CommonMark counts columns: a fence may be indented at
will and ends at its closing line or with its container. What is written is strict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nbstream.views.inert.characters import referenced
from nbstream.views.inert.code import code_block, is_written_out
from nbstream.views.inert.display import DisplayFinder
from nbstream.views.inert.inline import inert_paragraph, inert_text
from nbstream.views.inert.links import definition
from nbstream.views.inert.nesting import bounded
from nbstream.views.inert.tables import table_at

__all__ = ["Document", "inert_lines"]

MAX_QUOTES = 8

_MARKER = r"(?:[-+*]|\d{1,9}[.)])(?:[ \t]++|$)"
_MARKERS = re.compile(rf"[ \t]*+(?:{_MARKER})++")
_FENCE = re.compile(r"(?P<indent>[ \t]*+)(?P<run>`{3,}+(?P<info>[^`]*+)|~{3,}+.*+)")
_NESTED_FENCE = re.compile(rf"(?:[ \t]*+(?:>|{_MARKER}))*+[ \t]*+(?:`{{3,}}+[^`]*+$|~{{3}})")
_QUOTE = re.compile(r"[ \t]*+>")
_QUOTE_MARKER = re.compile(r"[ \t]*+> ?")
# A line that may start another block is not joined to the previous one.
_BLOCK_START = re.compile(r"[ \t]*+(?:[-+*#|>=:]|\d{1,9}[.)]|$)")
_ENDS_TABLE = re.compile(r"[ \t]*+(?:>|#{1,6}(?:[ \t]|$)|(?:[-+*]|\d{1,9}[.)])[ \t])")
_TITLE_START = re.compile(r"""[ \t]*+["'(]""")
_DETAILS = re.compile(
    r"(?P<lead>[ \t]*+)(?=<)(?:<details(?: open)?>)?[ \t]*"
    r"(?:<summary>(?P<summary>.*?)</summary>)?[ \t]*(?:</details>)?[ \t]*",
    re.IGNORECASE,
)
# nbconvert reads a colon at the start of a line as a definition, and "#tag" as a heading.
_LINE_SIGNS = re.compile(rf"^((?:[ \t]*+(?:{_MARKER})*+)[ \t]*+)(:|#{{1,6}}(?![#\s]|$))", re.MULTILINE)
_ALONE = re.compile(r"[ \t]*+[#|]")


class _Block(NamedTuple):
    """What was written for a block, and the line after it."""

    lines: list[str]
    end: int
    apart: bool = False


def inert_lines(lines: Sequence[str], depth: int = 0) -> list[str]:
    """The lines of a document, or of a block quote in `depth` quotes, made inert."""
    document = Document(depth)
    document.add(lines)
    return document.write()


class Document:
    """One pass over the lines, from block to block, while more of them may come.

    Parameters
    ----------
    depth
        In how many block quotes it stands.
    """

    def __init__(self, depth: int = 0) -> None:
        self._lines: list[str] = []
        self._depth = depth
        self._written: list[str] = []
        self._position = 0
        self._last_blank = 0
        self._open_fence = (-1, 0)
        self._growing = True
        self._owes_blank = False
        self._displays = DisplayFinder(self._lines)

    def add(self, lines: Iterable[str]) -> None:
        """Take more lines."""
        known = len(self._lines)
        self._lines += lines
        for number in range(len(self._lines) - 1, known - 1, -1):
            if self._is_blank(self._lines[number]):
                self._last_blank = number
                return

    def write_ended(self) -> None:
        """Write the blocks that no later line can change: those that end before the last blank line.

        But for fences, every block ends at a blank line at the latest, and none looks for its end behind one.
        """
        while self._position < self._last_blank:
            block = self._block(self._position)
            if block.end > self._last_blank:
                return
            self._put(block)

    @property
    def ended(self) -> tuple[int, list[str]]:
        """How many lines have been written, and what was written for them."""
        return self._position, self._written

    def draft(self, more: Sequence[str]) -> list[str]:
        """All that was written, and what would be written for the rest if it ended with `more`."""
        rest = inert_lines([*self._lines[self._position :], *more], self._depth)
        apart = [""] if self._written and not self._is_blank(self._written[-1]) else []
        return [*self._written, *(apart if self._owes_blank else []), *rest]

    def write(self) -> list[str]:
        """Write the rest, and return everything written."""
        self._growing = False
        while self._position < len(self._lines):
            self._put(self._block(self._position))
        return self._written

    def _put(self, block: _Block) -> None:
        if (block.apart or self._owes_blank) and block.lines and not self._is_blank(block.lines[0]):
            self._separate()
        self._owes_blank = block.apart
        self._written += block.lines
        self._position = block.end

    def _separate(self) -> None:
        if self._written and not self._is_blank(self._written[-1]):
            self._written.append("")

    @staticmethod
    def _is_blank(line: str) -> bool:
        return not line.strip(" \t")

    def _block(self, start: int) -> _Block:
        if self._is_blank(self._lines[start]):
            return _Block([self._lines[start]], start + 1)
        self._lines[start] = bounded(self._lines[start])
        return self._bare_marker(start) or self._special(start) or self._quote(start) or self._text(start)

    def _special(self, start: int) -> _Block | None:
        line = self._lines[start]
        if is_written_out(line):
            return _Block([line], start + 1, apart=True)
        if defined := definition(line):
            return _Block([defined], start + 1, apart=self._starts_title(start + 1))
        return self._fence(start) or self._display(start) or self._details(start) or self._table(start)

    def _details(self, start: int) -> _Block | None:
        """The tags of a part that folds: what it holds is shown, its summary in bold, as in the page."""
        found = _DETAILS.fullmatch(self._lines[start])
        if not found:
            return None
        summary = (found["summary"] or "").strip()
        lines = [found["lead"] + inert_text(f"<b>{summary}</b>")] if summary else [""]
        return _Block(lines, start + 1, apart=bool(summary))

    def _table(self, start: int) -> _Block | None:
        table = table_at(self._lines, start)
        if table is None:
            return None
        end = start + 2
        while end < len(self._lines) and self._is_row(end):
            end += 1
        return _Block(table.written(self._lines[start + 2 : end]), end, apart=True)

    def _is_row(self, number: int) -> bool:
        line = self._lines[number]
        return not self._is_blank(line) and not _ENDS_TABLE.match(line) and not _FENCE.fullmatch(line)

    def _starts_title(self, number: int) -> bool:
        # What follows a link definition in quotes would be an attribute of the link.
        return number < len(self._lines) and bool(_TITLE_START.match(self._lines[number]))

    def _bare_marker(self, start: int) -> _Block | None:
        """A list marker before a fence, on its own line; the rest of the line is the fence."""
        line = self._lines[start]
        markers = _MARKERS.match(line)
        if not markers or not _NESTED_FENCE.match(line, markers.end()):
            return None
        self._lines[start] = " " * len(markers[0]) + line[markers.end() :]
        return _Block([markers[0].rstrip()], start)

    def _fence(self, start: int) -> _Block | None:
        opened = _FENCE.fullmatch(self._lines[start])
        if not opened:
            return None
        indent = len(opened["indent"].expandtabs(4))
        run = opened["run"]
        length = len(run) - len(run.lstrip(run[0]))
        end = self._fence_end(start + 1, run[0] * length)
        if self._growing and end == len(self._lines):
            return _Block([], end + 1)
        content = [_dedented(line, indent) for line in self._lines[start + 1 : end]]
        while end == len(self._lines) and content and not content[-1]:
            content.pop()
        block = code_block(run[length:], content, indent, quoted=self._depth > 0)
        return _Block(block.lines, end + 1, block.apart)

    def _fence_end(self, start: int, fence: str) -> int:
        opened, looked_at = self._open_fence
        for number in range(looked_at if opened == start else start, len(self._lines)):
            line = self._lines[number].strip(" \t")
            if line.startswith(fence) and not line.strip(fence[0]):
                return number
        self._open_fence = start, len(self._lines)
        return len(self._lines)

    def _quote(self, start: int) -> _Block | None:
        first = _QUOTE.match(self._lines[start])
        if not first:
            return None
        end = start
        while end < len(self._lines) and _QUOTE.match(self._lines[end]):
            end += 1
        if self._depth == MAX_QUOTES:
            return _Block([_flattened(line) for line in self._lines[start:end]], end)
        content = [_QUOTE_MARKER.sub("", line, count=1) for line in self._lines[start:end]]
        inert = inert_lines(content, self._depth + 1)
        return _Block([f"{first[0]} {line}" if line else first[0] for line in inert], end)

    def _display(self, start: int) -> _Block | None:
        display = self._displays.at(start)
        return display and _Block([f"{display.lead}{display.written}{display.tail}"], display.end)

    def _text(self, start: int) -> _Block:
        end = start + 1
        if not _ALONE.match(self._lines[start]):
            while end < len(self._lines) and self._continues(end):
                end += 1
        text = _LINE_SIGNS.sub(_literal, "\n".join(self._lines[start:end]))
        if paragraph := inert_paragraph(text):
            return _Block([paragraph], end, apart=True)
        return _Block(inert_text(text).split("\n"), end)

    def _continues(self, number: int) -> bool:
        return not _BLOCK_START.match(self._lines[number]) and self._special(number) is None


def _dedented(line: str, columns: int) -> str:
    if not columns:
        return line
    text = line.lstrip(" \t")
    return line[: len(line) - len(text)].expandtabs(4)[columns:] + text


def _flattened(line: str) -> str:
    """A line of a quote that is too deep to be one."""
    text = line.lstrip(" \t>")
    return line[: len(line) - len(text)].replace(">", "&gt;") + inert_text(text)


def _literal(sign: re.Match[str]) -> str:
    return sign[1] + referenced(sign[2])
