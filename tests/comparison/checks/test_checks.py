"""Checks of whole answers, and the moment at which each is certain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from nbstream.comparison.checks import Check, as_checks, contains_json, is_json, named_check
from nbstream.errors import ArgumentError
from nbstream.reply import Reply
from nbstream.types.events import Finished, Routed, TextDelta

SCHEMA = {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}}


def answer(text: str, seconds: float = 1.0) -> Reply:
    return Reply(None, log=[Routed(0.0, "m", "p", "h"), TextDelta(0.5, text), Finished(seconds, "stop")])


def outcome_of(check: Check, text: str, row: Mapping[str, Any]) -> tuple[str, int | None]:
    """The status, and after how many characters it was certain; None if only at the end."""
    follower = check.follow(row)
    for place, char in enumerate(text, 1):
        outcome = follower.feed(char, 0.1)
        if outcome is not None:
            assert all(follower.feed(later, 0.1) in {None, outcome} for later in text[place:])
            return outcome.status, place
    outcome = follower.end(answer(text))  # type: ignore[assignment]
    assert outcome is not None
    return outcome.status, None


@pytest.mark.parametrize(
    ("check", "text", "status", "certain"),
    [
        ("contains: lo W", "Hello World", "pass", 7),
        ("contains: lo w", "Hello World", "fail", None),
        ("icontains: LO w", "Hello World", "pass", 7),
        ("icontains: straße", "Die STRASSE", "pass", 11),
        ("contains: aab", "aaab", "pass", 4),
        ("contains: x", "x", "pass", 1),
        ("not-contains: sorry", "I am sorry, but", "fail", 10),
        ("not-contains: sorry", "Of course", "pass", None),
        ("equals: positive", "positive", "pass", None),
        ("equals: positive", "posit", "fail", None),
        ("equals: positive", "possibly", "fail", 4),
        ("equals: positive", "positive.", "fail", 9),
        ("not-equals: yes", "yet", "pass", 3),
        ("equals", "Oslo", "pass", None),
        ("contains", "In Oslo", "pass", 7),
        ("contains: {{ city }}!", "Oslo!", "pass", 5),
        ("starts-with: Yes", "Yes, it is", "pass", 3),
        ("starts-with: Yes", "Yet", "fail", 3),
        ("starts-with: Yes", "Ye", "fail", None),
        ("regex: [0-9]{4}", "In 1969", "pass", 7),
        ("regex: [0-9]{4}$", "In 1969 or", "fail", None),
        ("regex: ^In.*or$", "In 1969 or", "pass", None),
        (r"regex: \bam\b", "I am", "pass", None),
        (r"regex: \bam\b", "I am here", "pass", 5),
        (r"regex: \bam\b", "I amble", "fail", None),
        (r"not-regex: am(?!ble)", "I amble", "pass", None),
        (r"regex: (?>\w+)(?<=cat)", "category", "fail", None),
        (r"regex: \w++(?<=cat)", "category", "fail", None),
        ("max-chars: 5", "Hello", "pass", None),
        ("max-chars(5)", "Hello World", "fail", 6),
        ("is-json", '{"a": 1}', "pass", None),
        ("is-json", "Sure: {}", "fail", 1),
        ("is-json", '{"a": 1} I hope', "fail", 10),
        ("is-json", '{"a": 1', "fail", None),
        ("is-json", "12", "pass", None),
        ("contains-json", 'Sure: {"a": [1]} I hope', "pass", 15),
        ("contains-json", "Sure: [see below", "fail", None),
        ("contains-json", "See [1 and [2, 3]", "pass", 17),
        ("contains-json", "only 12", "fail", None),
        ("latency: 2000", "Hello", "pass", None),
        ("latency(50)", "Hello", "fail", 1),
    ],
)
def test_a_named_check_is_certain_as_early_as_it_can(
    check: str, text: str, status: str, certain: int | None
) -> None:
    row = {"city": "Oslo", "expected": "Oslo"}
    assert outcome_of(named_check(check), text, row) == (status, certain)


@pytest.mark.parametrize(
    ("text", "json", "within"),
    [
        ('{"city": "Oslo"}', "pass", "pass"),
        ('{"city": 4}', "fail", "fail"),
        ('Sure: {"town": {"city": "Oslo"}}', "fail", "pass"),
        ('{"town": 1} {"city": "Oslo"}', "fail", "pass"),
    ],
)
def test_json_is_validated_with_a_schema(text: str, json: str, within: str) -> None:
    assert outcome_of(is_json(SCHEMA), text, {})[0] == json
    assert outcome_of(contains_json(SCHEMA), text, {})[0] == within


def test_reasons_name_what_is_missing() -> None:
    ended = answer("Hello")
    follower = named_check("contains: Oslo").follow({})
    assert follower.end(ended).reason == "It does not contain 'Oslo'."  # type: ignore[union-attr]
    follower = is_json(SCHEMA).follow({})
    follower.feed('{"city": 4}', 0.1)
    assert follower.end(answer('{"city": 4}')).reason == "city: 4 is not of type 'string'"  # type: ignore[union-attr]


def test_checks_are_named_by_their_column() -> None:
    def polite(reply: Reply) -> bool:
        return "please" in reply.text

    assert list(as_checks({"a": "is-json", "b": polite, "c": is_json})) == ["a", "b", "c"]
    assert list(as_checks(["is-json", polite])) == ["is-json", "polite"]
    assert list(as_checks(polite)) == ["polite"]
    assert list(as_checks("contains: Oslo")) == ["contains: Oslo"]
    assert as_checks(None) == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("contain: Oslo", "There is no check 'contain'. Did you mean 'contains'?"),
        ("latency: soon", "The check 'latency' needs a number."),
        ("latency", "The check 'latency' needs a number."),
        ("latency: -1", "latency(-1.0) is not a number above 0."),
        ("regex: [", "is not a regular expression"),
        ("Is it polite?", "is not a check"),
        ({"a": 3}, "3 is not a check."),
        (["is-json", "is-json"], "Two checks have the same name."),
        ({"a": lambda: True}, "takes other arguments than a reply, or a reply and a row"),
        ([lambda _reply, _row, _more: True], "takes other arguments"),
    ],
)
def test_what_is_not_a_check_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        as_checks(given)
    assert message in str(caught.value)


def test_schema_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentError, match="not a JSON Schema"):
        is_json({"type": "objet"})


def test_check_without_anything_to_compare_with_is_refused() -> None:
    with pytest.raises(ArgumentError, match="nothing to compare with"):
        named_check("equals").follow({"text": "x"})
