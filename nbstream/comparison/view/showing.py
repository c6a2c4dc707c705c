"""Where a comparison is shown: a widget while it streams into a notebook, then the output that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbstream.comparison.view.grid import Grid
from nbstream.comparison.view.saved import bundle
from nbstream.views import host
from nbstream.views.refreshing import Refresher

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from nbstream.comparison.view.widget import ComparisonWidget

__all__ = ["GridShowing"]

REFRESH_SECONDS = 4.0
REFRESH_GROWTH = 2.0

_VIEW = "application/vnd.jupyter.widget-view+json"


class GridShowing:
    """The output of a comparison.

    Parameters
    ----------
    grid
        The comparison.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._execution = host.execution()
        self._mode = "captured" if host.is_captured() else host.detect()
        self._widget: ComparisonWidget | None = None
        self._handle: DisplayHandle | None = None
        self._refresher: Refresher | None = None
        self._written = False

    def is_current(self) -> bool:
        """Whether the running cell has shown the comparison already."""
        return self._execution is not None and self._execution == host.execution()

    def open(self, *, awaited: bool = False) -> None:
        """Show the comparison; what is not live is shown at its end.

        Parameters
        ----------
        awaited
            Whether the running cell waits for the comparison: only then may an unanswered Stop interrupt the
            kernel.
        """
        if self._mode == "live":
            self._open_widget(awaited=awaited)
        elif self._grid.done or not (awaited or self._mode == "terminal"):
            self.finish()

    def finish(self) -> None:
        """Write the output that stays."""
        if self._refresher is not None:
            self._refresher.stop()
        if self._widget is not None:
            self._widget.finish()
        if self._mode != "terminal":
            self._display()
        elif not self._written:
            print(self._grid.summary())  # noqa: T201
        self._written = True

    def _open_widget(self, *, awaited: bool) -> None:
        from nbstream.comparison.view.widget import ComparisonWidget
        from nbstream.views.widget import kernel_id

        self._widget = ComparisonWidget(
            self._grid, kernel_id() if awaited else "", host.place(), self._leave_to_page
        )
        self._display()
        # A kernel that dies in mid-stream must not lose the answers.
        self._refresher = refresher = Refresher(self._display, REFRESH_SECONDS, REFRESH_GROWTH)
        home = self._widget.home
        self._grid.subscribe(lambda _: home.run(refresher.changed))

    def _leave_to_page(self) -> None:
        """A page with our extension writes the output of a comparison that has not ended."""
        if self._refresher is not None:
            self._refresher.stop()

    def _display(self) -> None:
        from IPython.display import display

        data, metadata = self._output()
        if self._handle is None:
            self._handle = display(data, metadata=metadata, raw=True, display_id=True)
        else:
            self._handle.update(data, metadata=metadata, raw=True)

    def _output(self) -> tuple[dict[str, Any], dict[str, Any]]:
        if self._widget is None:
            return bundle(self._grid)
        data, metadata = self._widget.output()
        # The output that stays has no widget: without its kernel, a page would show an error instead of the
        # answers. Our extension still draws the widget while its kernel lives, by the id of the comparison.
        if self._grid.done:
            return data, metadata
        view = {"version_major": 2, "version_minor": 1, "model_id": self._widget.model_id}
        return {_VIEW: view} | data, metadata
