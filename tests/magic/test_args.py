"""The options of %%chat."""

from __future__ import annotations

import pytest
from IPython.core.magic_arguments import MagicArgumentParser

from nbstream.errors import ConfigError
from nbstream.magic.args import ChatOptions, chat_arguments, option_names, parse


@chat_arguments("chat")
def chat(line: str, cell: str) -> None:
    """Ask."""


PARSER: MagicArgumentParser = chat.parser  # type: ignore[attr-defined]


def parsed(line: str) -> ChatOptions:
    return parse(PARSER, line)


def test_nothing_given_is_nothing_set() -> None:
    assert parsed("") == ChatOptions()


def test_short_and_long_options() -> None:
    long = parsed("--model a:b --system 'Be terse.' --temperature 0.2 --into x --chat review --background")
    assert parsed('-m a:b -s "Be terse." -t 0.2 -o x -c review -b') == long
    assert long.model == "a:b"
    assert long.system == "Be terse."
    assert long.params == {"temperature": 0.2}


def test_parameters_are_json_or_text() -> None:
    options = parsed("""-p seed=7 -p stop='["a", "b"]' -p user=me -p logprobs=true --max-tokens 5 -p x=a=b""")
    assert options.params == {
        "max_tokens": 5, "seed": 7, "stop": ["a", "b"], "user": "me", "logprobs": True, "x": "a=b",
    }  # fmt: skip


@pytest.mark.parametrize(("line", "stream"), [("", None), ("--stream", True), ("--no-stream", False)])
def test_streaming_can_be_chosen(line: str, stream: bool | None) -> None:
    assert parsed(line).stream is stream


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--modle x", ["--modle", "--model"]),
        ("--temprature=1", ["--temprature", "--temperature"]),
        ("--nonsense", ["--nonsense", "%%chat?"]),
        ("-t warm", ["temperature", "warm"]),
        ("--max-tokens 1.5", ["max-tokens", "1.5"]),
        ("-m", ["-m/--model", "expected one argument"]),
        ("-s 'open", ["quotation"]),
        ("-p seed", ["seed", "NAME=VALUE"]),
        ("-p system=x", ["system", "--system"]),
        ("-p base_url=x", ["base_url", "--base-url"]),
        ("-p stream=false", ["--no-stream"]),
        ("-p owner=x", ["owner", "Leave it out"]),
        ("-o not-a-name", ["not-a-name", "variable"]),
        ("-o class", ["class", "variable"]),
        ("write a poem", ["'write'", "lines below"]),
    ],
)
def test_a_wrong_option_is_named_with_the_nearest_right_thing(line: str, says: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(line)
    for word in says:
        assert word in str(caught.value)


def test_who_asks_for_help_is_told_where_it_is() -> None:
    with pytest.raises(ConfigError, match=r"no option --help\. %%chat\? lists the options\."):
        parsed("--help")


def test_help_names_every_option_and_no_internal_one() -> None:
    assert chat.__doc__ is not None
    for name in option_names():
        assert name in chat.__doc__
    assert "awaited" not in chat.__doc__
