"""One prompt over the rows of a table, with a store of the answers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbstream.batching.batch import Batch
    from nbstream.batching.dry_run import DryRun
    from nbstream.batching.store import Store

__all__ = ["Batch", "DryRun", "Store"]

_HOMES = {"Batch": "batch", "DryRun": "dry_run", "Store": "store"}


if not TYPE_CHECKING:  # every chat imports this package, and few send a batch

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"nbstream.batching.{_HOMES[name]}"), name)
