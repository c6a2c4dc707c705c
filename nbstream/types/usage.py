"""Token counts, as the server reported them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Usage"]

# Larger ones are not exact in the browser, and no rate can be computed from the largest.
_LARGEST = 2**53 - 1
_DIGITS = len(str(_LARGEST))


@dataclass(frozen=True, slots=True)
class Usage:
    """Token usage of one request, or the sum of several.

    A count that the server did not report is None, never a guess.

    Parameters
    ----------
    input, output, total
        Tokens of the prompt, of the answer, and both.
    cached
        How many of the input tokens came from the provider's cache.
    reasoning
        How many of the output tokens went into reasoning.

    Examples
    --------
    >>> Usage(input=25, output=300, total=325) + Usage(input=5, output=10, total=15)
    Usage(input=30, output=310, total=340, cached=None, reasoning=None)
    """

    input: int | None = None
    output: int | None = None
    total: int | None = None
    cached: int | None = None
    reasoning: int | None = None

    @property
    def is_zero(self) -> bool:
        """Whether no token was counted at all.

        Examples
        --------
        >>> Usage(input=0, output=0).is_zero
        True
        """
        return not (self.input or self.output or self.total)

    def __add__(self, other: Usage) -> Usage:
        if not isinstance(other, Usage):
            return NotImplemented
        pairs = zip(asdict(self).items(), asdict(other).values(), strict=True)
        return Usage(**{name: _sum(mine, theirs) for (name, mine), theirs in pairs})

    @classmethod
    def from_api(cls, usage: Mapping[str, Any]) -> Usage:
        """Read a ``usage`` object of either OpenAI API, tolerating missing or unusual fields.

        Examples
        --------
        >>> Usage.from_api({"prompt_tokens": 25, "completion_tokens": 300}).output
        300
        """
        prompt, answer = ("input", "output") if "input_tokens" in usage else ("prompt", "completion")
        return cls(
            input=_count(usage.get(f"{prompt}_tokens")),
            output=_count(usage.get(f"{answer}_tokens")),
            total=_count(usage.get("total_tokens")),
            cached=_first(
                _detail(usage, f"{prompt}_tokens_details", "cached_tokens"),
                usage.get("prompt_cache_hit_tokens"),  # DeepSeek
                usage.get("cached_tokens"),  # Moonshot
                usage.get("cache_read_input_tokens"),  # Anthropic
            ),
            reasoning=_first(
                _detail(usage, f"{answer}_tokens_details", "reasoning_tokens"), usage.get("reasoning_tokens")
            ),
        )

    def as_dict(self) -> dict[str, int | None]:
        """Plain JSON form.

        Examples
        --------
        >>> Usage(input=25, output=300).as_dict()["output"]
        300
        """
        return asdict(self)


def _sum(mine: int | None, theirs: int | None) -> int | None:
    return theirs if mine is None else mine if theirs is None else mine + theirs


def _first(*values: object) -> int | None:
    """The first valid count; servers put it in different places."""
    return next((count for value in values if (count := _count(value)) is not None), None)


def _count(value: object) -> int | None:
    """A count, also as text or with a decimal point."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _LARGEST else None


def _detail(usage: Mapping[str, Any], group: str, name: str) -> object:
    details = usage.get(group)
    return details.get(name) if isinstance(details, Mapping) else None
