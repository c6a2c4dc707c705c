"""Token counts, as the server reported them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any, Self

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
    cache_written
        How many of the input tokens were written into the provider's cache, where that has a price.
    cost
        Price in US dollars: 0 for a model on this machine, None where no price is known. A sum has a price
        only if all its parts have one.

    Examples
    --------
    >>> usage = Usage(input=25, output=300, total=325) + Usage(input=5, output=10, total=15)
    >>> usage.input, usage.output, usage.total, usage.cost
    (30, 310, 340, None)
    """

    input: int | None = None
    output: int | None = None
    total: int | None = None
    cached: int | None = None
    reasoning: int | None = None
    cache_written: int | None = None
    cost: Decimal | None = None

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
        counts = {name: _sum(getattr(self, name), getattr(other, name)) for name in _COUNTS}
        return Usage(**counts, cost=_sum_of_costs(self, other))

    @classmethod
    def from_api(cls, usage: Mapping[str, Any]) -> Usage:
        """Read the token counts of an API, tolerating missing or unusual fields.

        The shapes of OpenAI (both APIs), Anthropic, DeepSeek, Moonshot and Gemini are understood. `input` is
        the whole prompt: Anthropic reports cached tokens separately, the others as a part of it.

        Examples
        --------
        >>> Usage.from_api({"prompt_tokens": 25, "completion_tokens": 300}).output
        300
        >>> anthropic = {"input_tokens": 5, "cache_read_input_tokens": 900, "output_tokens": 30}
        >>> Usage.from_api(anthropic).input, Usage.from_api(anthropic).cached
        (905, 900)
        """
        if "promptTokenCount" in usage:
            return cls._from_gemini(usage)
        prompt, answer = ("input", "output") if "input_tokens" in usage else ("prompt", "completion")
        hits, misses = _count(usage.get("prompt_cache_hit_tokens")), usage.get("prompt_cache_miss_tokens")
        cached = _first(
            _detail(usage, f"{prompt}_tokens_details", "cached_tokens"),
            hits,  # DeepSeek
            usage.get("cached_tokens"),  # Moonshot
            usage.get("cache_read_input_tokens"),  # Anthropic
            usage.get("cachedContentTokenCount"),  # Gemini
        )
        written = _first(
            usage.get("cache_creation_input_tokens"),  # Anthropic
            _detail(usage, f"{prompt}_tokens_details", "cache_write_tokens"),  # OpenRouter
        )
        whole = _first(usage.get(f"{prompt}_tokens"), _sum(hits, _count(misses)))
        return cls(
            input=_with_cache(whole, usage, prompt, cached, written),
            output=_count(usage.get(f"{answer}_tokens")),
            total=_count(usage.get("total_tokens")),
            cached=cached,
            reasoning=_first(
                _detail(usage, f"{answer}_tokens_details", "reasoning_tokens"), usage.get("reasoning_tokens")
            ),
            cache_written=written,
            cost=_price(usage.get("cost")),  # OpenRouter
        )

    @classmethod
    def _from_gemini(cls, usage: Mapping[str, Any]) -> Usage:
        """The native shape, in which thoughts are not part of the answer."""
        thoughts = _count(usage.get("thoughtsTokenCount"))
        return cls(
            input=_count(usage.get("promptTokenCount")),
            output=_sum(_count(usage.get("candidatesTokenCount")), thoughts),
            total=_count(usage.get("totalTokenCount")),
            cached=_count(usage.get("cachedContentTokenCount")),
            reasoning=thoughts,
        )

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned; what is not a count or a price is None.

        Examples
        --------
        >>> Usage.from_dict(Usage(input=25, cost=Decimal("0.002")).as_dict()).cost
        Decimal('0.002')
        """
        counts = {name: saved.get(name) for name in _COUNTS}
        valid = {name: count for name, count in counts.items() if type(count) is int and count >= 0}
        return cls(**valid, cost=_price(saved.get("cost")))

    def as_dict(self) -> dict[str, int | float | None]:
        """Plain JSON form, in which `cache_written` and `cost` are left out where they are not known.

        Examples
        --------
        >>> Usage(input=25, output=300).as_dict()["output"]
        300
        """
        data = asdict(self) | {"cost": None if self.cost is None else float(self.cost)}
        return {name: value for name, value in data.items() if value is not None or name not in _RARE}


_ANTHROPIC = frozenset({"cache_read_input_tokens", "cache_creation_input_tokens"})
_RARE = frozenset({"cache_written", "cost"})
_COUNTS = tuple(field.name for field in fields(Usage) if field.name != "cost")


def _sum(mine: int | None, theirs: int | None) -> int | None:
    return theirs if mine is None else mine if theirs is None else mine + theirs


def _sum_of_costs(mine: Usage, theirs: Usage) -> Decimal | None:
    """The price of both; None if tokens of one have no price."""
    known = [usage.cost for usage in (mine, theirs) if usage.cost is not None or not usage.is_zero]
    priced = [cost for cost in known if cost is not None]
    return sum(priced, Decimal()) if priced and len(priced) == len(known) else None


def _with_cache(
    whole: int | None, usage: Mapping[str, Any], prompt: str, cached: int | None, written: int | None
) -> int | None:
    """The input with its cached tokens, which Anthropic counts separately."""
    if whole is None or usage.keys().isdisjoint(_ANTHROPIC):
        return whole
    separate = (cached or 0) + (written or 0)
    native = prompt == "input" and "input_tokens_details" not in usage
    return whole + separate if native or separate > whole else whole


def _price(value: object) -> Decimal | None:
    """A price in US dollars."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if number and 0 <= value < math.inf else None  # type: ignore[operator]


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
