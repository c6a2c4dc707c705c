"""The columns of a comparison: what is sent differs between them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from nbstream.conversation.questions import Question
from nbstream.errors import ArgumentError
from nbstream.prompts import FilledPrompt, Prompt

__all__ = ["Choices", "Variant", "variants_of"]

Choices = Mapping[str, Any]
"""The values that one part of a request takes, by name."""

_SEPARATOR = ", "


@dataclass(frozen=True, slots=True)
class Variant:
    """A column of a comparison.

    Parameters
    ----------
    index
        Its place among the columns.
    name
        What differs from the others, as text.
    prompt
        What is sent; a template where the comparison has rows.
    model, system, params
        Model, system message and parameters; None for the configured ones.
    differing
        Names of the choices that differ between the variants, by part of the request.
    """

    index: int
    name: str
    prompt: Question
    model: str | None = None
    system: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    differing: Mapping[str, Any] = field(default_factory=dict)

    def question(self, row: Mapping[str, Any]) -> Question:
        """What is sent for a row.

        Raises
        ------
        ArgumentError
            When a variable of the prompt has no column.
        """
        return self.prompt.fill(**row) if isinstance(self.prompt, Prompt) else self.prompt

    def key(self, row: Mapping[str, Any], sample: int) -> str:
        """A text that is equal for two requests that are the same."""
        asked = self.question(row)
        model, params, sent = self.model, dict(self.params), repr(asked)
        if isinstance(asked, FilledPrompt):
            model, params = model or asked.model, {**asked.params, **params}
            sent = json.dumps([message.as_dict() for message in asked.messages])
        return json.dumps([model, self.system, params, sample, sent], sort_keys=True, default=repr)


def variants_of(prompts: Choices, models: Choices, systems: Choices, params: Choices) -> tuple[Variant, ...]:
    """All combinations, named by what differs.

    Parameters
    ----------
    prompts, models, systems, params
        The choices of each, by name; a choice of parameters is a dict.

    Raises
    ------
    ArgumentError
        When two combinations are the same, or there is none.

    Examples
    --------
    >>> prompts = {"short": "Hi", "long": "Hello"}
    >>> variants = variants_of(prompts, {"demo": "demo"}, {"": None}, {"cold": {}, "warm": {"top_p": 1}})
    >>> [variant.name for variant in variants]
    ['short, cold', 'short, warm', 'long, cold', 'long, warm']
    """
    parts = {"prompt": prompts, "model": models, "system": systems, "params": params}
    found = []
    for index, names in enumerate(product(*parts.values())):
        prompt, model, system, own = (
            choices[name] for choices, name in zip(parts.values(), names, strict=True)
        )
        chosen = dict(zip(parts, names, strict=True))
        differing = {part: name for part, name in chosen.items() if len(parts[part]) > 1}
        title = _SEPARATOR.join(differing.values()) or chosen["model"] or "answer"
        found.append(Variant(index, title, prompt, model, system, own, differing))
    _check_different(found)
    return tuple(found)


def _check_different(variants: list[Variant]) -> None:
    if not variants:
        raise ArgumentError("There is nothing to compare.", advice="Give at least one prompt and one model.")
    seen: list[tuple[object, ...]] = []
    for variant in variants:
        what = (variant.prompt, variant.model, variant.system, dict(variant.params))
        if what in seen:
            raise ArgumentError(
                f"Two variants are the same: {variant.name}.", advice="Use n=… for several answers to each."
            )
        seen.append(what)
