"""A prompt whose variables were filled in: what was written, what was sent, and which values are in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

__all__ = ["FilledVariable", "RenderedPrompt"]

_ROWS = re.compile(r"\|\s*rows\b")


@dataclass(frozen=True, slots=True)
class FilledVariable:
    """An expression of a template that was replaced by its value.

    Parameters
    ----------
    expression
        What the template has between its braces.
    note
        How much of the value was sent, such as ``20 of 500 rows``; empty if all of it.

    Examples
    --------
    >>> str(FilledVariable("df", "20 of 500 rows"))
    'df (20 of 500 rows)'
    """

    expression: str
    note: str = ""

    @property
    def is_limited(self) -> bool:
        """Whether the template itself says how much to send: ``df | rows(20)``."""
        return _ROWS.search(self.expression) is not None

    def __str__(self) -> str:
        return f"{self.expression} ({self.note})" if self.note else self.expression


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A prompt as it was sent, and the template that it was made from.

    Parameters
    ----------
    template
        The text with its ``{{ … }}``.
    text
        The text that was sent.
    filled
        The expressions that were replaced, each once.

    Examples
    --------
    >>> prompt = RenderedPrompt("Hello {{ name }}", "Hello Ada", (FilledVariable("name"),))
    >>> prompt.summary
    'name'
    """

    template: str
    text: str
    filled: tuple[FilledVariable, ...] = ()

    def __str__(self) -> str:
        return self.text

    @property
    def summary(self) -> str:
        """The filled variables in one line."""
        return ", ".join(map(str, self.filled))

    def as_dict(self) -> dict[str, Any]:
        """The prompt as JSON."""
        filled = [[variable.expression, variable.note] for variable in self.filled]
        return {"template": self.template, "text": self.text, "filled": filled}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The prompt that `as_dict` wrote."""
        filled = tuple(FilledVariable(*pair) for pair in data["filled"])
        return cls(data["template"], data["text"], filled)
