"""Values as text: Markdown and JSON, limits that are stated, and what is not sent."""

from __future__ import annotations

import asyncio
import enum
import math
import subprocess
import sys
from collections import OrderedDict, deque, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

from nbstream import Chat
from nbstream.prompts.values import Unrenderable, rows, text_of

FAST = "demo:nbstream-demo-fast"


@dataclass
class Point:
    x: int
    y: float


class City(BaseModel):
    name: str
    founded: date


class Color(enum.Enum):
    RED = "red"


Pair = namedtuple("Pair", "left right")  # noqa: PYI024 -- such tuples are values too


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\r\n{{b}}", "a\r\n{{b}}"),
        (None, "None"),
        (True, "True"),
        (1.5, "1.5"),
        (np.float64(0.1), "0.1"),
        (np.int64(3), "3"),
        (np.array(7), "7"),
        (Decimal("1.10"), "1.10"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00"),
        (pd.Timestamp("2026-01-02"), "2026-01-02T00:00:00"),
        (timedelta(hours=1), "1:00:00"),
        (PurePosixPath("a/b"), "a/b"),
        (Color.RED, "red"),
        ({"é": [1, None, True], 2: Point(1, 2.5)}, '{"é": [1, null, true], "2": {"x": 1, "y": 2.5}}'),
        ([City(name="Oslo", founded=date(1048, 1, 1))], '[{"name": "Oslo", "founded": "1048-01-01"}]'),
        (Point(1, 2), '{"x": 1, "y": 2}'),
        (Pair(1, "b"), '{"left": 1, "right": "b"}'),
        (("a", Color.RED), '["a", "red"]'),
        ({3, 1, 2}, "[1, 2, 3]"),
        (deque([1]), "[1]"),
        (OrderedDict(a=1).keys(), '["a"]'),
        (np.arange(4).reshape(2, 2), "[[0, 1], [2, 3]]"),
        (np.array([np.nan, 1]), "[NaN, 1.0]"),
        (pd.Index(["a", "b"]), '["a", "b"]'),
        ({"df": pd.DataFrame({"a": [1]}), "s": pd.Series([2])}, '{"df": [{"a": 1}], "s": [2]}'),
    ],
)
def test_a_value_as_text(value: object, text: str) -> None:
    assert text_of(value) == (text, "")


def test_a_data_frame_is_a_markdown_table() -> None:
    frame = pd.DataFrame({"name": ["A|B", "two\nlines"], ("x", "y"): [1, np.nan]})
    assert text_of(frame).text == ("| name | x / y |\n| --- | --- |\n| A\\|B | 1.0 |\n| two<br>lines | nan |")
    named = pd.DataFrame({"n": [1]}, index=pd.Index(["a"], name="key"))
    assert text_of(named).text == "| key | n |\n| --- | --- |\n| a | 1 |"
    assert text_of(pd.Series([1, 2], index=["a", "b"], name="n")).text == (
        "|  | n |\n| --- | --- |\n| a | 1 |\n| b | 2 |"
    )
    assert text_of(pd.DataFrame({"a": []})) == ("| a |\n| --- |", "")


@pytest.mark.parametrize(
    ("value", "end", "note"),
    [
        (pd.DataFrame({"a": range(500)}), "| 19 |\n\n(first 20 of 500 rows)", "20 of 500 rows"),
        (
            pd.DataFrame(np.zeros((21, 60))),
            "(first 20 of 21 rows, 50 of 60 columns)",
            "20 of 21 rows, 50 of 60 columns",
        ),
        (rows(pd.DataFrame({"a": range(500)}), 100), "| 99 |\n\n(first 100 of 500 rows)", "100 of 500 rows"),
        (rows(pd.DataFrame({"a": range(500)})), "| 499 |", ""),
        (np.arange(500), " 99] (first 100 of 500 items)", "100 of 500 items"),
        (np.zeros((500, 1)), "[0.0]] (first 20 of 500 rows)", "20 of 500 rows"),
        (list(range(101)), " 99] (first 100 of 101 items)", "100 of 101 items"),
        (rows(list(range(101))), " 100]", ""),
        ({str(n): n for n in range(101)}, '"99": 99} (first 100 of 101 entries)', "100 of 101 entries"),
        (
            {"a": list(range(102))},
            ' 99, "… 2 more items"]} (first 100 of 102 items of a part)',
            "100 of 102 items of a part",
        ),
    ],
)
def test_a_long_value_says_how_much_of_it_is_sent(value: object, end: str, note: str) -> None:
    found = text_of(value)
    assert found.text.endswith(end)
    assert found.note == note


async def _coroutine() -> None:
    """Never awaited: the test closes it."""


def _itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: len, "function or class. Call it"),
        (lambda: Point, "function or class"),
        (lambda: (n for n in [1]), "a generator, which can be read once"),
        (lambda: map(str, []), "a map, which can be read once"),
        (lambda: b"x", "bytes are not text"),
        (lambda: math, "is a module"),
        (object, "object is not text"),
        (lambda: [object()], "object is not text"),
        (lambda: pd.DataFrame({"a": [1]}).groupby("a"), "DataFrameGroupBy is not text"),
        (_itself, "contains itself"),
    ],
)
def test_what_has_no_text_is_an_error_that_says_what_to_write(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(Unrenderable, match=message):
        text_of(make())


def test_a_coroutine_is_an_error() -> None:
    value = _coroutine()
    with pytest.raises(Unrenderable, match="coroutine"):
        text_of(value)
    value.close()


async def test_a_future_is_an_error() -> None:
    with pytest.raises(Unrenderable, match="Future"):
        text_of(asyncio.get_running_loop().create_future())


async def test_a_reply_is_its_text_once_it_has_ended() -> None:
    chat = Chat(FAST)
    reply = chat.send("echo: Hello")
    with pytest.raises(Unrenderable, match="has not ended"):
        text_of(reply)
    await reply
    assert text_of(reply) == (reply.text, "")
    assert text_of([reply]).text.endswith('Hello"]')
    failed = chat.send("demo:error-500")
    await failed.wait()
    with pytest.raises(Unrenderable, match="reply failed"):
        text_of(failed)


def test_table_libraries_are_not_imported() -> None:
    program = (
        "import sys; from nbstream import Prompt; Prompt('{{ x }}').render(x=[1, {'a': (2,)}]);"
        "print({'pandas', 'polars', 'numpy', 'PIL'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "set()"


def test_polars_frames() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": range(30), "b": ["x"] * 30})
    assert text_of(frame.head(1)) == ("| a | b |\n| --- | --- |\n| 0 | x |", "")
    assert text_of(frame).note == "20 of 30 rows"
    assert text_of(frame["a"]).text.startswith("| a |\n| --- |\n| 0 |")
    assert text_of({"f": frame.head(1)}).text == '{"f": [{"a": 0, "b": "x"}]}'
    with pytest.raises(Unrenderable, match=r"collect\(\)"):
        text_of(frame.lazy())
