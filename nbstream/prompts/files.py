"""Files of prompts: dotprompt (``.prompt``), Prompty (``.prompty``) and plain text."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbstream._util.files import write_atomically
from nbstream.errors import ArgumentError, DamagedFileError, FileError, StateError
from nbstream.prompts.front_matter import FrontMatter, Reader, of_dotprompt, of_prompty

if TYPE_CHECKING:
    from nbstream.prompts.prompt import Prompt

__all__ = ["read", "write"]

_MATTER = re.compile(r"\A---[ \t]*\r?\n(?P<yaml>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_HANDLEBARS_ROLE = re.compile(r"""\{\{\s*role\s+["'](?P<role>\w+)["']\s*\}\}\n?""")
_PROMPTY_ROLE = re.compile(r"^(?:#[ \t]*)?(?P<role>system|developer|user|assistant):[ \t]*\n", re.MULTILINE)
# Features of these formats besides variables; they must not be sent as text.
_HANDLEBARS_MORE = re.compile(
    r"\{\{(?:[{#/>!^&~@]|\s*(?:else|history|media|section|json|role|this)\b)[^}]*\}\}+"
)
_JINJA_MORE = re.compile(r"\{%.*?%\}|\{#.*?#\}|\{\{[{#/>!^&][^}]*\}\}+", re.DOTALL)
_ROLES = {"model": "assistant", "developer": "system"}


def read(path: Path) -> dict[str, Any]:
    """The keywords of `Prompt` for the prompt in a file.

    Raises
    ------
    FileError
        When it cannot be read, or uses what is not supported.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path.name!r} cannot be read: {error}.") from None
    match path.suffix.lower():
        case ".prompt":
            return _with_roles(path, text, of_dotprompt, _HANDLEBARS_ROLE, _HANDLEBARS_MORE)
        case ".prompty":
            return _with_roles(path, text, of_prompty, _PROMPTY_ROLE, _JINJA_MORE)
        case _:
            return {"template": _without_end(text)}


def write(path: Path, prompt: Prompt, *, overwrite: bool) -> None:
    """Write a prompt: as dotprompt, or the text of its template.

    Raises
    ------
    StateError
        When the file exists.
    FileError
        When the file cannot hold the prompt.
    """
    if path.exists() and not overwrite:
        raise StateError(f"{path.name!r} exists.", advice="Choose another name, or pass overwrite=True.")
    text = _as_dotprompt(prompt) if path.suffix.lower() == ".prompt" else _as_text(path, prompt)
    write_atomically(path, text)


def _with_roles(
    path: Path, text: str, fields: Reader, role: re.Pattern[str], more: re.Pattern[str]
) -> dict[str, Any]:
    found = _MATTER.match(text)
    matter = FrontMatter(_yaml(path, found["yaml"]) if found else {})
    try:
        keywords = fields(matter)
    except ValueError as error:
        raise FileError(f"{path.name!r}: {error}.") from None
    if matter.unused:
        warnings.warn(f"{path.name} has fields that are not used: {', '.join(matter.unused)}.", stacklevel=4)
    body = text[found.end() :] if found else text
    return keywords | _messages(path, _unified(body), role, more)


def _yaml(path: Path, text: str) -> Mapping[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise DamagedFileError(f"{path.name!r}: the front matter is not valid YAML{where}.") from None
    if not isinstance(found or {}, Mapping):
        raise DamagedFileError(f"{path.name!r}: the front matter has no fields.")
    return found or {}


def _messages(path: Path, body: str, role: re.Pattern[str], more: re.Pattern[str]) -> dict[str, Any]:
    """System message, examples and template of a body with marked roles."""
    pieces = role.split(body)
    spoken = [("user", pieces[0])] if pieces[0].strip() or len(pieces) == 1 else []
    spoken += zip(pieces[1::2], pieces[2::2], strict=True)
    named = [(_ROLES.get(name, name), _without_end(text)) for name, text in spoken]
    unsupported = next((found[0] for _, text in named for found in more.finditer(text)), None)
    if unsupported is not None:
        raise FileError(
            f"{path.name!r} uses {unsupported}, which is not supported.", advice="Write it as variables."
        )
    system = named.pop(0)[1] if named[0][0] == "system" else None
    if not named or named[-1][0] != "user" or any(name not in {"user", "assistant"} for name, _ in named):
        order = ", ".join(name for name, _ in named)
        raise FileError(
            f"{path.name!r} has the messages {order or 'system'}.",
            advice="The first may be the system's, the last is the user's.",
        )
    examples = [{"role": name, "content": text} for name, text in named[:-1]]
    return {"system": system, "messages": examples, "template": named[-1][1]}


def _without_end(text: str) -> str:
    """A text without the line end that closes a file or a message in it."""
    return text.removesuffix("\r\n" if _unified(text) != text else "\n")


def _unified(text: str) -> str:
    """A text with the line ends of Unix if all are those of Windows."""
    return text.replace("\r\n", "\n") if text.count("\n") == text.count("\r\n") else text


def _as_text(path: Path, prompt: Prompt) -> str:
    if path.suffix.lower() == ".prompty" or not _is_plain(prompt):
        raise FileError(f"{path.name!r} cannot hold this prompt.", advice="Use a name that ends in .prompt.")
    return prompt.template + "\n"


def _is_plain(prompt: Prompt) -> bool:
    more = (prompt.system, prompt.examples, prompt.model, prompt.params, prompt.defaults)
    return not any([*more, prompt.input_schema, prompt.output_schema])


def _as_dotprompt(prompt: Prompt) -> str:
    import yaml

    inputs = {"schema": prompt.input_schema, "default": prompt.defaults}
    fields = {
        "model": prompt.model,
        "config": prompt.params,
        "input": {name: value for name, value in inputs.items() if value},
        "output": {"schema": prompt.output_schema} if prompt.output_schema else None,
    }
    try:
        matter = yaml.safe_dump(
            {name: value for name, value in fields.items() if value}, sort_keys=False, allow_unicode=True
        )
    except yaml.YAMLError as error:
        raise ArgumentError(f"The prompt cannot be saved: {error}.") from None
    spoken = [("system", prompt.system)] if prompt.system is not None else []
    spoken += [("model" if role == "assistant" else role, text) for role, text in prompt.examples]
    spoken.append(("user", prompt.template))
    body = "".join(f'{{{{role "{role}"}}}}\n{text}\n' for role, text in spoken)
    return f"---\n{matter if matter.strip() != '{}' else ''}---\n{body}"
