"""What a check compares an answer with: a text, a template of the row, or its column `expected`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbstream.errors import ArgumentError
from nbstream.prompts import Prompt

__all__ = ["COLUMN", "Expected"]

COLUMN = "expected"


class Expected:
    """What a check compares an answer with.

    Parameters
    ----------
    check
        Name of the check.
    value
        A text, in which ``{{ column }}`` is filled in from the row; None for the column ``expected``.

    Examples
    --------
    >>> Expected("contains", "{{ city }}").of({"city": "Oslo"})
    'Oslo'
    >>> Expected("equals", None).of({"expected": 42})
    '42'
    """

    def __init__(self, check: str, value: object) -> None:
        self._check = check
        self._value = None if value is None else str(value)
        self._template = Prompt(self._value) if self._value and "{{" in self._value else None

    @property
    def name(self) -> str:
        """What a check with this value is called."""
        return self._check if self._value is None else f"{self._check}: {self._value}"

    @property
    def template(self) -> str:
        """The text, or the template that finds it in the row."""
        return f"{{{{ {COLUMN} }}}}" if self._value is None else self._value

    def of(self, row: Mapping[str, Any]) -> str:
        """The text for a row.

        Raises
        ------
        ArgumentError
            When the row has no such column.
        """
        if self._template is not None:
            return self._template.render(**row)
        if self._value is not None:
            return self._value
        if row.get(COLUMN) is None:
            raise ArgumentError(
                f"The check {self._check!r} has nothing to compare with.",
                advice=f"Give it a value, or add a column {COLUMN!r} to over=….",
            )
        return str(row[COLUMN])
