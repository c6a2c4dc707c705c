"""nbstream: talk to a language model from a Jupyter notebook.

``%load_ext nbstream``, then ``%%chat``. From Python: `Chat`.

Names are imported when they are first used (PEP 562), so that ``import nbstream`` and ``%load_ext`` cost
next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nbstream._version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nbstream.chat import Chat
    from nbstream.chat_widget.widget import ChatWidget
    from nbstream.config import NBStream
    from nbstream.errors import NbstreamError
    from nbstream.reply import Reply
    from nbstream.types.limits import Limits, Timeouts
    from nbstream.types.messages import Message
    from nbstream.types.usage import Usage

__all__ = [
    "Chat",
    "ChatWidget",
    "Limits",
    "Message",
    "NBStream",
    "NbstreamError",
    "Reply",
    "Timeouts",
    "Usage",
    "__version__",
]

_HOMES = {
    "Chat": "chat",
    "ChatWidget": "chat_widget",
    "Limits": "types.limits",
    "Message": "types.messages",
    "NBStream": "config",
    "NbstreamError": "errors",
    "Reply": "reply",
    "Timeouts": "types.limits",
    "Usage": "types.usage",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"nbstream.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics: called by ``%load_ext nbstream``."""
    from nbstream.magic import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics out again: called by ``%unload_ext nbstream``."""
    from nbstream.magic import unload

    unload(shell)
