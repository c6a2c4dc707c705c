"""Names in the expressions of prompts: looked up, never evaluated."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pytest

from nbstream.magic.lookup import problems_of


class Loud:
    """Fails when anything of it is read."""

    def __getattribute__(self, name: str) -> Any:
        pytest.fail(f"{name} was read")


VARIABLES = {
    "name": "Ada",
    "loud": Loud(),
    "rows": [{"city": "Oslo"}, {"size": 3}],
    "frame": pd.DataFrame({"city": ["Oslo"], 7: [1]}),
    "lazy": pl.LazyFrame({"city": ["Oslo"]}),
    "eager": pl.DataFrame({"city": ["Oslo"]}),
}


def problem(source: str, table: str = "") -> str | None:
    (found,) = problems_of([(table, source)], VARIABLES)
    return found


@pytest.mark.parametrize(
    "source", ["name", " name | upper ", "loud.head()[0] + loud", "len(name)", "x | default(name)", "'{{'"]
)
def test_defined(source: str) -> None:
    assert problem(source) is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("nmae", "nmae is not defined in the kernel. Did you mean name?"),
        ("a.b(c)", "a, c are not defined in the kernel."),
        ("1", "This is not an expression. Braces that are text are written {{ '{{' }}."),
        (".Values.x", "This is not an expression. Braces that are text are written {{ '{{' }}."),
        ("name }} {{ name", "This is not an expression. Braces that are text are written {{ '{{' }}."),
    ],
)
def test_a_problem_in_a_sentence(source: str, expected: str) -> None:
    assert problem(source) == expected


@pytest.mark.parametrize("table", ["rows", "frame", "eager"])
def test_columns_and_variables_of_rows(table: str) -> None:
    assert [problem(source, table) for source in ("city", "row.city", "name")] == [None, None, None]
    assert problem("cyti", table) == "cyti is not defined in the kernel. Did you mean city?"


@pytest.mark.parametrize("table", ["lazy", "name", "missing"])
def test_a_table_whose_columns_are_not_known_has_no_problems(table: str) -> None:
    assert problem("anything", table) is None
    assert problem("1", table) is not None
