"""The names that users import, and that nothing else leaks out."""

from __future__ import annotations

import doctest
import inspect

import pytest

import nbstream
from nbstream import errors
from nbstream.conversation import Conversation
from nbstream.inspection.inspection import Inspection
from nbstream.reply_log import Diff, Log, LogEntry
from nbstream.tools import Tool

CHECKS = [
    "contains",
    "contains_json",
    "equals",
    "icontains",
    "is_json",
    "latency",
    "max_chars",
    "regex",
    "starts_with",
]
FUNCTIONS = ["batch", "compare", "diff", "log", "record", "replay", "usage", *CHECKS]
PUBLIC = sorted(
    [
        "Chat",
        "ChatWidget",
        "Comparison",
        "Judge",
        "Limits",
        "Message",
        "NBStream",
        "PairJudge",
        "Prompt",
        "Reply",
        "Store",
        "Timeouts",
        "Usage",
        "__version__",
        *FUNCTIONS,
        *(name for name in errors.__all__ if name != "ErrorKind"),
    ]
)


def test_the_public_names_are_these() -> None:
    assert nbstream.__all__ == PUBLIC


@pytest.mark.parametrize("name", [name for name in PUBLIC if name not in {"__version__", *FUNCTIONS}])
def test_a_public_name_is_a_documented_class(name: str) -> None:
    found = getattr(nbstream, name)
    assert inspect.isclass(found)
    assert found.__name__ == name
    assert inspect.getdoc(found)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_has_an_example(name: str) -> None:
    assert has_examples(getattr(nbstream, name).__doc__)


def test_a_star_import_gives_the_public_names() -> None:
    names: dict[str, object] = {}
    exec("from nbstream import *", names)  # noqa: S102 - a star import is only allowed at module level
    assert set(PUBLIC) == names.keys() - {"__builtins__"}


def test_completion_sees_names_that_are_not_imported_yet() -> None:
    assert set(PUBLIC) <= set(dir(nbstream))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'nbstream' has no attribute 'Chatt'"):
        _ = nbstream.Chatt


# Public classes, and those that their methods return or take.
CLASSES: list[type] = [
    *(getattr(nbstream, name) for name in PUBLIC if name not in {"__version__", *FUNCTIONS}),
    *(Conversation, Diff, Inspection, Log, LogEntry, Tool),
]
# Not for users, or explained by the protocol that they implement.
WITHOUT_EXAMPLE = {
    "Chat.send_with": "called by the front ends with options made before",
    "Chat.sample_with": "called by the front ends with options made before",
    "Chat.batch_with": "called by the front ends with options made before",
    "Chat.preview_with": "called by the front ends with options made before",
    "ChatWidget.get_state": "overrides a method of ipywidgets",
    "ChatWidget.open": "overrides a method of ipywidgets",
    "Comparison.close": "the protocol of coroutines, used by asyncio",
    "Comparison.send": "the protocol of coroutines, used by asyncio",
    "Comparison.throw": "the protocol of coroutines, used by asyncio",
    "Inspection.page": "called by the page of the inspector",
    "Inspection.serve": "called when an inspection is displayed",
    "Reply.send": "the protocol of coroutines, used by asyncio",
    "Reply.throw": "the protocol of coroutines, used by asyncio",
    "Reply.close": "the protocol of coroutines, used by asyncio",
}


def has_examples(doc: str | None) -> bool:
    section = (doc or "").partition("Examples\n")[2]
    return any(example.want or example.source for example in doctest.DocTestParser().get_examples(section))


def public_methods(cls: type) -> dict[str, str | None]:
    """The public methods of nbstream by name, with their docstrings; without those that are deprecated."""
    found = {}
    for name, member in inspect.getmembers_static(cls):
        method = getattr(member, "__func__", member)
        if (
            name.startswith("_")
            or not inspect.isfunction(method)
            or not method.__module__.startswith("nbstream")
        ):
            continue
        if not (inspect.getdoc(method) or "").startswith("Deprecated"):
            found[f"{cls.__name__}.{name}"] = method.__doc__
    return found


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_public_class_has_an_example(cls: type) -> None:
    assert has_examples(cls.__doc__)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_public_method_has_an_example(cls: type) -> None:
    missing = {name for name, doc in public_methods(cls).items() if not has_examples(doc)}
    assert not missing - WITHOUT_EXAMPLE.keys()


def test_what_needs_no_example_still_exists_and_has_none() -> None:
    methods = {name: doc for cls in CLASSES for name, doc in public_methods(cls).items()}
    assert {name for name in WITHOUT_EXAMPLE if not has_examples(methods[name])} == WITHOUT_EXAMPLE.keys()
