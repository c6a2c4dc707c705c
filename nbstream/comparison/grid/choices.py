"""From the arguments of `compare` to the choices of each part of a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nbstream.comparison.grid.variant import Choices
from nbstream.conversation.questions import Question
from nbstream.errors import ArgumentError
from nbstream.prompts import Prompt

__all__ = ["model_choices", "param_choices", "prompt_choices", "system_choices"]


def prompt_choices(prompt: Question | None, prompts: object, *, templates: bool) -> Choices:
    """The prompts by name.

    Parameters
    ----------
    prompt, prompts
        One prompt, or several; a text can be a template.
    templates
        Whether there are rows to fill in.

    Raises
    ------
    ArgumentError
        When there is none, or both are given.
    """
    if (prompt is None) == (prompts is None):
        raise ArgumentError("compare() takes one prompt, or prompts=[…].", advice="Give one of the two.")
    found = {"prompt": prompt} if prompts is None else _numbered(prompts, "prompt")
    return {
        name: Prompt(value) if templates and isinstance(value, str) else value
        for name, value in found.items()
    }


def model_choices(models: object) -> Choices:
    """The models by their own name."""
    if isinstance(models, Mapping):
        return dict(models)
    return _different((str(model or ""), model) for model in _several(models))


def system_choices(systems: object) -> Choices:
    """The system messages by name."""
    return _numbered(systems, "system")


def param_choices(temperatures: object, params: object) -> Choices:
    """The parameters by name: each temperature with each dict of `params`.

    Raises
    ------
    ArgumentError
        When a choice is not a dict.

    Examples
    --------
    >>> param_choices([0, 0.7], {"top_p": 0.9})
    {'temperature=0': {'top_p': 0.9, 'temperature': 0}, 'temperature=0.7': {'top_p': 0.9, 'temperature': 0.7}}
    """
    warmth = _several(temperatures)
    others = [{}] if params is None else _several(params)
    for other in others:
        if not isinstance(other, Mapping):
            raise ArgumentError(
                f"params={other!r} is not a dict.", advice='For example: params=[{"top_p": 0.5}, {}].'
            )
    return _different(
        (
            _param_name(dict(other) if len(others) > 1 else {}, value if len(warmth) > 1 else None),
            {**other, **({} if value is None else {"temperature": value})},
        )
        for other in others
        for value in warmth
    )


def _param_name(params: Mapping[str, Any], temperature: object) -> str:
    shown = {**params} if temperature is None else {**params, "temperature": temperature}
    return ", ".join(f"{name}={value}" for name, value in shown.items()) or "defaults"


def _different(choices: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Choices by name, each once."""
    found: dict[str, Any] = {}
    for name, value in choices:
        if name in found:
            raise ArgumentError(
                f"{name or 'The default model'} is given twice.",
                advice="Use n=… for several answers to each.",
            )
        found[name] = value
    return found


def _several(values: object) -> list[Any]:
    """A list of values, where one alone can be given."""
    return list(values) if isinstance(values, list | tuple | range) else [values]


def _numbered(values: object, noun: str) -> dict[str, Any]:
    if isinstance(values, Mapping):
        return {str(name): value for name, value in values.items()}
    return {f"{noun} {number}": value for number, value in enumerate(_several(values), 1)}
