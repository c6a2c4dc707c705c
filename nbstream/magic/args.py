"""The options of `%%chat`: declared once, for parsing, for ``%%chat?`` and for completion."""

from __future__ import annotations

import argparse
import difflib
import json
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, cast, get_args

from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser, argument, magic_arguments

from nbstream.conversation.options import Approve, RequestOptions
from nbstream.errors import ArgumentError
from nbstream.magic.words import split
from nbstream.types.limits import OnDisconnect
from nbstream.types.params import KNOWN_PARAMS

__all__ = ["ChatOptions", "chat_arguments", "choices_of", "option_names", "parse"]

_PYTHON_NAMES = {"True": "true", "False": "false", "None": "null"}

AWAITED = "--nbstream-awaited"
"""Added to the line by the transformer that awaits the cell; not for users, and not in the help."""

WHOLE = "--nbstream-whole-cell"
"""Added likewise where the call is all there is to a cell of a terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions(RequestOptions):
    """A parsed line of `%%chat`: the options of its question, and what else the cell does.

    Parameters
    ----------
    chat, system
        Name of the chat, and its system message from now on.
    into
        Variable for the reply.
    table, store, concurrency, via
        Notebook variable with the rows to ask for, the file for their answers, the most requests in flight,
        and how they are sent.
    schema_name
        Notebook variable that holds the schema, or ``list[…]`` of it.
    n
        How many answers are requested, as parallel requests; None for one.
    functions
        Names of the functions that the model may call.
    images, files, with_cells
        Names of images and files, and numbers of cells, that are sent with the prompt.
    background, dry_run, raw
        Whether the cell ends at once, sends nothing, or is sent as written.
    awaited, whole
        What `nbstream.magic.cell` says of the cell.
    """

    chat: str | None = None
    system: str | None = None
    into: str | None = None
    table: str | None = None
    store: str | None = None
    concurrency: int | None = None
    via: Literal["requests", "batch-api"] | None = None
    schema_name: str | None = None
    n: int | None = None
    functions: str = ""
    images: Sequence[str] = ()
    files: Sequence[str] = ()
    with_cells: Sequence[str] = ()
    background: bool = False
    dry_run: bool = False
    raw: bool = False
    awaited: bool = False
    whole: bool = False


_OWN = frozenset(option.name for option in fields(ChatOptions)) - KNOWN_PARAMS
"""Names that ``-p`` refuses: options that are not parameters of the API as well."""

_CHOICES: dict[str, tuple[str, ...]] = {
    "--approve": get_args(Approve),
    "--on-disconnect": get_args(OnDisconnect),
    "--via": ("requests", "batch-api"),
}

_OPTIONS = (
    argument(
        "-m",
        "--model",
        metavar="MODEL",
        help="Model, as NAME or PROVIDER:NAME, e.g. ollama:llama3.2. Several, as A,B, are compared.",
    ),
    argument("-s", "--system", metavar="TEXT", help='System message of this chat; "" removes it.'),
    argument("-t", "--temperature", type=float, metavar="X", help="Sampling temperature."),
    argument("--max-tokens", type=int, metavar="N", help="Maximum length of an answer, in tokens."),
    argument(
        "-p",
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="Any other API parameter; VALUE is JSON or text. May be repeated.",
    ),
    argument(
        "-n",
        "--samples",
        type=int,
        dest="n",
        metavar="N",
        help="Request N answers as parallel requests; they become versions of one answer.",
    ),
    argument(
        "--seed",
        type=int,
        metavar="N",
        help="Seed of the request; with -n of the first one, and each further request has the next number.",
    ),
    argument(
        "--logprobs",
        nargs="?",
        type=int,
        const=0,
        metavar="K",
        help="Request the probability of each token, and K alternatives: reply.logprobs.",
    ),
    argument("-o", "--into", metavar="NAME", help="Store the Reply in this variable."),
    argument(
        "--over",
        dest="table",
        metavar="NAME",
        help="Send the prompt for each row of this DataFrame or list of dicts, with {{ column }} filled in. "
        "The result, also for --into, is the table with the answers.",
    ),
    argument(
        "--store",
        metavar="FILE",
        help="With --over, the file that keeps the answers; in the data folder of the user by default.",
    ),
    argument(
        "--concurrency",
        type=int,
        metavar="N",
        help="With --over, the most requests in flight; found out by default.",
    ),
    argument(
        "--via",
        choices=_CHOICES["--via"],
        help="With --over, batch-api uses the provider's Batch API, which answers within 24 hours.",
    ),
    argument(
        "--schema",
        dest="schema_name",
        metavar="NAME",
        help="Type of the answer, as a notebook variable: Row, or list[Row] for a table.",
    ),
    argument(
        "--retries",
        type=int,
        metavar="N",
        help="With --schema, ask again up to N times with the errors.",
    ),
    argument("--base-url", metavar="URL", help="URL of an OpenAI-compatible API."),
    argument("-c", "--chat", metavar="NAME", help="Conversation to continue; the main one by default."),
    argument("--alone", action="store_true", help="Send no earlier turns, and do not keep this one."),
    argument(
        "--stream",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="Show the answer as it arrives (the default except with --background), or when complete. "
        "With --schema, rows are shown as they arrive, and the JSON itself only with --stream.",
    ),
    argument(
        "-b",
        "--background",
        action="store_true",
        help="Return immediately; the answer is shown when complete, or as it arrives with --stream.",
    ),
    argument(
        "--image",
        action="append",
        default=[],
        dest="images",
        metavar="NAME",
        help="Send an image: a variable (figure, PIL image, array, bytes), a file or a URL. May be repeated.",
    ),
    argument(
        "--file",
        action="append",
        default=[],
        dest="files",
        metavar="NAME",
        help="Send a file or variable as text: notebook, CSV, Parquet, PDF, DataFrame. May be repeated.",
    ),
    argument(
        "--with-cell",
        action="append",
        default=[],
        dest="with_cells",
        metavar="N",
        help="Send the source and output of cell [N]; also N,M and N-M.",
    ),
    argument(
        "--tools",
        default="",
        dest="functions",
        metavar="F,G",
        help="Notebook functions that the model may call.",
    ),
    argument(
        "--approve",
        choices=_CHOICES["--approve"],
        help="Whether each call of these functions asks for your approval (the default), or always runs.",
    ),
    argument(
        "--max-context",
        type=int,
        dest="max_context_tokens",
        metavar="N",
        help="Send at most about N tokens; the oldest turns are left out.",
    ),
    argument(
        "--dry-run",
        action="store_true",
        help="Show the request without sending it, and estimates of its tokens and price.",
    ),
    argument("--raw", action="store_true", help="Send the prompt as written: {{ … }} is text."),
    argument(
        "--debug",
        action="store_true",
        help="Show the stream's events and raw chunks below the answer, with exact times.",
    ),
    argument(
        "--on-disconnect",
        choices=_CHOICES["--on-disconnect"],
        help="What to do if the connection breaks: keep the partial answer, continue it, or restart it.",
    ),
    argument(AWAITED, action="store_true", dest="awaited", help=argparse.SUPPRESS),
    argument(WHOLE, action="store_true", dest="whole", help=argparse.SUPPRESS),
)


def chat_arguments(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a magic with the options, so that ``%%chat?`` shows them."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(_OPTIONS):
            function = option(function)
        decorated: Any = magic_arguments(name)(function)
        decorated.parser.allow_abbrev = False  # `--in x` would fail once there is `--input`
        decorated.__doc__ = (decorated.__doc__ or "").replace(f"%{name} [", f"%%{name} [", 1)
        return cast("Callable[..., Any]", decorated)

    return decorate


def parse(parser: MagicArgumentParser, line: str, variables: Mapping[str, Any] | None = None) -> ChatOptions:
    """Parse the line of a `%%chat` cell, quoted as in a shell.

    Parameters
    ----------
    parser
        That of the magic.
    line
        The text after its name.
    variables
        Notebook variables, which the line may use.

    Raises
    ------
    ArgumentError
        Names the problem and the nearest valid word.
    """
    try:
        found = vars(parser.parse_args(split(line, variables or {})))
    except UsageError as error:
        raise _complaint(str(error)) from None
    named = {name: found.pop(name) for name in ("temperature", "max_tokens", "seed")}
    params = {name: value for name, value in named.items() if value is not None}
    params |= _logprobs(found.pop("logprobs"))
    params |= dict(_param(pair) for pair in found.pop("param"))
    _check_name(found["into"])
    found |= {name: tuple(found[name]) for name in ("images", "files", "with_cells")}
    return ChatOptions(**found, params=params)


def option_names() -> list[str]:
    """All long options, for completion and suggestions."""
    names = [name for option in _OPTIONS for name in option.args if name.startswith("--")]
    return sorted({*names, "--no-stream"} - {AWAITED, WHOLE})


def _flags() -> dict[str, str]:
    """The long option for each field of `ChatOptions`."""
    longs = [(next(a for a in option.args if a.startswith("--")), option.kwds) for option in _OPTIONS]
    return {given.get("dest", long[2:].replace("-", "_")): long for long, given in longs}


def choices_of(option: str) -> tuple[str, ...]:
    """The values of an option, if they are a fixed list; else none."""
    return _CHOICES.get(option, ())


def _logprobs(alternatives: int | None) -> dict[str, Any]:
    """The parameters of ``--logprobs``."""
    if alternatives is None:
        return {}
    if alternatives < 0:
        raise ArgumentError(
            f"--logprobs {alternatives}: K is at least 0.", advice="For example: --logprobs=5"
        )
    return {"logprobs": True} | ({"top_logprobs": alternatives} if alternatives else {})


def _param(pair: str) -> tuple[str, Any]:
    name, equals, text = pair.partition("=")
    if not equals or not name:
        raise ArgumentError(f"-p {pair}: a parameter is NAME=VALUE.", advice="For example: -p seed=7")
    if name in _OWN:
        own = "--stream or --no-stream" if name == "stream" else _flags().get(name)
        advice = f"Use {own}." if own else "Leave it out."
        raise ArgumentError(f"-p {name}: this is not an API parameter.", advice=advice)
    try:
        return name, json.loads(text)
    except ValueError as error:
        if text[:1] in {"{", "["}:
            advice = 'JSON has double quotation marks: -p stop=["a"]. For text put it in \'"…"\'.'
            raise ArgumentError(f"-p {name}: {text} is not valid JSON: {error}.", advice=advice) from None
        if text in _PYTHON_NAMES:
            advice = f"Use -p {name}={_PYTHON_NAMES[text]}."
            raise ArgumentError(
                f"-p {name}: {text} is Python, and JSON is expected.", advice=advice
            ) from None
        return name, text


def _check_name(name: str | None) -> None:
    if name is not None and (not name.isidentifier() or keyword.iskeyword(name)):
        raise ArgumentError(f"--into {name}: not a variable name.", advice="For example: --into summary")


def _nearest(name: str) -> list[str]:
    """The options that a name abbreviates, or else the most similar one."""
    longer = [option for option in option_names() if name[2:] and option.startswith(name)]
    return longer or difflib.get_close_matches(name, option_names(), n=1)


def _complaint(message: str) -> ArgumentError:
    """The error of argparse, with advice."""
    unknown = re.search(r"unrecognized arguments: (.*)", message)
    if unknown is None:
        return ArgumentError(f"%%chat: {message}.", advice="%%chat? lists the options.")
    word = unknown[1].split()[0]
    name = word.partition("=")[0]
    if not word.startswith("-"):
        return ArgumentError(
            f"%%chat: {word!r} is not an option.",
            advice="The prompt goes into the lines below; text with spaces needs quotation marks.",
        )
    near = [] if name in {"-h", "--help"} else _nearest(name)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    return ArgumentError(f"%%chat has no option {name}.", advice=f"{hint}%%chat? lists the options.")
