"""The names that users import, and that nothing else leaks out."""

from __future__ import annotations

import inspect

import pytest

import nbstream
from nbstream import errors

PUBLIC = sorted(
    [
        "Chat",
        "ChatWidget",
        "Limits",
        "Message",
        "NBStream",
        "Reply",
        "Timeouts",
        "Usage",
        "__version__",
        *(name for name in errors.__all__ if name != "ErrorKind"),
    ]
)


def test_the_public_names_are_these() -> None:
    assert nbstream.__all__ == PUBLIC


@pytest.mark.parametrize("name", [name for name in PUBLIC if name != "__version__"])
def test_a_public_name_is_a_documented_class(name: str) -> None:
    found = getattr(nbstream, name)
    assert inspect.isclass(found)
    assert found.__name__ == name
    assert inspect.getdoc(found)


def test_a_star_import_gives_the_public_names() -> None:
    names: dict[str, object] = {}
    exec("from nbstream import *", names)  # noqa: S102 - a star import is only allowed at module level
    assert set(PUBLIC) == names.keys() - {"__builtins__"}


def test_completion_sees_names_that_are_not_imported_yet() -> None:
    assert set(PUBLIC) <= set(dir(nbstream))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'nbstream' has no attribute 'Chatt'"):
        _ = nbstream.Chatt
