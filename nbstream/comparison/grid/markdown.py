"""A comparison as Markdown that means its texts and nothing else. Nothing in it varies with speed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.summary import Standing, Summary
from nbstream.comparison.grid.variant import Variant
from nbstream.views.inert import inert_markdown
from nbstream.views.inert.characters import literal

__all__ = ["markdown"]

_MOST_ROWS = 20
_MOST_CHARS = 200
_MARKS = {True: "✓ ", False: "✗ ", None: ""}


def markdown(summary: Summary, cells: Sequence[Cell]) -> str:
    """The figures, what is decided, and the answers: of many rows, the first 20, shortened.

    Parameters
    ----------
    summary
        Figures and differences.
    cells
        The answers, row by row.
    """
    variants = [standing.variant for standing in summary.standings]
    verdicts = [f"- {literal(line)}" for line in _verdicts(summary)]
    parts = [literal(_count(cells)), _figures(summary.standings), "\n".join(verdicts)]
    rows = len({cell.row.index for cell in cells})
    parts += _answers(cells) if rows == 1 else [_table(variants, cells), _left_out(rows)]
    return "\n\n".join(part for part in parts if part)


def _count(cells: Sequence[Cell]) -> str:
    statuses = Counter(cell.status for cell in cells)
    whole = f"{len(cells)} {'answer' if len(cells) == 1 else 'answers'}"
    if statuses.keys() == {"finished"}:
        return whole
    return f"{whole}: {', '.join(f'{count} {status}' for status, count in sorted(statuses.items()))}"


def _figures(standings: Sequence[Standing]) -> str:
    checks = list(standings[0].checks)
    shares = ["all checks", *checks] if len(checks) > 1 else checks
    head = ["variant", "answers", *shares, "tokens"]
    lines = [
        [one.variant.name, str(one.statuses.get("finished", 0) + one.statuses.get("closed", 0))]
        + [_share(one, share) for share in shares]
        + [f"{one.output_tokens:,}"]
        for one in standings
    ]
    return _lines([head, *lines])


def _share(one: Standing, check: str) -> str:
    interval = one.checks.get(check, one.passed)
    if interval is None or not interval.n:
        return ""
    return f"{100 * interval.estimate:.0f} % [{100 * interval.low:.0f}, {100 * interval.high:.0f}]"


def _verdicts(summary: Summary) -> Iterable[str]:
    for difference in summary.differences:
        if difference.pairs:
            yield f"{difference.check}: {difference}" if difference.check else str(difference)
    if summary.verdict:
        yield summary.verdict


def _answers(cells: Sequence[Cell]) -> list[str]:
    """The answers in full, one below the other."""
    parts = []
    for cell in cells:
        number = f" ({cell.sample + 1})" if max(other.sample for other in cells) else ""
        parts.append(f"**{literal(_MARKS[cell.passed] + cell.variant.name + number)}**{_note(cell)}")
        parts.append(inert_markdown(cell.text))
    return parts


def _table(variants: Sequence[Variant], cells: Sequence[Cell]) -> str:
    """The answers by row and variant, shortened."""
    sides: dict[tuple[int, int], list[str]] = {}
    labels: dict[int, str] = {}
    for cell in cells:
        labels[cell.row.index] = str(cell.row.label)
        sides.setdefault((cell.row.index, cell.variant.index), []).append(_short(cell))
    head = ["row", *(variant.name for variant in variants)]
    lines = [
        [label, *(" / ".join(sides[row, variant.index]) for variant in variants)]
        for row, label in list(labels.items())[:_MOST_ROWS]
    ]
    return _lines([head, *lines])


def _short(cell: Cell) -> str:
    text = cell.text if len(cell.text) <= _MOST_CHARS else f"{cell.text[:_MOST_CHARS]}…"
    status = "" if cell.status == "finished" else f" ({cell.status})"
    return f"{_MARKS[cell.passed]}{text}{status}".strip()


def _note(cell: Cell) -> str:
    if cell.error is not None:
        return f" {literal(str(cell.error))}"
    return "" if cell.status == "finished" else f" {cell.status}"


def _left_out(rows: int) -> str:
    return f"{rows - _MOST_ROWS} more rows are in `to_frame()`." if rows > _MOST_ROWS else ""


def _lines(rows: Sequence[Sequence[str]]) -> str:
    head, *others = ["| " + " | ".join(map(literal, row)) + " |" for row in rows]
    return "\n".join([head, "|" + " --- |" * len(rows[0]), *others])
