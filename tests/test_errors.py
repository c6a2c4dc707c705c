"""Errors: one tree, closed kinds, short messages, and nothing in them that should stay behind."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
from typing import get_args

import pytest

from nbstream import errors
from nbstream.errors import (
    AuthenticationError,
    ConfigError,
    ErrorKind,
    NbstreamError,
    ProtocolError,
    RateLimitError,
    RequestError,
    ServerError,
    StatusError,
    StreamError,
    StreamInterruptedError,
)

CLASSES = [
    value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and name in errors.__all__ and not issubclass(value, Warning)
]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_stands_in_the_tree_with_a_kind(cls: type[NbstreamError]) -> None:
    error = cls("It broke.", advice="Mend it.")
    assert isinstance(error, NbstreamError)
    assert error.kind in get_args(ErrorKind)
    assert str(error) == "It broke. Mend it."
    assert str(cls("Server said: no", advice="Mend it.")) == "Server said: no. Mend it."
    assert str(cls("Server said: no")) == "Server said: no"


def test_who_stands_under_whom() -> None:
    assert issubclass(AuthenticationError, StatusError)
    assert issubclass(StatusError, RequestError)
    assert issubclass(StreamInterruptedError, StreamError)
    assert not issubclass(ConfigError, RequestError | StreamError)


@pytest.mark.parametrize("text", ["x" * 5000, "ü" * 3000, "😀" * 3000])
def test_a_message_has_two_thousand_bytes_at_most(text: str) -> None:
    error = ServerError(text, advice=text)
    for shown in (error.message, error.advice):
        assert len(shown.encode()) <= 2000
        assert shown.endswith(text[-1] + "…")


def test_a_message_can_always_be_sent_on() -> None:
    ServerError("half of a character: \ud83d").message.encode()


def test_a_copy_leaves_the_cause_behind() -> None:
    error = RateLimitError("Slow down.", status=429, retry_after=3.5, advice="Wait.")
    error.__cause__ = ValueError("the request, with its key")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301  our own
        assert type(again) is RateLimitError
        assert (again.message, again.status, again.retry_after, again.kind) == (
            "Slow down.",
            429,
            3.5,
            "rate_limit",
        )
        assert again.__cause__ is None


def test_a_library_that_pickles_causes_leaves_them_behind_too() -> None:
    code = (
        "import pickle, traceback\n"
        "import tblib.pickling_support\n"
        "from nbstream.errors import RateLimitError\n"
        "tblib.pickling_support.install()\n"  # as Dask does
        "try:\n"
        "    try:\n"
        "        raise ValueError('the-key')\n"
        "    except ValueError as cause:\n"
        "        raise RateLimitError('Slow down.', status=429) from cause\n"
        "except RateLimitError as error:\n"
        "    pickled = pickle.dumps(error)\n"
        "    assert b'the-key' not in pickled\n"
        "    assert pickle.loads(pickled).status == 429\n"
        "    assert 'the-key' in ''.join(traceback.format_exception(error))\n"
        "    assert str(error.__cause__) == str(error.__context__) == 'the-key'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_partial_answer_travels_along() -> None:
    error = ProtocolError("Odd.")
    error.partial = "Hello"
    assert pickle.loads(pickle.dumps(error)).partial == "Hello"  # noqa: S301  our own


def test_in_place_of_a_traceback_are_lines_that_end_between_words() -> None:
    address = "https://example.com/" + "a" * 100
    error = ServerError("The server at " + "a long way from here " * 8 + address, advice="Try again later.")
    lines = error._render_traceback_()[0].splitlines()
    assert lines[0].startswith("ServerError: The server at a long way")
    assert lines[-2:] == [address, "Try again later."]
    assert all(len(line) <= 90 for line in lines if line != address)
    assert " ".join(lines) == f"ServerError: {error.message} {error.advice}"
    assert ServerError("No.", advice="Try again.")._render_traceback_() == ["ServerError: No. Try again."]


def test_a_damaged_transcript_keeps_its_readable_part() -> None:
    from nbstream.conversation import Conversation

    error = errors.DamagedTranscriptError("2 lines cannot be read.")
    error.conversation = Conversation("Be brief.")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    assert again.conversation.system == "Be brief."
    assert str(again) == "2 lines cannot be read."


def test_a_tool_error_holds_the_whole_text_for_the_model() -> None:
    error = errors.ToolFailed("x" * 5000)
    assert error.text == "x" * 5000
    assert len(str(error).encode()) == 2000


def test_an_error_pickled_under_an_old_name_is_read() -> None:
    new = pickle.dumps(RateLimitError("Slow down.", status=429), protocol=0)
    old = new.replace(b"RateLimitError", b"RateLimited")
    with pytest.warns(DeprecationWarning, match="RateLimited is now RateLimitError"):
        assert type(pickle.loads(old)) is RateLimitError  # noqa: S301  our own
