"""Rows from a growing text are those of one parse, wherever the text is cut into deltas."""

from __future__ import annotations

import codecs
import json
import math
import random
from typing import Any

import pytest

from nbstream.structured.answer import StructuredAnswer
from nbstream.structured.structure import Structure

DOCUMENTS = 240
ROWS = Structure.of({"type": "array", "items": {"type": "object"}})
OBJECT = Structure.of({"type": "object"})
STRINGS = [
    *(
        "plain",
        "",
        'quo"te',
        "back\\slash",
        "]}{[,:",
        "line\nend",
        "tab\t",
        "é ü 漢字",
        "😀🎉",
        "\u2028",
        "```",
    ),
    *('\\"', "NaN", "ends in \\", '"rows": ['),
]


def value(draw: random.Random, depth: int = 0) -> Any:
    kinds = ["text", "int", "float", "null", "bool", "nan"] + (["list", "object"] if depth < 3 else [])
    match draw.choice(kinds):
        case "text":
            return draw.choice(STRINGS)
        case "int":
            return draw.randint(-(10**20), 10**20)
        case "float":
            return draw.uniform(-1e9, 1e9)
        case "null":
            return None
        case "bool":
            return draw.random() < 0.5
        case "nan":
            return draw.choice([math.nan, math.inf, -math.inf])
        case "list":
            return [value(draw, depth + 1) for _ in range(draw.randint(0, 3))]
    return {draw.choice(STRINGS): value(draw, depth + 1) for _ in range(draw.randint(0, 3))}


def row(draw: random.Random) -> str:
    fields = {f"k{n}": value(draw) for n in range(draw.randint(1, 3))}
    text = json.dumps(fields, ensure_ascii=draw.random() < 0.5, indent=draw.choice([None, None, 1]))
    if draw.random() < 0.2:  # a key given twice: the last one counts, as for json
        text = text[:-1] + ', "k0": "again"}'
    return text


def document(number: int) -> tuple[str, list[str], bool]:
    """A text, the JSON of the whole rows in it, and whether the list is complete."""
    draw = random.Random(number)  # noqa: S311 - for a test
    rows = [row(draw) for _ in range(draw.randint(0 if number % 7 else 1, 4))]
    body = draw.choice([", ", ",", " ,\n"]).join(rows)
    form = number % 4
    text = (
        [f"[{body}]", f'{{"rows": [{body}]}}', f'{{ "why": "a [b] {{c}}", "rows" :\n[ {body} ] }}'][form]
        if form < 3
        else "\n".join(rows)
    )
    complete = form < 3 or bool(rows)
    if number % 5 == 0 and rows and form < 3:  # cut in the middle of the last row
        text, rows, complete = text[: text.rindex(rows[-1]) + len(rows[-1]) - 1], rows[:-1], False
    before, after = draw.choice(
        [
            ("", ""),
            ("```json\n", "\n```"),
            ("Here are [1] {two} rows:\n\n", "\n\nThat is [all] {of} it."),
            (" \n", " "),
        ]
    )
    return before + text + (after if complete else ""), rows, complete


def read(parts: list[str]) -> tuple[str, bool]:
    answer = StructuredAnswer(ROWS)
    for part in parts:
        answer.feed(part)
    assert not answer.errors
    # repr, because NaN equals nothing
    return repr(answer.valid_rows), answer.is_valid


@pytest.mark.parametrize("number", range(DOCUMENTS))
def test_every_split_gives_the_rows_of_one_parse(number: int) -> None:
    text, rows, complete = document(number)
    expected = repr([json.loads(row) for row in rows]), complete
    data = text.encode()
    for cut in range(len(data) + 1):
        decoder = codecs.getincrementaldecoder("utf-8")()
        assert read([decoder.decode(data[:cut]), decoder.decode(data[cut:])]) == expected, data[:cut]
    assert read(list(text)) == expected


OBJECTS = [
    '{"a": {"b": [1, "}"]}, "c": NaN}',
    'So: {"a": "x"} [2]',
    '```\n{\n "a": 1,\n "a": 2}\n```',
    '{"a": "\\ud83d\\ude00"}',
]


@pytest.mark.parametrize("text", OBJECTS)
def test_every_split_gives_the_object_of_one_parse(text: str) -> None:
    start, end = text.index("{"), text.rindex("}") + 1
    expected = repr([json.loads(text[start:end])])
    for cut in range(len(text) + 1):
        answer = StructuredAnswer(OBJECT)
        answer.feed(text[:cut])
        answer.feed(text[cut:])
        assert repr(answer.valid_rows) == expected


def test_a_malformed_row_costs_no_other_row() -> None:
    text = '[{"a": 1}, {"a": [1, 2}, {"a": }, {"a": nope}, {"a": 5}]'
    for cut in range(len(text)):
        answer = StructuredAnswer(ROWS)
        answer.feed(text[:cut])
        answer.feed(text[cut:])
        assert answer.valid_rows == [{"a": 1}, {"a": 5}]
        assert [error.row for error in answer.errors] == [1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (list[int], "[1, 2,3 ]", [1, 2, 3]),
        (list[str], '["a", "b,]", ""]', ["a", "b,]", ""]),
        (list[list[int]], "[[1], [], [2, 3]]", [[1], [], [2, 3]]),
        (list[float | None], "[1.5, null]", [1.5, None]),
        (list[bool], '{"rows": [true, false]}', [True, False]),
        (int, '{"value": 7}', 7),
        (int, "7", 7),
        (str, "The answer\nas text", "The answer\nas text"),
    ],
)
def test_plain_values_are_read_at_every_split(kind: Any, text: str, value: Any) -> None:
    structure = Structure.of(kind)
    for cut in range(len(text) + 1):
        answer = StructuredAnswer(structure)
        answer.feed(text[:cut])
        answer.feed(text[cut:])
        answer.end()
        assert answer.parsed() == value
