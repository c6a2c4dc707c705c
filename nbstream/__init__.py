"""nbstream: talk to a language model from a Jupyter notebook.

``%load_ext nbstream``, then ``%%chat``. From Python: `Chat`.

Names are imported when they are first used (PEP 562), so that ``import nbstream`` and ``%load_ext`` are
fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nbstream._version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nbstream import errors as errors
    from nbstream.batching import Store
    from nbstream.batching.batching import batch
    from nbstream.cassettes import record as record
    from nbstream.cassettes import replay as replay
    from nbstream.chat import Chat
    from nbstream.chat_widget.widget import ChatWidget
    from nbstream.comparison.checks import (
        contains,
        contains_json,
        equals,
        icontains,
        is_json,
        latency,
        max_chars,
        regex,
        starts_with,
    )
    from nbstream.comparison.comparing import compare
    from nbstream.comparison.comparison import Comparison
    from nbstream.comparison.judging import Judge, PairJudge
    from nbstream.config import NBStream
    from nbstream.errors import (
        ArgumentError,
        AuthenticationError,
        BatchError,
        BudgetExceededError,
        CassetteMissError,
        ConfigError,
        ConnectError,
        DamagedFileError,
        DamagedTranscriptError,
        ExpectationError,
        FileError,
        MissingPackageError,
        ModelError,
        NbstreamError,
        NotSentWarning,
        ProtocolError,
        RateLimitError,
        RequestError,
        RequestTimeoutError,
        SchemaError,
        ServerError,
        SettingsError,
        StateError,
        StatusError,
        StreamError,
        StreamInterruptedError,
        ToolFailed,
    )
    from nbstream.prompts import Prompt
    from nbstream.reply import Reply
    from nbstream.reply_log import diff as diff
    from nbstream.reply_log import log as log
    from nbstream.types.limits import Limits, Timeouts
    from nbstream.types.messages import Message
    from nbstream.types.usage import Usage
    from nbstream.views.usage_table import usage

__all__ = [
    "ArgumentError",
    "AuthenticationError",
    "BatchError",
    "BudgetExceededError",
    "CassetteMissError",
    "Chat",
    "ChatWidget",
    "Comparison",
    "ConfigError",
    "ConnectError",
    "DamagedFileError",
    "DamagedTranscriptError",
    "ExpectationError",
    "FileError",
    "Judge",
    "Limits",
    "Message",
    "MissingPackageError",
    "ModelError",
    "NBStream",
    "NbstreamError",
    "NotSentWarning",
    "PairJudge",
    "Prompt",
    "ProtocolError",
    "RateLimitError",
    "Reply",
    "RequestError",
    "RequestTimeoutError",
    "SchemaError",
    "ServerError",
    "SettingsError",
    "StateError",
    "StatusError",
    "Store",
    "StreamError",
    "StreamInterruptedError",
    "Timeouts",
    "ToolFailed",
    "Usage",
    "__version__",
    "batch",
    "compare",
    "contains",
    "contains_json",
    "diff",
    "equals",
    "icontains",
    "is_json",
    "latency",
    "log",
    "max_chars",
    "record",
    "regex",
    "replay",
    "starts_with",
    "usage",
]

_HOMES = {
    "ArgumentError": "errors",
    "AuthenticationError": "errors",
    "BatchError": "errors",
    "BudgetExceededError": "errors",
    "CassetteMissError": "errors",
    "Chat": "chat",
    "ChatWidget": "chat_widget",
    "Comparison": "comparison",
    "ConfigError": "errors",
    "ConnectError": "errors",
    "DamagedFileError": "errors",
    "DamagedTranscriptError": "errors",
    "ExpectationError": "errors",
    "FileError": "errors",
    "Judge": "comparison",
    "Limits": "types.limits",
    "Message": "types.messages",
    "MissingPackageError": "errors",
    "ModelError": "errors",
    "NBStream": "config",
    "NbstreamError": "errors",
    "NotSentWarning": "errors",
    "PairJudge": "comparison",
    "Prompt": "prompts",
    "ProtocolError": "errors",
    "RateLimitError": "errors",
    "Reply": "reply",
    "RequestError": "errors",
    "RequestTimeoutError": "errors",
    "SchemaError": "errors",
    "ServerError": "errors",
    "SettingsError": "errors",
    "StateError": "errors",
    "StatusError": "errors",
    "Store": "batching",
    "StreamError": "errors",
    "StreamInterruptedError": "errors",
    "Timeouts": "types.limits",
    "ToolFailed": "errors",
    "Usage": "types.usage",
    "batch": "batching.batching",
    "compare": "comparison",
    "contains": "comparison.checks",
    "contains_json": "comparison.checks",
    "diff": "reply_log",
    "equals": "comparison.checks",
    "icontains": "comparison.checks",
    "is_json": "comparison.checks",
    "latency": "comparison.checks",
    "log": "reply_log",
    "max_chars": "comparison.checks",
    "record": "cassettes",
    "regex": "comparison.checks",
    "replay": "cassettes",
    "starts_with": "comparison.checks",
    "usage": "views.usage_table",
}


def __getattr__(name: str) -> Any:
    if name == "errors":
        return import_module("nbstream.errors")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"nbstream.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, "errors"})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics: called by ``%load_ext nbstream``."""
    from nbstream.magic import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Remove the magics: called by ``%unload_ext nbstream``."""
    from nbstream.magic import unload

    unload(shell)
