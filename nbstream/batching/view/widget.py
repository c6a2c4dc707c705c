"""The live table of a batch: one widget and one comm for all of its rows."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import traitlets

from nbstream.batching.progress import BatchEvent
from nbstream.batching.view.commands import BatchCommands
from nbstream.batching.view.pacer import RowPacer
from nbstream.batching.view.publisher import BatchPublisher
from nbstream.batching.view.shown_batch import ShownBatch
from nbstream.views.front_end import FrontEnd, FrontEndWidget

__all__ = ["BatchWidget"]


class BatchWidget(FrontEndWidget):
    """The front end's model of one batch.

    Parameters
    ----------
    batch
        The batch.
    kernel_id
        Id of the kernel to interrupt if it does not respond to Stop; empty to never interrupt.
    page
        The page that displays it.
    """

    front_end = FrontEnd("batch")
    snapshot = traitlets.Dict().tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)
    layout = None  # not a second widget, whose comm would never be closed

    def __init__(self, batch: ShownBatch, kernel_id: str = "", page: str | None = None) -> None:
        self.id = f"b-{uuid4().hex[:16]}"
        self._publisher = BatchPublisher(batch)
        self._pacer = RowPacer(self._paint)
        commands = BatchCommands(batch, self._publisher, self._send_snapshot, self._pacer.seen)
        state = {"snapshot": self._current_snapshot(), "kernel_id": kernel_id}
        super().__init__(page=page, handlers=commands.handlers, **state)
        self._unsubscribe = batch.progress.subscribe(self._take)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """State for a front end that asks; the snapshot is made now, so that it is never stale."""
        self._trait_values["snapshot"] = self._current_snapshot()
        return super().get_state(key, drop_defaults)

    def close(self) -> None:
        """Close the widget; the batch continues."""
        if hasattr(self, "_unsubscribe"):  # also called if the widget could not be created
            self._unsubscribe()
        super().close()

    def flush(self) -> None:
        """Send what has not been sent."""
        self._pacer.flush()

    def _current_snapshot(self) -> dict[str, Any]:
        return {"id": self.id, **self._publisher.snapshot()}

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
