"""The prompt of a cell, filled in from the variables of the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbstream.errors import ArgumentError
from nbstream.prompts.expressions import BRACES
from nbstream.prompts.filled import FilledPrompt
from nbstream.prompts.template import Template, fill

__all__ = ["filled_cell"]

_AS_TEXT = f"If the braces are text, add --raw to the first line, or write {BRACES}."


def filled_cell(prompt: str, variables: Mapping[str, Any]) -> str | FilledPrompt:
    """A prompt filled in; the text itself if it has no expression.

    Raises
    ------
    ArgumentError
        If a variable has no value, or braces hold no expression.

    Examples
    --------
    >>> filled_cell("Hello {{ name }}", {"name": "Ada"}).prompt.summary
    'name'
    """
    try:
        template = Template(prompt)
        (rendered,) = fill([template], variables)
    except ArgumentError as error:
        raise ArgumentError(error.message, advice=_AS_TEXT) from error.__cause__
    return FilledPrompt(rendered) if template.expressions else prompt
