"""The pages of the reference that are generated: names, options, commands, settings, errors, providers."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

from traitlets import Enum

from dev.site.names import GROUPS, Group, found
from nbstream import errors
from nbstream.cli.main import command_parser
from nbstream.config import NBStream
from nbstream.local import MODELS
from nbstream.local.install import size_text
from nbstream.magic.magics import ChatMagics
from nbstream.providers import PROVIDERS

__all__ = ["pages"]

_NOT_SHOWN = (argparse._HelpAction, argparse._SubParsersAction)  # noqa: SLF001
_KINDS = {"unicode": "str"}
_RST_MARKS = re.compile(r"([\\*`|_])")


def pages() -> dict[str, str]:
    """The generated pages of ``reference/``: the text of each, by its file name."""
    generated = {
        "options.md": _options(),
        "commands.md": _commands(),
        "command-line.md": _command_line(),
        "settings.md": _settings(),
        "errors.md": _errors(),
        "providers.md": _providers(),
    }
    return {f"{group.page}.md": _names(group) for group in GROUPS} | generated


def _page(title: str, introduction: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", introduction, *parts]) + "\n"


def _rst(lines: Iterable[str]) -> str:
    return "\n".join(["```{eval-rst}", *lines, "```"])


def _plain(text: str) -> str:
    """Text that reStructuredText shows as it is."""
    return _RST_MARKS.sub(r"\\\1", text)


def _names(group: Group) -> str:
    return _page(group.title, group.introduction, *(_name(name) for name in group.names))


def _name(name: str) -> str:
    value = found(name)
    if inspect.isclass(value):
        return _class(name)
    if inspect.isroutine(value):
        return _rst([f".. autofunction:: {name}"])
    if value.__doc__ and type(value).__module__.startswith("nbstream"):
        return _rst([f".. autodata:: {name}", "   :no-value:"])
    return _rst([f".. py:data:: {name}", "", f"   {_plain(_about(name, value))}"])


_DATA = {
    "nbstream.__version__": "The version of the package.",
    "nbstream.demo.DEMO_MODELS": "The demo models by name.",
    "nbstream.export.CodeKind": "The kinds of `Reply.to_code`.",
    "nbstream.local.DEFAULT_MODEL": "The model that `nbstream local install` installs if none is named.",
    "nbstream.local.MODELS": "The models that `nbstream local install` knows, by name.",
    "nbstream.providers.PROVIDERS": "The known providers by name.",
}


def _about(name: str, value: Any) -> str:
    shown = ", ".join(map(str, value)) if isinstance(value, dict) else str(value).replace("typing.", "")
    return f"{_DATA[name]} {shown}"


def _class(name: str) -> str:
    return _rst([f".. autoclass:: {name}", "   :members:", "   :inherited-members:"])


def _options() -> str:
    return _page(
        "Options of `%%chat`",
        "Options go on the first line of the cell. A backslash at its end continues the line, `#` starts a "
        "comment, and `{name}` or `$name` as a value inserts a notebook variable. The value of "
        '`-p` is JSON, such as `-p stop=["a"]`, or text. Tab completes options and '
        "their values: models of your endpoint, chats, functions. `%%chat?` shows this list. If another "
        "extension owns the name `%%chat`, use `%%nbchat`.",
        _rst(_arguments("%%chat", ChatMagics.chat.parser)),  # type: ignore[attr-defined]
    )


def _arguments(program: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Each argument as an entry of reStructuredText."""
    yield f".. program:: {program}"
    for action in parser._actions:  # noqa: SLF001  argparse lists its arguments nowhere else
        if not isinstance(action, _NOT_SHOWN) and action.help != argparse.SUPPRESS:
            yield f"\n.. option:: {', '.join(_forms(action))}\n\n   {_plain(_help(action))}"


def _forms(action: argparse.Action) -> Iterator[str]:
    value = "" if action.nargs == 0 else _value(action)
    if not action.option_strings:
        yield value
    optional = action.nargs == "?"
    for form in action.option_strings:
        joined = f"[={value}]" if optional else f" {value}"
        yield f"{form}{joined}" if value and not form.startswith("--no-") else form


def _value(action: argparse.Action) -> str:
    if action.metavar:
        return str(action.metavar)
    return "|".join(map(str, action.choices)) if action.choices else action.dest.upper()


def _help(action: argparse.Action) -> str:
    text = " ".join(str(action.help).split())
    return text.replace("%(default)s", str(action.default)).replace("%%", "%")


def _commands() -> str:
    return _page(
        "Commands of `%chat` and `%%expect`",
        "`%chat?` and `%%expect?` show these texts.",
        "## `%chat`",
        _magic_help(ChatMagics.manage),
        "## `%%expect`",
        _magic_help(ChatMagics.expect),
    )


