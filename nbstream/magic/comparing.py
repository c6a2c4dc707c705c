"""``%%chat -m A,B``: the same prompt to several models, shown side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbstream.chat import Chat
from nbstream.client.router import Router
from nbstream.conversation.options import ChatKeywords
from nbstream.errors import ArgumentError
from nbstream.magic.args import ChatOptions
from nbstream.prompts import FilledPrompt
from nbstream.types.attachments import Prepared

if TYPE_CHECKING:
    from nbstream.comparison import Comparison

__all__ = ["comparison_of", "models_of"]

_OF_ONE_ANSWER = {"background": "--background", "dry_run": "--dry-run", "debug": "--debug"}
_OF_COMPARE = frozenset({"models", "n", "prompt", "system"})
"""Keywords of `compare` that mean something else than the parameter of the API with that name."""

_OPTIONS = ("base_url", "stream", "on_disconnect", "max_context_tokens", "approve", "schema", "retries")


def models_of(options: ChatOptions) -> list[str]:
    """The models that the option ``-m`` names.

    Examples
    --------
    >>> models_of(ChatOptions(model="demo, ollama:llama3.2")), models_of(ChatOptions())
    (['demo', 'ollama:llama3.2'], [])
    """
    names = (options.model or "").split(",")
    return [name.strip() for name in names if name.strip()]


def comparison_of(
    chat: Chat, router: Router, options: ChatOptions, prompt: str | FilledPrompt | Prepared
) -> Comparison:
    """Send the prompt of a cell to all of its models, each with the settings and earlier turns of the chat.

    Raises
    ------
    ArgumentError
        If an option works with one model only, or calls of functions would need approval.
    """
    from nbstream.comparison import compare

    _check(options)
    return compare(
        prompt,
        models=models_of(options),
        system=chat.system,
        n=options.n or 1,
        messages=_earlier(chat, options),
        router=router,
        **_keywords(chat, options),
    )


def _check(options: ChatOptions) -> None:
    for name, flag in _OF_ONE_ANSWER.items():
        if getattr(options, name):
            raise ArgumentError(f"{flag} works with one model only.", advice="Name one model with -m.")
    if options.tools and options.approve != "always":
        raise ArgumentError(
            "Calls of --tools cannot be approved while models are compared.",
            advice="Add --approve always to run them without approval.",
        )


def _earlier(chat: Chat, options: ChatOptions) -> list[Any]:
    """The messages that are sent before the prompt, without the system message."""
    conversation = chat.conversation
    if options.alone:
        return list(conversation.examples)
    sent = conversation.context(conversation.owned_by(options.owner), options.owner)
    return [message for message in sent if message.role != "system"]


def _keywords(chat: Chat, options: ChatOptions) -> Mapping[str, Any]:
    """The options as keywords of `compare`; parameters that it does not take by name go into ``extra``."""
    params = {**chat.params, **options.params}
    names = ChatKeywords.__annotations__.keys() - _OF_COMPARE
    known = {name: value for name, value in params.items() if name in names}
    others = {name: value for name, value in params.items() if name not in names}
    given = {name: getattr(options, name) for name in _OPTIONS if getattr(options, name) is not None}
    tools = {"tools": list(options.tools.values())} if options.tools else {}
    return {**known, **given, **tools, **({"extra": others} if others else {})}
