"""Templates: text with ``{{ expression }}``, filled in one pass. Values are never expanded again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nbstream._util.names import nearest
from nbstream.errors import ArgumentError
from nbstream.prompts.expressions import BRACES, Expression, expressions_of, sandbox
from nbstream.prompts.values import Unrenderable, ValueText
from nbstream.types.rendered import FilledVariable, RenderedPrompt

__all__ = ["Template", "fill"]


class Template:
    """A text with expressions in double braces.

    Parameters
    ----------
    source
        The text.

    Raises
    ------
    ArgumentError
        When something in double braces is not an expression.

    Examples
    --------
    >>> template = Template("Dear {{ name | upper }}, it costs $5: {%d}")
    >>> template.variables
    ('name',)
    >>> fill([template], {"name": "Ada"})[0].text
    'Dear ADA, it costs $5: {%d}'
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.expressions = tuple(expressions_of(source))

    @property
    def variables(self) -> tuple[str, ...]:
        """The names that it uses, in the order of their first use."""
        builtin = sandbox().globals.keys() if self.expressions else ()
        names = dict.fromkeys(name for part in self.expressions for name in part.names)
        return tuple(name for name in names if name not in builtin)

    def rendered(self, texts: Mapping[str, ValueText]) -> RenderedPrompt:
        """The text with these texts for its expressions."""
        pieces, place = [], 0
        for part in self.expressions:
            pieces += [self.source[place : part.start], texts[part.source].text]
            place = part.end
        filled = {
            part.source: FilledVariable(part.source, texts[part.source].note) for part in self.expressions
        }
        named = tuple(filled[part.source] for part in self._named() if part.source in filled)
        return RenderedPrompt(
            self.source, "".join([*pieces, self.source[place:]]), tuple(dict.fromkeys(named))
        )

    def _named(self) -> Iterable[Expression]:
        """Its expressions except texts."""
        return (part for part in self.expressions if part.names)


def fill(templates: Sequence[Template], values: Mapping[str, Any], advice: str = "") -> list[RenderedPrompt]:
    """Fill in templates that belong together.

    Parameters
    ----------
    templates
        The templates.
    values
        Values of their variables; more are ignored.
    advice
        What to do about a name that has no value.

    Raises
    ------
    ArgumentError
        Lists every name without a value, or every expression that has no text.
    """
    parts = {part.source: part for template in templates for part in template.expressions}
    missing = sorted({name for part in parts.values() for name in part.required} - values.keys())
    if missing:
        names = ", ".join(_with_nearest(name, values) for name in missing)
        verb = "is" if len(missing) == 1 else "are"
        raise ArgumentError(
            f"The prompt cannot be filled in: {names} {verb} not defined.", advice=advice or _ADVICE
        )
    texts = _texts(parts.values(), values)
    return [template.rendered(texts) for template in templates]


_ADVICE = f"Give each a value; braces that are text are written {BRACES}."


def _texts(parts: Iterable[Expression], values: Mapping[str, Any]) -> dict[str, ValueText]:
    """The text of each expression, by its source: it is evaluated once."""
    texts: dict[str, ValueText] = {}
    problems: list[str] = []
    cause: BaseException | None = None
    for part in parts:
        try:
            texts[part.source] = part.text(values)
        except Unrenderable as problem:
            problems.append(f"{{{{ {part.source} }}}} ({part.where}): {problem}")
            cause = cause or problem.__cause__
    if problems:
        raise ArgumentError(f"The prompt cannot be filled in. {' '.join(problems)}") from cause
    return texts


def _with_nearest(name: str, values: Iterable[str]) -> str:
    near = nearest(name, [other for other in values if not other.startswith("_")])
    return f"{name} (did you mean {near}?)" if near else name
