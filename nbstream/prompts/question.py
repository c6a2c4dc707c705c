"""What can be sent besides content: prompts and template strings."""

from __future__ import annotations

from nbstream.prompts.filled import FilledPrompt
from nbstream.prompts.prompt import Prompt
from nbstream.prompts.template_strings import is_template_string

__all__ = ["filled_prompt"]


def filled_prompt(question: object) -> FilledPrompt | None:
    """A prompt or template string, filled in; None if the question is neither.

    Raises
    ------
    ArgumentError
        If a variable of the prompt has no value.

    Examples
    --------
    >>> filled_prompt("text"), filled_prompt(Prompt("text")).text
    (None, 'text')
    """
    if isinstance(question, FilledPrompt):
        return question
    if isinstance(question, Prompt):
        return question.fill()
    return Prompt(question).fill() if is_template_string(question) else None
