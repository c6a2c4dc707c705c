"""The output that a notebook saves of a batch: text, and the id by which the extension draws its table."""

from __future__ import annotations

from typing import Any

from nbstream.batching.progress_text import ended_text, plain_text, running_text
from nbstream.batching.view.shown_batch import ShownBatch

__all__ = ["BATCH_MIMETYPE", "bundle"]

BATCH_MIMETYPE = "application/vnd.nbstream.batch+json"
VERSION = 1


def bundle(batch: ShownBatch, written: int = 0) -> tuple[dict[str, Any], dict[str, Any]]:
    """Data and metadata of the output as of now.

    Parameters
    ----------
    batch
        The batch. One that has not ended is marked as unfinished.
    written
        How often the output of the ended batch was written.
    """
    progress = batch.progress
    has_ended = progress.phase == "ended"
    text = (ended_text if has_ended else running_text)(progress)
    data = {
        BATCH_MIMETYPE: {"v": VERSION, **({} if has_ended else {"unfinished": True})},
        "text/markdown": text,
        "text/plain": plain_text(text),
    }
    return data, {"nbstream": {"id": batch.id, **({"written": written} if written else {})}}
