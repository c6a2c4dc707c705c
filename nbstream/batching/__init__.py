"""One prompt over the rows of a table, with a store of the answers."""

from nbstream.batching.batch import Batch
from nbstream.batching.dry_run import DryRun
from nbstream.batching.store import Store

__all__ = ["Batch", "DryRun", "Store"]
