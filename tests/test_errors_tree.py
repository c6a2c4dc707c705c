"""The tree at the top of `nbstream.errors` shows every error, and `nbstream` exports all of them."""

from __future__ import annotations

import ast
import builtins
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nbstream
from nbstream import errors
from nbstream.errors import (
    ArgumentError,
    ConfigError,
    FileError,
    MissingPackageError,
    NbstreamError,
    SettingsError,
    StateError,
)

PACKAGE = Path(nbstream.__file__).parent
CLASSES = {
    name: getattr(errors, name)
    for name in errors.__all__
    if name not in {"ErrorKind", "NotSentWarning"}  # a type and a warning
}
# Raised and caught inside nbstream, or turned into an HTTP response (RelayError, APIError) or a refusal of a
# page's command (CommandError), or into an error of the HTTP client (BrokenChunkError): no caller sees them.
INTERNAL = {
    "APIError",
    "BrokenChunkError",
    "ClientGoneError",
    "CommandError",
    "DeadlineError",
    "PydanticCustomError",
    "RelayError",
    "UnreadableArgumentsError",
}


def drawn() -> dict[str, str]:
    """Name of the base by name of the class, as the tree shows them."""
    path: list[str] = []
    bases: dict[str, str] = {}
    for line in (errors.__doc__ or "").split("::\n", 1)[1].splitlines():
        row = re.match(r"    ([ │├└─]*)(\w+)", line)
        if row is None:
            continue
        depth = len(row[1]) // 4
        path[depth:] = [row[2]]
        bases[row[2]] = path[depth - 1] if depth else "Exception"
        if line.startswith("Errors of"):
            break
    return bases


def test_the_tree_shows_every_class_under_its_base() -> None:
    tree = {name: base for name, base in drawn().items() if name in CLASSES}
    assert tree == {name: cls.__bases__[0].__name__ for name, cls in CLASSES.items()}


def test_the_tree_names_no_class_that_does_not_exist() -> None:
    rows = [
        line for line in (errors.__doc__ or "").splitlines() if re.match(r"    (NbstreamError|[│├└ ])", line)
    ]
    assert {re.sub(r"^[ │├└─]*", "", row).split()[0] for row in rows} == set(CLASSES)


def is_error(name: str, *, thrown: bool) -> bool:
    return name[:1].isupper() and (thrown or name.endswith("Error"))


def raised() -> dict[str, set[str]]:
    """Files by the names of the error classes that they make or raise."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            thrown = node.exc if isinstance(node, ast.Raise) else None
            for name in (called, thrown):
                if isinstance(name, ast.Name) and is_error(name.id, thrown=name is thrown):
                    found.setdefault(name.id, set()).add(str(path.relative_to(PACKAGE)))
    return found


def test_everything_raised_is_in_the_tree_built_in_or_internal() -> None:
    names = raised()
    unknown = {
        name: files for name, files in names.items() if name not in {*CLASSES, *INTERNAL, *dir(builtins)}
    }
    assert not unknown
    assert names.keys() >= {
        "ArgumentError",
        "StateError",
        "SettingsError",
        "MissingPackageError",
        "FileError",
    }


def test_no_error_of_nbstream_is_defined_outside_the_tree() -> None:
    def all_under(cls: type) -> set[type]:
        return {cls}.union(*map(all_under, cls.__subclasses__()))

    own = {cls for cls in all_under(NbstreamError) if cls.__module__.startswith("nbstream")}
    assert own == set(CLASSES.values())


def test_a_base_class_is_never_raised_itself() -> None:
    assert not raised().keys() & {"NbstreamError", "ConfigError", "RequestError", "StreamError"}


def test_every_error_has_one_style_of_name() -> None:
    message_for_the_model = {"ToolFailed"}
    assert all(name.endswith("Error") for name in CLASSES.keys() - message_for_the_model)
    assert not CLASSES.keys() & set(dir(builtins)), "a star import would hide the built-in error"


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_error_is_importable_from_nbstream(name: str) -> None:
    assert getattr(nbstream, name) is CLASSES[name]
    assert name in nbstream.__all__


def test_the_module_of_errors_is_there_and_costs_nothing_until_used() -> None:
    program = (
        "import sys, nbstream; early = 'nbstream.errors' in sys.modules; "
        "print(early, 'errors' in dir(nbstream), nbstream.errors.RateLimitError.__name__)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True", "RateLimitError"]


@pytest.mark.parametrize(
    ("cls", "built_in"),
    [(ArgumentError, ValueError), (StateError, RuntimeError), (MissingPackageError, ImportError)],
)
def test_an_error_of_use_is_also_the_built_in_one(cls: type[ConfigError], built_in: type[Exception]) -> None:
    with pytest.raises(built_in, match=r"^It broke\. Mend it\.$"):
        raise cls("It broke.", advice="Mend it.")


def test_what_callers_catch_apart_is_apart() -> None:
    apart = [ArgumentError, StateError, SettingsError, MissingPackageError, FileError]
    for cls in apart:
        assert issubclass(cls, ConfigError), "older code catches ConfigError"
        assert [other for other in apart if issubclass(cls, other)] == [cls]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ConnectionFailed", "ConnectError"),
        ("RateLimited", "RateLimitError"),
        ("StreamInterrupted", "StreamInterruptedError"),
        ("TimedOut", "RequestTimeoutError"),
    ],
)
def test_an_old_name_still_works_and_names_the_new_one(old: str, new: str) -> None:
    with pytest.warns(DeprecationWarning, match=rf"nbstream\.errors\.{old} is now {new}\."):
        assert getattr(errors, old) is CLASSES[new]


def test_an_unknown_error_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'nbstream\.errors' has no attribute 'Odd'"):
        getattr(errors, "Odd")  # noqa: B009 - mypy knows that it does not exist
