"""Tables, row by row. No row loses a cell: the page reads them likewise (js/render/rows.ts)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from nbstream.views.inert.inline import inert_text

__all__ = ["Table", "table_at"]

_DELIMITERS = re.compile(
    r"(?P<lead>[ \t]*+)(?=[^|]*\||[ \t]*:?-+:?[ \t]*$)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*"
)
_PARTS = re.compile(r"\\\||\\`|\||(?P<ticks>`+)(?!`)|[^\\`|]+|\\")
# A list marker or a quote mark before a table is not part of its first cell.
_LEAD = re.compile(r"[ \t]*+(?:(?:[-+*]|\d{1,9}[.)])[ \t]++)*+")


class Table(NamedTuple):
    """The head of a table.

    Parameters
    ----------
    lead, indent
        Prefix of its first line and of the others.
    head
        Its cells.
    delimiters
        What says how its columns are aligned.
    lines
        Both lines, without their prefix.
    """

    lead: str
    indent: str
    head: list[str]
    delimiters: list[str]
    lines: tuple[str, str]

    def written(self, rows: Iterable[str]) -> list[str]:
        """The lines of the table with these `rows`, made inert."""
        width = len(self.delimiters)
        head, following = self.lines
        delimiters = following if _is_framed(following) else f"|{'|'.join(self.delimiters)}|"
        lines = [self.lead + _row(head, self.head), self.indent + delimiters]
        stripped = (row.strip(" \t") for row in rows)
        return lines + [self.indent + _row(row, _fitted(row, width)) for row in stripped]


def table_at(lines: Sequence[str], start: int) -> Table | None:
    """The table whose head is line `start`, or None."""
    following = lines[start + 1] if start + 1 < len(lines) else ""
    if "|" not in lines[start] or not _DELIMITERS.fullmatch(following):
        return None
    delimiters = [cell.strip() for cell in following.strip(" \t").strip("|").split("|")]
    lead = lines[start][: len(lines[start]) - len(_LEAD.sub("", lines[start], count=1))]
    first = lines[start][len(lead) :].strip(" \t")
    head = _divided(first, len(delimiters))
    indent = following[: len(following) - len(following.lstrip(" \t"))]
    both = (first, following.strip(" \t"))
    return Table(lead, indent, head, delimiters, both) if len(head) == len(delimiters) else None


def _row(line: str, cells: Iterable[str]) -> str:
    """The `cells` of `line`, which stays as it is, padding and all, where no cell changes."""
    known = [cell.strip(" \t") for cell in cells]
    inert = [inert_text(cell).replace("|", "&#124;") for cell in known]
    if inert == known and _is_framed(line) and line.count("|") == len(known) + 1:
        return line
    return "| " + " | ".join(inert) + " |"


def _is_framed(line: str) -> bool:
    return len(line) > 1 and line.startswith("|") and line.endswith("|")


def _fitted(row: str, width: int) -> list[str]:
    """The cells of a row: missing ones empty, what is too much in the last."""
    cells = _divided(row, width)
    if len(cells) > width:
        return [*cells[: width - 1], "|".join(cells[width - 1 :])]
    return cells + [""] * (width - len(cells))


def _divided(row: str, width: int) -> list[str]:
    """The cells of a row, at every pipe as GitHub has it; where too many, without the pipes in code."""
    simple = list(_cells(row, code=False))
    return list(_cells(row, code=True)) if len(simple) > width else simple


def _cells(row: str, *, code: bool) -> Iterator[str]:
    cells = [""]
    position = 0
    while part := _PARTS.match(row, position):
        position = part.end()
        end = _code_end(row, part["ticks"], position) if code and part["ticks"] else None
        if part[0] == "|":
            cells.append("")
        elif end is None:
            cells[-1] += "|" if part[0] == r"\|" else part[0]
        else:
            cells[-1] += row[part.start() : end].replace(r"\|", "|")
            position = end
    if cells[0] == "":
        cells.pop(0)
    if cells and cells[-1] == "":
        cells.pop()
    yield from cells


def _code_end(row: str, ticks: str, start: int) -> int | None:
    found = re.compile(rf"(?<!`){ticks}(?!`)").search(row, start)
    return found.end() if found else None
