"""The prompt of a batch: from the values of a row to the messages that are sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbstream._util.names import nearest
from nbstream.conversation.examples import as_message
from nbstream.errors import ArgumentError
from nbstream.inputs import prepared
from nbstream.prompts import FilledPrompt, Prompt, TemplateString, filled_prompt
from nbstream.prompts.template_strings import is_template_string
from nbstream.types.messages import Message

__all__ = ["Asked", "BatchPrompt", "RowPrompt"]

BatchPrompt = (
    str | Prompt | FilledPrompt | TemplateString | Sequence[object] | Callable[[Mapping[str, Any]], Any]
)
"""What `nbstream.batch` takes as its prompt."""

_BARE_NAME = re.compile(r"\A\s*\{\{\s*([A-Za-z_]\w*)\s*\}\}\s*\Z")
_ROW = "row"
_SYSTEM = frozenset({"system", "developer"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sent for one row.

    Parameters
    ----------
    messages
        All messages.
    model, params
        Model and parameters that the prompt of the row sets.
    """

    messages: tuple[Message, ...]
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


class RowPrompt:
    """Makes the messages of each row.

    Parameters
    ----------
    given
        A template (``"Translate {{ text }}"``), a `Prompt`, a list of content parts or of messages with
        templates in them, or a function of the row that returns what is sent.
    before
        Messages before it: the system message, then examples.

    Raises
    ------
    ArgumentError
        When it is none of these, or a template is not valid.

    Examples
    --------
    >>> prompt = RowPrompt("Translate {{ text }}.", [Message("system", "Be terse.")])
    >>> [message.content for message in prompt.asked({"text": "sea", "id": 7}).messages]
    ['Be terse.', 'Translate sea.']
    """

    def __init__(self, given: BatchPrompt, before: Iterable[Message] = ()) -> None:
        self._before = tuple(before)
        self._ask, self._required = _compiled(given)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it names; none of a function, which may use all."""
        return self._required

    def check(self, columns: Iterable[str]) -> None:
        """See that the columns that the prompt names exist.

        Raises
        ------
        ArgumentError
            Names all that are missing, and the nearest columns.
        """
        known = [*columns, _ROW]
        missing = sorted(self._required - set(known))
        if missing:
            names = ", ".join(_with_nearest(name, known) for name in missing)
            there = ", ".join(map(repr, known[:-1])) or "none"
            noun = "a column that is" if len(missing) == 1 else "columns that are"
            raise ArgumentError(
                f"The prompt uses {noun} not in the table: {names}.", advice=f"Its columns: {there}."
            )

    def asked(self, row: Mapping[str, Any]) -> Asked:
        """What is sent for a row.

        Raises
        ------
        ArgumentError
            When a value that the prompt needs is null, or cannot be sent.
        """
        empty = [name for name in self._required if name in row and is_null(row[name])]
        if empty:
            names = ", ".join(map(repr, sorted(empty)))
            raise ArgumentError(
                f"The row has no value in {names}.",
                advice=f"Fill it in, leave out the row, or write {{{{ {min(empty)} | default('…') }}}}.",
            )
        return self._whole(self._ask(row))

    def _whole(self, question: object) -> Asked:
        """A question with the messages before it."""
        if isinstance(question, FilledPrompt):
            system = [] if question.system is None else [Message("system", question.system)]
            said = [*system, *question.examples, Message("user", question.text)]
            return Asked(self._after_preface(said), question.model, question.params)
        if _are_turns(question):
            turns = [as_message(turn, f"messages[{at}]") for at, turn in enumerate(question)]  # type: ignore[arg-type, var-annotated]
            return Asked(self._after_preface([_prepared(turn) for turn in turns]))
        return Asked((*self._before, Message("user", prepared(question).content)))

    def _after_preface(self, said: list[Message]) -> tuple[Message, ...]:
        """Messages after those of the chat; a system message of their own replaces that of the chat."""
        if said[0].role not in _SYSTEM:
            return (*self._before, *said)
        return (said[0], *(message for message in self._before if message.role not in _SYSTEM), *said[1:])


def is_null(value: Any) -> bool:
    """Whether a value of a table is missing: None, NaN, or what pandas has for these.

    Examples
    --------
    >>> [is_null(value) for value in (None, float("nan"), "", 0)]
    [True, True, False, False]
    """
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    scalar = isinstance(value, float) or getattr(value, "shape", None) == ()
    return scalar and bool(value != value)  # noqa: PLR0124  only NaN differs from itself


_Ask = Callable[[Mapping[str, Any]], object]


def _compiled(given: object) -> tuple[_Ask, frozenset[str]]:
    """A function from a row to its question, and the columns that it needs."""
    if isinstance(given, str):
        return _of_text(given)
    if isinstance(given, Prompt):
        return lambda row: given.fill(**_values(row)), given.required
    if isinstance(given, FilledPrompt) or is_template_string(given):
        return lambda _: filled_prompt(given), frozenset()
    if callable(given):
        return lambda row: _of_function(given(row)), frozenset()
    if isinstance(given, Sequence) and not isinstance(given, bytes) and given:
        return _of_turns(given) if _are_turns(given) else _of_parts(given)
    raise ArgumentError(
        f"A batch takes no prompt of the type {type(given).__name__}.",
        advice="Pass a text with {{ column }}, a Prompt, a list of messages, or a function of the row.",
    )


def _of_text(text: str) -> tuple[_Ask, frozenset[str]]:
    prompt = Prompt(text)
    bare = _BARE_NAME.match(text)

    def ask(row: Mapping[str, Any]) -> object:
        value = row.get(bare[1]) if bare else None
        return value if _are_turns(value) else prompt.fill(**_values(row))

    return ask, prompt.required


def _of_function(found: object) -> object:
    """What a function of the row returned: a text is sent as it is."""
    return filled_prompt(found) or found


def _of_turns(turns: Sequence[Any]) -> tuple[_Ask, frozenset[str]]:
    """Messages with templates in their content."""
    messages = [as_message(turn, f"messages[{at}]") for at, turn in enumerate(turns)]
    made = [_content(message.content) for message in messages]

    def ask(row: Mapping[str, Any]) -> object:
        return [
            message.as_dict() | {"content": content(row)}
            for message, (content, _) in zip(messages, made, strict=True)
        ]

    return ask, frozenset().union(*(names for _, names in made))


def _of_parts(parts: Sequence[object]) -> tuple[_Ask, frozenset[str]]:
    """Content parts, of which texts are templates; one that is only a column is replaced by its value."""
    made = [_part(part) for part in parts]
    return lambda row: [value(row) for value, _ in made], frozenset().union(*(names for _, names in made))


def _content(content: Any) -> tuple[_Ask, frozenset[str]]:
    return _part(content) if isinstance(content, str) else _of_parts(content)


def _part(part: object) -> tuple[_Ask, frozenset[str]]:
    if isinstance(part, Mapping):
        made = {name: _part(value) for name, value in part.items() if isinstance(value, str | Mapping)}
        names = frozenset[str]().union(*(found for _, found in made.values()))
        return lambda row: {**part, **{name: value(row) for name, (value, _) in made.items()}}, names
    if isinstance(part, Prompt):
        return lambda row: part.render(**_values(row)), part.required
    if not isinstance(part, str) or "{{" not in part:
        return lambda _: part, frozenset()
    prompt, bare = Prompt(part), _BARE_NAME.match(part)

    def value(row: Mapping[str, Any]) -> object:
        found = row.get(bare[1]) if bare else None
        return (
            prompt.render(**_values(row)) if found is None or isinstance(found, str | int | float) else found
        )

    return value, prompt.required


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row for a template: a null has none, so that ``default`` applies."""
    values = {name: value for name, value in row.items() if not is_null(value)}
    values.setdefault(_ROW, dict(values))
    return values


def _prepared(message: Message) -> Message:
    """A message whose content may have images and files."""
    if isinstance(message.content, str):
        return message
    content = prepared(list(message.content)).content
    return Message(
        message.role,
        content,
        message.name,
        message.tool_calls,
        message.tool_call_id,
        message.extra,
    )


def _are_turns(value: object) -> bool:
    """Whether a value is a list of messages."""
    if (
        isinstance(value, str | bytes | Mapping)
        or not isinstance(value, Iterable)
        or not hasattr(value, "__len__")
    ):
        return False
    items = list(value)
    return bool(items) and all(
        isinstance(item, Message) or (isinstance(item, Mapping) and "role" in item) for item in items
    )


def _with_nearest(name: str, known: Iterable[str]) -> str:
    near = nearest(name, list(known))
    return f"{name!r} (did you mean {near!r}?)" if near else repr(name)
