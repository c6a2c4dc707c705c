"""Which public names are documented on which page of the reference."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from nbstream import errors

__all__ = ["GROUPS", "PUBLIC_MODULES", "Group", "found", "missing_names"]

PUBLIC_MODULES = (
    "nbstream",
    "nbstream.batching",
    "nbstream.chat_widget",
    "nbstream.comparison",
    "nbstream.conversation",
    "nbstream.demo",
    "nbstream.errors",
    "nbstream.export",
    "nbstream.inspection",
    "nbstream.prompts",
    "nbstream.providers",
    "nbstream.relay",
    "nbstream.reply_log",
    "nbstream.samples",
    "nbstream.tools",
)
"""The package, and those of its modules that users import from."""


@dataclass(frozen=True, slots=True)
class Group:
    """A page of the reference.

    Parameters
    ----------
    page
        Its file, without extension.
    title, introduction
        What it begins with.
    names
        The names on it, each with the module to import it from.
    """

    page: str
    title: str
    introduction: str
    names: tuple[str, ...]


GROUPS = (
    Group(
        "chat",
        "Chats and conversations",
        "A chat sends messages and remembers them. See the [notebook on conversations]"
        "(../tutorial/02-conversations.ipynb).",
        (
            "nbstream.Chat",
            "nbstream.ChatWidget",
            "nbstream.Message",
            "nbstream.conversation.Conversation",
            "nbstream.conversation.Turn",
            "nbstream.conversation.Version",
            "nbstream.conversation.Answer",
        ),
    ),
    Group(
        "reply",
        "Replies",
        "What `chat.send(…)` returns: an answer that streams, and everything that is known about it. "
        "See the [notebook on replies](../tutorial/06-reply-and-inspector.ipynb).",
        (
            "nbstream.Reply",
            "nbstream.samples.Samples",
            "nbstream.Usage",
            "nbstream.inspection.Inspection",
            "nbstream.export.Code",
            "nbstream.export.CodeKind",
            "nbstream.export.code_for",
            "nbstream.export.add_origins",
        ),
    ),
    Group(
        "prompts",
        "Prompts and tools",
        "Templates with variables, and Python functions that a model may call. See the [notebook on prompts]"
        "(../tutorial/01-prompts.ipynb).",
        (
            "nbstream.Prompt",
            "nbstream.prompts.FilledPrompt",
            "nbstream.prompts.TemplateString",
            "nbstream.prompts.filled_prompt",
            "nbstream.tools.Tool",
        ),
    ),
    Group(
        "batch",
        "Batches",
        "One prompt over the rows of a table. See the [notebook on batches](../tutorial/05-batch.ipynb).",
        (
            "nbstream.batch",
            "nbstream.Store",
            "nbstream.batching.Batch",
            "nbstream.batching.DryRun",
        ),
    ),
    Group(
        "compare",
        "Comparisons, checks and judges",
        "A grid of answers, checked while they stream. See the [notebook on comparisons]"
        "(../tutorial/04-compare.ipynb).",
        (
            "nbstream.compare",
            "nbstream.Comparison",
            "nbstream.Judge",
            "nbstream.PairJudge",
            "nbstream.contains",
            "nbstream.icontains",
            "nbstream.starts_with",
            "nbstream.equals",
            "nbstream.regex",
            "nbstream.is_json",
            "nbstream.contains_json",
            "nbstream.max_chars",
            "nbstream.latency",
        ),
    ),
    Group(
        "recording",
        "Recordings, the log and costs",
        "Recordings of requests, the log of replies, and what they cost. See the [notebook on recordings]"
        "(../tutorial/07-record-and-replay.ipynb).",
        (
            "nbstream.record",
            "nbstream.replay",
            "nbstream.log",
            "nbstream.diff",
            "nbstream.usage",
            "nbstream.reply_log.Log",
            "nbstream.reply_log.LogEntry",
            "nbstream.reply_log.Diff",
        ),
    ),
    Group(
        "serving",
        "Serving, the demo and local models",
        "A chat over HTTP, and models that need no provider. See the [notebook on serving]"
        "(../tutorial/08-serving.ipynb).",
        (
            "nbstream.relay.create_app",
            "nbstream.relay.RelayLimits",
            "nbstream.demo.create_app",
            "nbstream.demo.DemoModel",
            "nbstream.demo.DEMO_MODELS",
            "nbstream.local.LocalModel",
            "nbstream.local.Installed",
            "nbstream.local.MODELS",
            "nbstream.local.DEFAULT_MODEL",
            "nbstream.local.installed",
            "nbstream.local.find",
            "nbstream.local.find_default",
            "nbstream.local.engine_is_installed",
            "nbstream.providers.PROVIDERS",
        ),
    ),
    Group(
        "configuration",
        "Limits and timeouts",
        "Values of the settings in Python. All settings are listed in [Settings](settings.md).",
        ("nbstream.NBStream", "nbstream.Limits", "nbstream.Timeouts", "nbstream.__version__"),
    ),
)


def found(name: str) -> Any:
    """The object that a name with its module stands for."""
    module, _, last = name.rpartition(".")
    return getattr(import_module(module), last)


def missing_names() -> list[str]:
    """The public names that no page of the reference has."""
    documented = {_identity(name) for name in [*_grouped(), *_errors()]}
    return sorted(name for name in _public() if _identity(name) not in documented)


def _grouped() -> Iterator[str]:
    for group in GROUPS:
        yield from group.names


def _errors() -> Iterator[str]:
    yield from (f"nbstream.errors.{name}" for name in errors.__all__)


def _public() -> Iterator[str]:
    for module in PUBLIC_MODULES:
        yield from (f"{module}.{name}" for name in import_module(module).__all__)


def _identity(name: str) -> str:
    """One name for an object that several modules export; a value that is not named itself keeps its own."""
    value = found(name)
    own = getattr(value, "__qualname__", None)
    named = (inspect.isclass(value) or inspect.isroutine(value)) and own
    return f"{value.__module__}.{own}" if named else name.rpartition(".")[2]
