"""What functions return, as text for a model: always text that can be sent and saved."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import json
import math
import pathlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pydantic
import pytest

from nbstream._util.foreign_code import TEXT_CHARS
from nbstream.tools.results import result_text


@dataclasses.dataclass
class Point:
    x: float
    where: pathlib.Path


class Town(pydantic.BaseModel):
    name: str
    founded: dt.date


class Color(enum.Enum):
    RED = "red"


def numbers() -> Iterator[int]:
    yield from (1, 2)


async def later() -> AsyncIterator[int]:
    yield 1
    yield 2


class Opaque:
    def __str__(self) -> str:
        return "opaque\ud800"


CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)

CASES: dict[str, tuple[object, object]] = {
    "text": ("as it is\n", "as it is\n"),
    "nothing": (None, "null"),
    "a number": (3, "3"),
    "no number": (math.nan, '"NaN"'),
    "no number inside": ({"a": [math.inf, 1.5]}, {"a": ["Infinity", 1.5]}),
    "a dataclass": (Point(1, pathlib.Path("/a")), {"x": 1, "where": "/a"}),
    "a model": (
        [Town(name="Rome", founded=dt.date(2026, 1, 2))],
        [{"name": "Rome", "founded": "2026-01-02"}],
    ),
    "an enumeration": (Color.RED, '"red"'),
    "a set": ({"a"}, ["a"]),
    "a decimal": (decimal.Decimal("1.10"), '"1.10"'),
    "a number of NumPy": (np.int64(3), "3"),
    "a float of NumPy": (np.float32(0.5), "0.5"),
    "a truth of NumPy": (np.bool_(True), "true"),
    "an array": ({"a": np.arange(4).reshape(2, 2)}, {"a": [[0, 1], [2, 3]]}),
    "an array with no number": (np.array([1.0, math.nan]), [1.0, "NaN"]),
    "a series": (pd.Series([1, 2]), [1, 2]),
    "keys of NumPy": ({np.int64(1): "a"}, {"1": "a"}),
    "keys that are tuples": ({(1, 2): "a"}, {"1,2": "a"}),
    "a time of pandas": ([pd.Timestamp("2026-01-02")], ["2026-01-02T00:00:00"]),
    "bytes": (b"abc", '"abc"'),
    "bytes that are no text": (b"\xff", "\"b'\\\\xff'\""),
    "a file name with odd bytes": ("caf\udce9.txt", "caf\ufffd.txt"),
    "such a name inside": ({"names": ["caf\udce9"]}, {"names": ["caf\ufffd"]}),
    "a generator": (numbers(), [1, 2]),
    "an asynchronous generator": (later(), [1, 2]),
    "an iterator": (map(str, [1]), ["1"]),
    "an object": (Opaque(), '"opaque\ufffd"'),
    "a circle": (CIRCLE, "[[...]]"),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_result_is_text(case: str) -> None:
    result, expected = CASES[case]
    text = await result_text(result)
    text.encode()
    assert (text if isinstance(expected, str) else json.loads(text)) == expected


async def test_a_table_is_shown_as_one() -> None:
    assert "a  b" in await result_text(pd.DataFrame({"a": [1], "b": [2]}))


async def test_long_results_are_cut_with_their_length() -> None:
    text = await result_text("x" * (TEXT_CHARS + 1))
    assert text.endswith("x… (100,001 characters)")


async def test_an_endless_iterator_ends() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield 1

    assert len(json.loads(await result_text(endless()))) == 10_000
