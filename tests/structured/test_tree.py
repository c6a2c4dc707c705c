"""The tree of an object that grows is that of the whole object, wherever its text is cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream.structured.tree import GrowingTree, Leaf, flattened
from nbstream.structured.values import read_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=4)


@given(OBJECTS, st.integers(1, 9), st.sampled_from([None, 1]), st.booleans())
def test_pieces_of_any_size_lead_to_the_same_lines(
    value: dict[str, object], size: int, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    tree = GrowingTree()
    for at in range(0, len(text), size):
        before = list(tree.leaves)
        tree.feed(text[at : at + size])
        assert tree.leaves[: len(before)] == before
    assert tree.leaves == list(flattened(read_json(text)))
    assert tree.open() == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ('{"a', []),
        ('{"a"', [Leaf(("a",), "")]),
        ('{"a":', [Leaf(("a",), "")]),
        ('{"a": "tw\\u00', [Leaf(("a",), "tw")]),
        ('{"a": 12', [Leaf(("a",), 12)]),
        ('{"a": 1, ', []),
        ('{"a": {"b": [', []),
        ('{"a": {"b": ["x", "y', [Leaf(("a", "b", "1"), "y")]),
        ('{"a": {"b": "x', [Leaf(("a",), is_branch=True), Leaf(("a", "b"), "x")]),
    ],
)
def test_the_open_value_is_known_as_far_as_it_is_there(text: str, lines: list[Leaf]) -> None:
    tree = GrowingTree()
    tree.feed(text)
    assert tree.open() == lines


@pytest.mark.parametrize("bracket", ['{"a":', "["])
def test_what_is_too_deep_ends_the_tree(bracket: str) -> None:
    close = "}" if bracket[0] == "{" else "]"
    text = '{"top":' + bracket * 5000 + "1" + close * 5000 + "}"
    tree = GrowingTree()
    tree.feed(text)
    assert len(tree.leaves) < 12
    assert tree.leaves[-1].value == f"{bracket[0]}…{close}"


@pytest.mark.parametrize(
    "text", ['{"a": }', '{"a" 1}', "{]}", '}{"a": 1}', '{"a": 1,, "b": 2}', '{"a": tru, "b": 2}']
)
def test_what_is_not_json_is_followed_all_the_same(text: str) -> None:
    tree = GrowingTree()
    tree.feed(text)
    tree.open()
