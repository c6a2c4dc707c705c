"""Token counts: what the server reported, and nothing made up."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream.types.usage import Usage

COUNT = st.none() | st.integers(0, 10**9)
COST = st.none() | st.decimals(0, 100, places=4)
USAGES = st.builds(Usage, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, COST)
FULL = Usage(input=9, output=5, total=14, cached=4, reasoning=2)


@pytest.mark.parametrize(
    "value",
    [
        {
            "prompt_tokens": 9,
            "completion_tokens": 5,
            "total_tokens": 14,
            "prompt_tokens_details": {"cached_tokens": 4},
            "completion_tokens_details": {"reasoning_tokens": 2},
        },
        {
            "input_tokens": 9,
            "output_tokens": 5,
            "total_tokens": 14,
            "input_tokens_details": {"cached_tokens": 4},
            "output_tokens_details": {"reasoning_tokens": 2},
        },
    ],
    ids=["chat completions", "responses"],
)
def test_both_apis(value: dict[str, Any]) -> None:
    assert Usage.from_api(value) == FULL


@pytest.mark.parametrize(
    "odd", [None, -1, 1.5, "nine", "-9", "9" * 5000, 10**400, 1e300, 2**53, True, [], {}]
)
def test_what_is_no_count_is_none(odd: object) -> None:
    value = {"prompt_tokens": odd, "total_tokens": odd, "prompt_tokens_details": {"cached_tokens": odd}}
    assert Usage.from_api(value) == Usage()
    assert Usage.from_api({"prompt_tokens_details": odd}) == Usage()


def test_counts_as_text_or_with_a_decimal_point() -> None:
    value = {"prompt_tokens": "9", "completion_tokens": 5.0, "total_tokens": "14"}
    assert Usage.from_api(value) == Usage(9, 5, 14)


@pytest.mark.parametrize("name", ["prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens"])
def test_cached_tokens_by_every_name(name: str) -> None:
    assert Usage.from_api({"prompt_tokens": 9, name: 4}) == Usage(9, cached=4)


@pytest.mark.parametrize(
    ("reported", "usage"),
    {
        "OpenAI": (
            {"prompt_tokens": 900, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 800}},
            Usage(900, 5, cached=800),
        ),
        "Anthropic, beside the input": (
            {
                "input_tokens": 40,
                "cache_read_input_tokens": 800,
                "cache_creation_input_tokens": 60,
                "output_tokens": 5,
            },
            Usage(900, 5, cached=800, cache_written=60),
        ),
        "Anthropic by a gateway, as part of the prompt": (
            {
                "prompt_tokens": 900,
                "cache_read_input_tokens": 800,
                "cache_creation_input_tokens": 60,
                "completion_tokens": 5,
            },
            Usage(900, 5, cached=800, cache_written=60),
        ),
        "Anthropic by a gateway, beside the prompt": (
            {"prompt_tokens": 40, "cache_read_input_tokens": 800, "completion_tokens": 5},
            Usage(840, 5, cached=800),
        ),
        "DeepSeek": (
            {
                "prompt_tokens": 900,
                "prompt_cache_hit_tokens": 800,
                "prompt_cache_miss_tokens": 100,
                "completion_tokens": 5,
            },
            Usage(900, 5, cached=800),
        ),
        "DeepSeek without a sum": (
            {"prompt_cache_hit_tokens": 800, "prompt_cache_miss_tokens": 100, "completion_tokens": 5},
            Usage(900, 5, cached=800),
        ),
        "Gemini": (
            {
                "promptTokenCount": 900,
                "candidatesTokenCount": 5,
                "thoughtsTokenCount": 7,
                "cachedContentTokenCount": 800,
                "totalTokenCount": 912,
            },
            Usage(900, 12, 912, 800, 7),
        ),
        "OpenRouter": (
            {
                "prompt_tokens": 900,
                "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 800, "cache_write_tokens": 60},
                "cost": 0.0012,
            },
            Usage(900, 5, cached=800, cache_written=60, cost=Decimal("0.0012")),
        ),
    }.values(),
)
def test_cached_tokens_in_the_shape_of_each_provider(reported: dict[str, Any], usage: Usage) -> None:
    assert Usage.from_api(reported) == usage


def test_a_sum_has_a_price_only_if_all_of_it_has() -> None:
    priced, unpriced, free = Usage(1, 2, cost=Decimal("0.5")), Usage(1, 2), Usage(1, 2, cost=Decimal())
    assert (priced + priced).cost == 1
    assert (priced + free).cost == Decimal("0.5")
    assert (priced + unpriced).cost is None
    assert (free + unpriced).cost is None
    assert sum([priced], Usage()).cost == Decimal("0.5")


@given(USAGES)
def test_what_was_saved_is_read(usage: Usage) -> None:
    assert Usage.from_dict(json.loads(json.dumps(usage.as_dict()))) == usage


@pytest.mark.parametrize("odd", [None, -1, "1", True, [], float("inf"), float("nan")])
def test_what_is_no_price_is_none(odd: object) -> None:
    assert Usage.from_api({"cost": odd}).cost is None
    assert Usage.from_dict({"cost": odd}).cost is None


@given(USAGES, USAGES, USAGES)
def test_addition(a: Usage, b: Usage, c: Usage) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + Usage() == a


def test_nothing_else_can_be_added() -> None:
    with pytest.raises(TypeError):
        FULL + 1  # type: ignore[operator]
