"""A language model on this machine's CPU: installed by name, served by a child process.

`nbstream.local.models` lists the models, `store` finds installed ones, `install` downloads them, `process`
serves one, and `transport` sends requests to it. Needs the extra ``nbstream[local]``.
"""

from __future__ import annotations

from nbstream.local.models import DEFAULT_MODEL, MODELS, LocalModel
from nbstream.local.store import (
    Installed,
    engine_is_installed,
    find,
    find_default,
    installed,
    recorded_model,
)

__all__ = [
    "DEFAULT_MODEL",
    "MODELS",
    "Installed",
    "LocalModel",
    "engine_is_installed",
    "find",
    "find_default",
    "installed",
    "recorded_model",
]
