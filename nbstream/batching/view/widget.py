"""The live table of a batch: one widget and one comm for all of its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbstream.batching.progress import BatchEvent
from nbstream.batching.view.commands import BatchCommands
from nbstream.batching.view.pacer import RowPacer
from nbstream.batching.view.publisher import BatchPublisher
from nbstream.batching.view.saved import bundle
from nbstream.batching.view.shown_batch import ShownBatch
from nbstream.views.front_end import FrontEnd
from nbstream.views.kept_widget import KeptWidget
from nbstream.views.place import Place

__all__ = ["BatchWidget"]


class BatchWidget(KeptWidget):
    """The front end's model of one batch.

    Parameters
    ----------
    batch
        The batch.
    kernel_id
        Id of the kernel to interrupt if it does not respond to Stop; empty to never interrupt.
    place
        Where it is displayed.
    keep
        Called once a page writes the output.
    """

    front_end = FrontEnd("batch")

    def __init__(
        self,
        batch: ShownBatch,
        kernel_id: str = "",
        place: Place | None = None,
        keep: Callable[[], None] = lambda: None,
    ) -> None:
        self._batch = batch
        self._publisher = BatchPublisher(batch)
        self._pacer = RowPacer(self._paint)
        commands = BatchCommands(
            batch,
            self._publisher,
            resync=self._send_snapshot,
            seen=self._pacer.seen,
            output=self.output,
            keep=keep,
            release=self.release,
        )
        super().__init__(self._current_snapshot, batch.id, place, kernel_id, commands.handlers)
        self._unsubscribe = batch.progress.subscribe(self._take)

    def output(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Data and metadata of the output as of now."""
        return bundle(self._batch, self._publisher.written)

    def close(self) -> None:
        """Close the widget; the batch continues."""
        if hasattr(self, "_unsubscribe"):  # also called if the widget could not be created
            self._unsubscribe()
        super().close()

    def finish(self) -> None:
        """Send what has not been sent; the output that stays is written again."""
        self._publisher.written += 1
        self._pacer.flush()

    def _current_snapshot(self) -> dict[str, Any]:
        return {"id": self._batch.id, **self._publisher.snapshot()}

    def _take(self, event: BatchEvent) -> None:
        self._publisher.take(event)
        self._pacer.changed()

    def _paint(self) -> tuple[int, bool]:
        message = self._publisher.message()
        if message is not None:
            self.send(message)
        return self._publisher.seq, self._publisher.has_more

    def _send_snapshot(self) -> None:
        self.send({"t": "snapshot", "state": self._current_snapshot()})
