"""Where the live table of a batch is shown: a widget while its kernel runs, above the text that stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from nbstream.batching.progress_text import ended_text, plain_text, running_text
from nbstream.batching.view.publisher import VERSION
from nbstream.batching.view.shown_batch import ShownBatch
from nbstream.views import host
from nbstream.views.refreshing import Refresher
from nbstream.views.text_output import TextOutput

if TYPE_CHECKING:
    from nbstream.batching.view.widget import BatchWidget

__all__ = ["BATCH_MIMETYPE", "TableShowing"]

BATCH_MIMETYPE = "application/vnd.nbstream.batch+json"
REFRESH_SECONDS, REFRESH_GROWTH = 4.0, 2.0

_VIEW = "application/vnd.jupyter.widget-view+json"
_widgets: dict[str, BatchWidget] = {}
"""By the cells that show them. Each keeps its rows as long as a page can ask for them."""


class TableShowing:
    """A context manager that shows a batch while it runs; it can be entered again.

    Parameters
    ----------
    batch
        The batch.
    """

    def __init__(self, batch: ShownBatch) -> None:
        self._batch = batch
        self._output = TextOutput()
        self._widget: BatchWidget | None = None

    def __enter__(self) -> Self:
        widget = self._opened()
        self._show(widget, running=True)
        # A kernel that dies must not lose the figures.
        self._refresher = refresher = Refresher(
            lambda: self._show(widget, running=True), REFRESH_SECONDS, REFRESH_GROWTH
        )
        self._unsubscribe: Callable[[], None] = self._batch.progress.subscribe(lambda _: refresher.changed())
        return self

    def __exit__(self, *_: object) -> None:
        self._unsubscribe()
        self._refresher.stop()
        widget = self._opened()
        widget.flush()
        self._show(widget, running=False)

    def _opened(self) -> BatchWidget:
        if self._widget is None:
            from nbstream.batching.view.widget import BatchWidget
            from nbstream.views.widget import kernel_id

            _close_earlier()
            self._widget = BatchWidget(self._batch, kernel_id(), host.page())
            _widgets[host.cell_id() or self._widget.id] = self._widget
        return self._widget

    def _show(self, widget: BatchWidget, *, running: bool) -> None:
        progress = self._batch.progress
        text = (running_text if running else ended_text)(progress)
        # Without its kernel, a widget would be an error instead of the text: only the extension draws it
        # once the run has ended, by the id of the batch.
        view = {_VIEW: {"version_major": 2, "version_minor": 1, "model_id": widget.model_id}}
        data: dict[str, Any] = {BATCH_MIMETYPE: {"v": VERSION}} | (view if running else {})
        self._output.show(text, plain_text(text), data, {"nbstream": {"id": widget.id}})


def _close_earlier() -> None:
    """Close the tables of cells that run again or were deleted."""
    for cell in [*host.deleted_cells(), host.cell_id()]:
        earlier = _widgets.pop(cell, None) if cell else None
        if earlier is not None:
            earlier.close()
