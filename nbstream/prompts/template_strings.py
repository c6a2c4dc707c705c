"""Template strings of Python 3.14 (``t"…"``, PEP 750), recognized by what they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeGuard

from nbstream.errors import ArgumentError
from nbstream.prompts.values import Unrenderable, ValueText, text_of
from nbstream.types.rendered import FilledVariable, RenderedPrompt

__all__ = ["TemplateString", "is_template_string", "rendered_string"]


class Interpolation(Protocol):
    """A value in a template string."""

    value: Any
    expression: str
    conversion: str | None
    format_spec: str


class TemplateString(Protocol):
    """A template string: one text more than values."""

    @property
    def strings(self) -> tuple[str, ...]:
        """The texts."""

    @property
    def interpolations(self) -> tuple[Any, ...]:
        """The values between them: `Interpolation`."""


def is_template_string(value: object) -> TypeGuard[TemplateString]:
    """Whether a value is a template string.

    Examples
    --------
    >>> is_template_string("text")
    False
    """
    return isinstance(getattr(value, "strings", None), tuple) and hasattr(value, "interpolations")


def rendered_string(template: TemplateString) -> RenderedPrompt:
    """The text of a template string, with its values as in a `Prompt`.

    Raises
    ------
    ArgumentError
        When a value has no text.
    """
    texts = [_text(part) for part in template.interpolations]
    sources = [_source(part) for part in template.interpolations]
    filled = [FilledVariable(part.expression.strip(), text.note) for part, text in _pairs(template, texts)]
    written = _woven(template.strings, sources)
    return RenderedPrompt(
        written, _woven(template.strings, [text.text for text in texts]), tuple(dict.fromkeys(filled))
    )


def _pairs(template: TemplateString, texts: list[ValueText]) -> list[tuple[Interpolation, ValueText]]:
    return list(zip(template.interpolations, texts, strict=True))


def _woven(strings: tuple[str, ...], between: list[str]) -> str:
    return "".join(text for pair in zip(strings, [*between, ""], strict=True) for text in pair)


def _source(part: Interpolation) -> str:
    conversion = f"!{part.conversion}" if part.conversion else ""
    spec = f":{part.format_spec}" if part.format_spec else ""
    return "{" + part.expression + conversion + spec + "}"


_CONVERSIONS: dict[str | None, Callable[[object], object]] = {"a": ascii, "r": repr, "s": str}


def _text(part: Interpolation) -> ValueText:
    try:
        if part.conversion is None and not part.format_spec:
            return text_of(part.value)
        convert = _CONVERSIONS.get(part.conversion)
        return ValueText(format(part.value if convert is None else convert(part.value), part.format_spec))
    except (Unrenderable, ValueError, TypeError) as problem:
        raise ArgumentError(
            f"The prompt cannot be filled in. {_source(part)}: {problem}"
        ) from problem.__cause__
