"""Tools as people write them: the schema for the model, and the arguments of the function."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import functools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import pytest
from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from nbstream.errors import ConfigError, ToolFailed
from nbstream.tools.function import Tool


class Unit(enum.Enum):
    C = "celsius"


class Box(pydantic.BaseModel):
    width: int = Field(ge=0)


class Row(TypedDict):
    name: str


@dataclasses.dataclass
class Point:
    x: int


def even(number: int) -> int:
    if number % 2:
        raise ValueError("not even")
    return number


def annotated(days: Annotated[int, Field(ge=1, le=7, description="Days ahead")] = 3) -> int:
    return days


def with_words(days: Annotated[int, "Days ahead"]) -> int:
    return days


def with_field(days: int = Field(3, ge=1, description="Days ahead")) -> int:
    return days


def numpy_style(days: int, nights: int = 1) -> int:
    """Sum.

    Parameters
    ----------
    days : int
        Days
        ahead
    nights : int, optional
        Nights.

    Returns
    -------
    int
        The sum.
    """
    return days + nights


def google_style(days: int, nights: int = 1) -> int:
    """Sum.

    Args:
        days (int): Days
            ahead
        nights: Nights.

    Returns:
        days: not this.
    """
    return days + nights


def rest_style(days: int, nights: int = 1) -> int:
    """Sum.

    :param days: Days
        ahead
    :param int nights: Nights.
    :returns: The sum.
    """
    return days + nights


@pytest.mark.parametrize(
    "function", [annotated, with_words, with_field, numpy_style, google_style, rest_style]
)
def test_arguments_are_described(function: Callable[..., Any]) -> None:
    properties = Tool.of(function).parameters["properties"]
    assert properties["days"]["description"] == "Days ahead"
    assert properties.get("nights", {"description": "Nights."})["description"] == "Nights."


@pytest.mark.parametrize(("function", "days"), [(annotated, 99), (with_field, 0)])
async def test_bounds_are_in_the_schema_and_checked(function: Callable[..., Any], days: int) -> None:
    tool = Tool.of(function)
    assert tool.parameters["properties"]["days"]["minimum"] == 1
    assert await tool.call("{}") == "3"
    with pytest.raises(ToolFailed, match=r"not valid.*days"):
        await tool.call(f'{{"days": {days}}}')


NAMES = (
    "_path __x schema copy json dict validate construct model_config model_dump model_fields register a0 "
    "self cls function values naïve 键"
)


@pytest.mark.parametrize("name", NAMES.split())
async def test_an_argument_may_have_any_name(name: str) -> None:
    namespace: dict[str, Any] = {}
    exec(f"def f({name}: str, other: int = 1) -> str: return {name} * other", namespace)  # noqa: S102
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tool = Tool.of(namespace["f"])
    assert list(tool.parameters["properties"]) == [name, "other"]
    assert await tool.call(f'{{"{name}": "x", "other": 2}}') == "xx"


async def test_types_arrive_as_the_function_names_them() -> None:
    got: dict[str, Any] = {}

    def take(
        *,
        path: Path,
        unit: Unit,
        box: Box,
        row: Row,
        point: Point,
        day: dt.date,
        pairs: list[tuple[int, str]],
        number: Annotated[int, AfterValidator(even)],
        mode: Literal["a", "b"] | None = None,
        wait: float = 1.5,
    ) -> None:
        got.update(locals())

    assert (
        await Tool.of(take).call(
            '{"path": "/a", "unit": "celsius", "box": {"width": 1}, "row": {"name": "n"}, "point": {"x": 2},'
            ' "day": "2026-01-02", "pairs": [[1, "a"]], "number": 4, "wait": 2}'
        )
        == "null"
    )
    assert (got["path"], got["unit"], got["box"]) == (Path("/a"), Unit.C, Box(width=1))
    assert (got["row"], got["point"], got["day"]) == ({"name": "n"}, Point(2), dt.date(2026, 1, 2))
    assert (got["pairs"], got["number"], got["mode"], got["wait"]) == ([(1, "a")], 4, None, 2.0)


async def test_a_default_is_the_functions_own() -> None:
    marker = object()

    def find(name: str, default: Any = marker) -> bool:
        return default is marker

    tool = Tool.of(find)
    assert "default" not in tool.parameters["properties"]["default"]
    assert await tool.call('{"name": "x"}') == "true"


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return call


@logged
async def lookup(name: str) -> str:
    """Look a customer up."""
    return f"found {name}"


class Shop:
    async def price(self, of: str) -> str:
        """Price of a thing."""
        return f"{of}: 3"

    @staticmethod
    def open(day: int) -> bool:
        return day < 6

    @classmethod
    def name(cls) -> str:
        return cls.__name__


@pytest.mark.parametrize(
    ("function", "arguments", "result"),
    [
        (lookup, '{"name": "Bo"}', "found Bo"),
        (Shop().price, '{"of": "tea"}', "tea: 3"),
        (Shop.open, '{"day": 1}', "true"),
        (Shop.name, "", "Shop"),
    ],
)
@pytest.mark.parametrize("thread", [False, True])
async def test_what_can_be_called_can_be_a_tool(
    function: Callable[..., Any], arguments: str, result: str, thread: bool
) -> None:
    assert await Tool.of(function, thread=thread).call(arguments) == result


def unknown_type(x: Missing) -> None: ...  # type: ignore[name-defined]  # noqa: F821


def untyped(x):  # type: ignore[no-untyped-def]
    return x


def many(*xs: int) -> None: ...


def anything(**xs: int) -> None: ...


def by_place(x: int, /) -> None: ...


def of_a_frame(x: Callable[[], int]) -> None: ...


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (unknown_type, "Missing"),
        (untyped, "'x' of the tool untyped has no type"),
        (many, "takes \\*xs"),
        (anything, "takes \\*\\*xs"),
        (by_place, "Name its arguments"),
        (of_a_frame, "of_a_frame cannot be described"),
        (lambda: 1, "named function"),
        (functools.partial(lookup, "x"), "named function"),
    ],
)
def test_what_cannot_be_described_says_why(function: Callable[..., Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        Tool.of(function)