def _magic_help(magic: Any) -> str:
    return f"```text\n{inspect.getdoc(magic)}\n```"


def _command_line() -> str:
    parser = command_parser()
    [commands] = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]  # noqa: SLF001
    return _page(
        "The `nbstream` command",
        "The same texts are shown by `nbstream --help` and `nbstream COMMAND --help`. The two "
        "servers need the "
        'extra `serve`: `pip install "nbstream[serve]"`.',
        *(_command(f"nbstream {name}", command) for name, command in commands.choices.items()),
    )


def _command(name: str, parser: argparse.ArgumentParser, level: int = 2) -> str:
    nested = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]  # noqa: SLF001
    parts = [f"{'#' * level} `{name}`", parser.description or "", _rst(_arguments(name, parser))]
    for sub in nested:
        parts += [_command(f"{name} {verb}", command, level + 1) for verb, command in sub.choices.items()]
    return "\n\n".join(part for part in parts if part)


def _settings() -> str:
    traits = NBStream.class_traits(config=True)
    return _page(
        "Settings",
        'Defaults of every chat. `%config NBStream.model = "ollama:llama3.2"` sets one for a notebook, '
        "`c.NBStream.model = …` in `ipython_config.py` for all notebooks, and `%config NBStream` "
        "lists them. There is no setting for a key, because settings are shown: see "
        "[Keys and providers](../guides/providers.md). A misspelt name is an error.",
        _rst(line for name, trait in sorted(traits.items()) for line in _setting(name, trait)),
        "Environment variables are listed in [Environment variables](environment.md).",
    )


def _setting(name: str, trait: Any) -> Iterator[str]:
    yield f".. confval:: NBStream.{name}"
    yield f"\n   {_plain(trait.help)}\n\n   ``{_kind(trait)}``, by default ``{trait.default()!r}``.\n"


def _kind(trait: Any) -> str:
    if isinstance(trait, Enum):
        return " | ".join(map(str, trait.values or ()))
    name = type(trait).__name__.lower()
    return _KINDS.get(name, name) + (" | None" if trait.allow_none else "")


def _errors() -> str:
    tree = inspect.getdoc(errors)
    assert tree is not None
    _, _, rest = tree.partition("::\n\n")
    drawn, _, notes = rest.partition("\n\n`NotSentWarning`")
    return _page(
        "Errors",
        "Everything nbstream raises, importable from `nbstream`. Each error says what happened "
        "and what to do next, "
        "and has `message`, `advice` and `kind`. A cell that fails shows one or two sentences instead of a "
        "traceback; `except NbstreamError` catches all of them.",
        f"```text\n{inspect.cleandoc(drawn)}\n```",
        f"`NotSentWarning` {' '.join(notes.partition('Examples')[0].split())}",
        *(_class(f"nbstream.errors.{name}") for name in _in_order(drawn)),
        _rst(
            [".. py:data:: nbstream.errors.ErrorKind", "", f"   Values of `NbstreamError.kind`: {_kinds()}"]
        ),
    )


def _in_order(drawn: str) -> list[str]:
    """The errors as they are in the tree, each below its base."""
    return ["NbstreamError", *re.findall(r"─ (\w+)", drawn), "NotSentWarning"]


def _kinds() -> str:
    return ", ".join(f"``{kind}``" for kind in errors.ErrorKind.__args__)  # type: ignore[attr-defined]


def _providers() -> str:
    rows = [
        (
            f"`{name}`",
            _code(provider.key_env),
            _code(provider.model) or "first of its list",
            _code(provider.base_url),
        )
        for name, provider in PROVIDERS.items()
    ]
    return _page(
        "Providers and models",
        "`PROVIDER:NAME` chooses a provider; its key comes from the environment. [Keys and providers]"
        "(../guides/providers.md) explains how to set it, and how to use servers that are not in this list.",
        _table(("Provider", "Key", "Model if none is named", "URL"), rows),
        "In addition there are `azure` (`AZURE_OPENAI_API_KEY` and `AZURE_OPENAI_ENDPOINT`; the "
        "model is the name of "
        "a deployment), `local` (a model on this machine, the largest that is installed if none "
        "is named) and "
        "`demo` (the scripted demo).",
        "## Models on this machine",
        "`nbstream local install NAME` installs one of these. See [A model on this "
        "machine](../guides/local.md).",
        _table(
            ("Model", "Download", "Licence", "Good for"),
            [
                (f"`{model.name}`", size_text(model.download), model.licence, model.good_for)
                for model in MODELS.values()
            ],
        ),
    )


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, [":--"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
