"""A prompt with all values filled in, ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbstream.types.messages import Message
from nbstream.types.rendered import RenderedPrompt

__all__ = ["FilledPrompt"]


@dataclass(frozen=True, slots=True)
class FilledPrompt:
    """A prompt with all values filled in: what `Prompt.fill` returns and `Chat.send` takes.

    Parameters
    ----------
    prompt
        The message of the user, and its template.
    system
        System message instead of the chat's, for this request; None to keep that of the chat.
    examples
        Messages sent before the user's, for this request.
    model, params
        Model and parameters, unless the question has others.

    Examples
    --------
    >>> from nbstream import Prompt
    >>> filled = Prompt("Hello {{ name }}", system="Be terse.").fill(name="Ada")
    >>> [message.content for message in filled.messages]
    ['Be terse.', 'Hello Ada']
    """

    prompt: RenderedPrompt
    system: str | None = None
    examples: tuple[Message, ...] = ()
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The message of the user."""
        return self.prompt.text

    @property
    def messages(self) -> list[Message]:
        """All messages: system, examples, and the user's."""
        system = [] if self.system is None else [Message("system", self.system)]
        return [*system, *self.examples, Message("user", self.text)]

    def __str__(self) -> str:
        return self.text
