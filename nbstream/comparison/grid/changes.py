"""What changed between two comparisons over the same rows."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.difference import score
from nbstream.prompts import Prompt

__all__ = ["Changes", "changes_between"]

_PASSING = 0.5


@dataclass(frozen=True, slots=True)
class Changes:
    """What an edit changed: the prompt, and the outcomes.

    Parameters
    ----------
    good, bad
        Answers that pass now and did not before, and the other way round.
    unchanged
        How many have the same outcome.
    prompts
        The lines of the prompts that differ, marked with ``-`` and ``+``.
    """

    good: Sequence[Cell]
    bad: Sequence[Cell]
    unchanged: int
    prompts: Sequence[str] = ()

    def __str__(self) -> str:
        outcome = f"{len(self.good)} turned good, {len(self.bad)} turned bad, {self.unchanged} unchanged"
        return "\n".join([*self.prompts, outcome])


def changes_between(earlier: Sequence[Cell], later: Sequence[Cell], check: str) -> Changes:
    """Compare answers of the same column, row and sample."""
    before = {_place(cell): cell for cell in earlier}
    good: list[Cell] = []
    bad: list[Cell] = []
    unchanged = 0
    for cell in later:
        old = before.get(_place(cell))
        was, now = (None if old is None else score(old, check)), score(cell, check)
        if was is None or now is None:
            continue
        if (was >= _PASSING) == (now >= _PASSING):
            unchanged += 1
        else:
            (good if now > was else bad).append(cell)
    return Changes(good, bad, unchanged, _prompt_lines(earlier, later))


def _place(cell: Cell) -> tuple[int, str, int]:
    return cell.variant.index, json.dumps(dict(cell.row.fields), default=repr), cell.sample


def _prompt_lines(earlier: Sequence[Cell], later: Sequence[Cell]) -> list[str]:
    before = {cell.variant.index: _template(cell) for cell in earlier}
    after = {cell.variant.index: _template(cell) for cell in later}
    lines: list[str] = []
    for index, text in after.items():
        old = before.get(index, "")
        if text != old:
            found = difflib.ndiff(old.splitlines(), text.splitlines())
            lines += [line for line in found if line[:1] in {"-", "+"}]
    return list(dict.fromkeys(lines))


def _template(cell: Cell) -> str:
    prompt = cell.variant.prompt
    return prompt.template if isinstance(prompt, Prompt) else str(prompt)
