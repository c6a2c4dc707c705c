"""What `Chat.send` accepts: content, or a prompt that content is made from."""

from __future__ import annotations

from collections.abc import Sequence

from nbstream.conversation.conversation import Conversation
from nbstream.conversation.options import RequestOptions
from nbstream.prompts import FilledPrompt, Prompt, TemplateString, filled_prompt
from nbstream.types.attachments import Prepared
from nbstream.types.content import Content
from nbstream.types.messages import Message

__all__ = ["Question", "preface", "prompted"]

Question = Content | Sequence[object] | Prepared | Prompt | FilledPrompt | TemplateString
"""What can be sent."""


def prompted(question: Question, options: RequestOptions) -> tuple[object, RequestOptions]:
    """The content of a question, and its options with the model and parameters of its prompt.

    Raises
    ------
    ArgumentError
        If a variable of a prompt has no value.
    """
    filled = filled_prompt(question)
    if filled is None:
        return question, options
    own = RequestOptions(model=filled.model, params=filled.params, filled=filled)
    return filled.text, options.over(own)


def preface(conversation: Conversation, filled: FilledPrompt | None) -> list[Message]:
    """The messages before the turns: the system message of a prompt replaces that of the chat."""
    own = conversation.preface()
    if filled is None:
        return list(own)
    system = [] if filled.system is None else [Message("system", filled.system)]
    kept = [message for message in own if not (system and message.role == "system")]
    return [*system, *kept, *filled.examples]
