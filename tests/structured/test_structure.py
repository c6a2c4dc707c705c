"""Schemas: what is accepted, what is sent, and how a value is checked."""

from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypedDict

import pytest
from pydantic import BaseModel, Field

from nbstream.errors import ArgumentError
from nbstream.structured.structure import Structure


class City(BaseModel):
    name: str
    people: int = Field(ge=0)
    founded: date | None = None


ULM = City(name="Ulm", people=3, founded=date(854, 7, 22))


@dataclass
class Point:
    x: float
    y: float


class Named(TypedDict):
    name: str


class Node(BaseModel):
    name: str
    children: list[Node] = []


PLAIN = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        (City, '{"name": "Ulm", "people": 3, "founded": "0854-07-22"}', ULM),
        (Point, '{"x": 1, "y": 2}', Point(1, 2)),
        (Named, '{"name": "a"}', {"name": "a"}),
        (PLAIN, '{"name": "a"}', {"name": "a"}),
        ({"name": "x", "schema": PLAIN}, '{"name": "a"}', {"name": "a"}),
        (Literal["a", "b"], '{"value": "b"}', "b"),
        (Node, '{"name": "a", "children": [{"name": "b"}]}', Node(name="a", children=[Node(name="b")])),
    ],
)
def test_it_validates(schema: Any, text: str, value: Any) -> None:
    assert Structure.of(schema).check(text) == (value, [])


@pytest.mark.parametrize("schema", [City, Point, Named, PLAIN, Node, list[City], list[int], int])
def test_what_is_sent_is_an_object_schema(schema: Any) -> None:
    sent, _ = Structure.of(schema).sent_schema
    assert sent["type"] == "object"
    assert set(sent["required"]) <= set(sent["properties"])


def test_types_are_sent_in_the_strict_form() -> None:
    sent, strict = Structure.of(list[City]).sent_schema
    assert strict
    assert (sent["required"], sent["additionalProperties"]) == (["rows"], False)
    row = sent["$defs"]["City"]
    assert (row["required"], row["additionalProperties"]) == (["name", "people", "founded"], False)
    assert "default" not in row["properties"]["founded"]


@pytest.mark.parametrize("schema", [dict[str, int], list[dict[str, int]], list[Any], PLAIN])
def test_a_schema_that_allows_more_is_sent_as_it_is(schema: Any) -> None:
    assert Structure.of(schema).sent_schema[1] is False


def test_an_optional_field_of_a_users_own_schema_stays_optional() -> None:
    optional = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    before = copy.deepcopy(optional)
    assert Structure.of(optional).sent_schema == (before, False)
    assert optional == before


@pytest.mark.parametrize(
    ("schema", "text", "errors"),
    [
        (
            list[City],
            '{"name": "Ulm", "people": -1}',
            [("people", "Input should be greater than or equal to 0")],
        ),
        (City, '{"name": 1}', [("name", "Input should be a valid string"), ("people", "Field required")]),
        (PLAIN, '{"name": 1}', [("name", "1 is not of type 'string'")]),
        ({"type": "array", "items": PLAIN}, "{}", [("", "'name' is a required property")]),
    ],
)
def test_errors_name_the_field(schema: Any, text: str, errors: list[tuple[str, str]]) -> None:
    assert Structure.of(schema).check(text) == (None, errors)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("City", "is not a schema"),
        (Point(1, 2), "is not a schema"),
        ([City], "is not a schema"),
        ({"name": "a"}, "it has no type"),
        ({"type": "strin"}, "is not valid at type"),
        (type("Odd", (), {}), "is not a schema"),
    ],
)
def test_what_is_no_schema_is_refused(schema: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Structure.of(schema)


def test_a_schema_loads_nothing_from_the_web() -> None:
    remote = {"type": "object", "properties": {"a": {"$ref": "https://example.org/schema.json"}}}
    with pytest.raises(Exception, match="Unresolvable"):
        Structure.of(remote).check('{"a": 1}')


def test_it_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Structure.of(list[City]))).item is City  # noqa: S301 - our own

    class Local(BaseModel):
        a: int

    restored = pickle.loads(pickle.dumps(Structure.of(list[Local])))  # noqa: S301 - our own
    assert restored.check('{"a": 1}') == ({"a": 1}, [])
