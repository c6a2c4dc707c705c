"""Where the live table of a batch is shown: a widget while its kernel runs, and the text that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from nbstream.batching.view.shown_batch import ShownBatch
from nbstream.views import host
from nbstream.views.refreshing import Refresher
from nbstream.views.text_output import TextOutput

if TYPE_CHECKING:
    from nbstream.batching.view.widget import BatchWidget

__all__ = ["TableShowing"]

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
        self._widget: BatchWidget | None = None
        self._output = TextOutput()
        self._refresher: Refresher | None = None

    def __enter__(self) -> Self:
        self._display()
        # A kernel that dies must not lose the figures.
        refresher = self._refresher = Refresher(self._display, REFRESH_SECONDS, REFRESH_GROWTH)
        self._unsubscribe = self._batch.progress.subscribe(lambda _: refresher.changed())
        return self

    def __exit__(self, *_: object) -> None:
        self._unsubscribe()
        self._leave_to_page()
        self._opened().finish()
        self._display()

    def _leave_to_page(self) -> None:
        """A page with our extension writes the output of a batch that has not ended."""
        if self._refresher is not None:
            self._refresher.stop()

    def _opened(self) -> BatchWidget:
        if self._widget is None:
            from nbstream.batching.view.widget import BatchWidget
            from nbstream.views.widget import kernel_id

            _close_earlier()
            self._widget = BatchWidget(self._batch, kernel_id(), host.place(), self._leave_to_page)
            _widgets[host.cell_id() or self._batch.id] = self._widget
        return self._widget

    def _display(self) -> None:
        widget = self._opened()
        data, metadata = widget.output()
        if self._batch.progress.phase != "ended":
            # Without its kernel, a page would show an error instead of the text: later only our extension
            # draws the table, by the id of the batch.
            view = {"version_major": 2, "version_minor": 1, "model_id": widget.model_id}
            data = {_VIEW: view} | data
        self._output.show_bundle(data, metadata)


def _close_earlier() -> None:
    """Close the tables of cells that run again or were deleted."""
    for cell in [*host.deleted_cells(), host.cell_id()]:
        earlier = _widgets.pop(cell, None) if cell else None
        if earlier is not None:
            earlier.close()
