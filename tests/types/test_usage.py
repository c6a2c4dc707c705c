"""Token counts: what the server reported, and nothing made up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream.types.usage import Usage

COUNT = st.none() | st.integers(0, 10**9)
USAGES = st.builds(Usage, COUNT, COUNT, COUNT, COUNT, COUNT)
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


@given(USAGES, USAGES, USAGES)
def test_addition(a: Usage, b: Usage, c: Usage) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + Usage() == a


def test_nothing_else_can_be_added() -> None:
    with pytest.raises(TypeError):
        FULL + 1  # type: ignore[operator]
