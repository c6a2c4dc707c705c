"""The options of `%%chat`: declared once, for parsing, for ``%%chat?`` and for completion."""

from __future__ import annotations

import argparse
import difflib
import json
import keyword
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser, argument, magic_arguments

from nbstream.errors import ConfigError
from nbstream.limits import OnDisconnect

__all__ = ["ChatOptions", "chat_arguments", "option_names", "parse"]

_NO_PARAMETERS = frozenset(
    {
        "alone",
        "base_url",
        "chat",
        "content",
        "model",
        "on_disconnect",
        "owner",
        "stream",
        "system",
        "toolbox",
        "turn",
    }
)
"""Names of arguments of `Session.ask` and `Chat.send`, which ``-p`` must not reach."""

AWAITED = "--nbstream-awaited"
"""Added to the line by the transformer that awaits the cell; not for users, and not in the help."""

WHOLE = "--nbstream-whole-cell"
"""Added likewise where the call is all there is to a cell of a terminal."""


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """A parsed line of `%%chat`; None where an option was not given."""

    model: str | None = None
    system: str | None = None
    into: str | None = None
    base_url: str | None = None
    chat: str | None = None
    alone: bool = False
    stream: bool | None = None
    background: bool = False
    dry_run: bool = False
    debug: bool = False
    on_disconnect: OnDisconnect | None = None
    tools: str = ""
    approve: Literal["ask", "always"] = "ask"
    awaited: bool = False
    whole: bool = False
    params: dict[str, Any] = field(default_factory=dict)


_OPTIONS = (
    argument("-m", "--model", metavar="MODEL", help="Model, as NAME or PROVIDER:NAME, e.g. ollama:llama3.2."),
    argument("-s", "--system", metavar="TEXT", help='System message of this chat; "" takes it away.'),
    argument("-t", "--temperature", type=float, metavar="X", help="Sampling temperature."),
    argument("--max-tokens", type=int, metavar="N", help="Longest answer, in tokens."),
    argument(
        "-p",
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="Any other parameter of the API; VALUE is JSON, or else text. May be repeated.",
    ),
    argument("-o", "--into", metavar="NAME", help="Put the Reply into this variable."),
    argument("--base-url", metavar="URL", help="URL of an OpenAI-compatible API."),
    argument("-c", "--chat", metavar="NAME", help="Conversation to go on with; the main one by default."),
    argument("--alone", action="store_true", help="Send neither earlier turns nor keep this one."),
    argument(
        "--stream",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="Show the answer as it comes (the default), or in one piece.",
    ),
    argument("-b", "--background", action="store_true", help="Let the cell end at once; the answer goes on."),
    argument("--tools", default="", metavar="F,G", help="Functions of the notebook that the model may call."),
    argument(
        "--approve",
        choices=("ask", "always"),
        default="ask",
        help="Whether each call of these functions waits for your approval (the default), or runs unasked.",
    ),
    argument("--dry-run", action="store_true", help="Show what would be sent, and send nothing."),
    argument(
        "--debug", action="store_true", help="Show the stream's events and raw chunks below the answer."
    ),
    argument(
        "--on-disconnect",
        choices=get_args(OnDisconnect),
        help="What to do with an answer that was cut: keep it, continue it, or ask anew.",
    ),
    argument(AWAITED, action="store_true", dest="awaited", help=argparse.SUPPRESS),
    argument(WHOLE, action="store_true", dest="whole", help=argparse.SUPPRESS),
)


def chat_arguments(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a magic with the options, so that ``%%chat?`` shows them."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(_OPTIONS):
            function = option(function)
        decorated: Callable[..., Any] = magic_arguments(name)(function)
        return decorated

    return decorate


def parse(parser: MagicArgumentParser, line: str) -> ChatOptions:
    """Parse the line of a `%%chat` cell, quoted as in a shell.

    Raises
    ------
    ConfigError
        Names what is wrong and the nearest right thing.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ConfigError(f"%%chat: {error}.", advice="Close the quotation mark.") from None
    try:
        found = vars(parser.parse_args(words))
    except UsageError as error:
        raise _complaint(str(error)) from None
    named = {name: found.pop(name) for name in ("temperature", "max_tokens")}
    params = {name: value for name, value in named.items() if value is not None}
    params |= dict(_param(pair) for pair in found.pop("param"))
    _check_name(found["into"])
    return ChatOptions(**found, params=params)


def option_names() -> list[str]:
    """All long options, for completion and suggestions."""
    names = [name for option in _OPTIONS for name in option.args if name.startswith("--")]
    return sorted({*names, "--no-stream"} - {AWAITED, WHOLE})


def _param(pair: str) -> tuple[str, Any]:
    name, equals, text = pair.partition("=")
    if not equals or not name:
        raise ConfigError(f"-p {pair}: a parameter is NAME=VALUE.", advice="For example: -p seed=7")
    if name in _NO_PARAMETERS:
        own = f"--{name.replace('_', '-')}"
        own = "--stream or --no-stream" if name == "stream" else own
        advice = f"Use {own}." if own.split()[0] in option_names() else "Leave it out."
        raise ConfigError(f"-p {name}: this is no parameter of the API.", advice=advice)
    try:
        return name, json.loads(text)
    except ValueError:
        return name, text


def _check_name(name: str | None) -> None:
    if name is not None and (not name.isidentifier() or keyword.iskeyword(name)):
        raise ConfigError(f"--into {name}: not a variable name.", advice="For example: --into summary")


def _nearest(word: str) -> list[str]:
    return difflib.get_close_matches(word.partition("=")[0], option_names(), n=1)


def _complaint(message: str) -> ConfigError:
    """What argparse found wrong, in words that lead on."""
    unknown = re.search(r"unrecognized arguments: (.*)", message)
    if unknown is None:
        return ConfigError(f"%%chat: {message}.", advice="%%chat? lists the options.")
    word = unknown[1].split()[0]
    if not word.startswith("-"):
        return ConfigError(
            f"%%chat: {word!r} is not an option.",
            advice="The prompt goes into the lines below; text with spaces needs quotation marks.",
        )
    near = [] if word in {"-h", "--help"} else _nearest(word)
    hint = f"Did you mean {near[0]}? " if near else ""
    return ConfigError(f"%%chat has no option {word}.", advice=f"{hint}%%chat? lists the options.")
