"""JSON that is read bit by bit, compared with `json.loads` on documents that were damaged at random."""

from __future__ import annotations

import json
import random

import pytest

from nbstream.comparison.checks.json_prefix import JSONPrefix

DOCUMENTS = [
    '{"a": [1, -2.5e+3, 0.1, {"b": null}], "c\\u00e9\\n": "d\\"e", "f": {}}',
    ' [true, false, [], [[]], "", 0, -0.0, 1E9] ',
    '"text"',
    "-12.5",
    "null",
    '{"nested": {"deep": {"er": [1, {"x": "y"}]}}}\n',
]


def is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse)
    except ValueError:
        return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(name)


def read(text: str, cuts: list[int]) -> JSONPrefix:
    prefix = JSONPrefix()
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        prefix.feed(text[start:end])
    return prefix


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_prefix_of_json_is_broken_however_it_is_cut(document: str) -> None:
    for end in range(len(document) + 1):
        for cut in range(end + 1):
            prefix = read(document[:end], [cut])
            assert not prefix.broken
            assert prefix.whole == is_json(document[:end])


def test_damaged_json_is_told_from_json() -> None:
    draw = random.Random(8)  # noqa: S311
    valid = 0
    for _ in range(4000):
        text = list(draw.choice(DOCUMENTS))
        for _ in range(draw.randint(1, 2)):
            place = draw.randrange(len(text))
            change = draw.choice(["drop", "insert", "replace"])
            text[place : place + (change != "insert")] = (
                [] if change == "drop" else [draw.choice('{}[]",:0123.eE+-tfn \\u\n')]
            )
        whole = "".join(text)
        prefix = read(whole, sorted(draw.choices(range(len(whole) + 1), k=3)))
        assert prefix.whole == is_json(whole), whole
        valid += prefix.whole
    assert 200 < valid < 3800


@pytest.mark.parametrize(
    "text",
    ["S", "{'", "{a", "[1,,", "[1}", "{} x", '{"a" 1', "01", "nul1", '"\n', "[1,]", '{"a":1,}', "N", "]"],
)
def test_broken_json_is_noticed_at_its_first_wrong_character(text: str) -> None:
    assert not read(text[:-1], []).broken
    assert read(text, []).broken
