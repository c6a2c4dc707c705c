"""The notebooks that use one kernel, as their pages report them: which cells they have, in which order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nbstream.conversation.order import Order

__all__ = ["Documents"]


@dataclass(slots=True)
class _Document:
    """One notebook: who reported it last, and what."""

    page: str
    cells: Sequence[str] = ()


class Documents:
    """The notebooks of one kernel, of which there is usually one.

    Attributes
    ----------
    order : Order
        The order of all their cells.

    Examples
    --------
    >>> documents = Documents()
    >>> documents.report("page 1", ["a", "b"])
    []
    >>> documents.report("page 1", ["b"])
    ['a']
    """

    def __init__(self) -> None:
        self._documents: list[_Document] = []
        self.order = Order()

    def __bool__(self) -> bool:
        return bool(self._documents)

    def report(self, page: str, cells: Sequence[str]) -> list[str]:
        """Take the order of a notebook's cells; return those that were deleted since its last report.

        Parameters
        ----------
        page
            The session of the page that shows the notebook. Another page with the same cells showed the same
            notebook, before the page was loaded again or in another window.
        cells
            The ids of its cells, from top to bottom.
        """
        document = self._of_page(page) or self._with_cells(cells) or self._new(page)
        # A cell that another page has reported may not be known to this one yet.
        before = document.cells if document.page == page else ()
        document.page, document.cells = page, cells
        self.order = Order(each.cells for each in self._documents)
        return [cell for cell in before if cell not in self.order]

    def _of_page(self, page: str) -> _Document | None:
        return next((each for each in self._documents if each.page == page), None)

    def _with_cells(self, cells: Collection[str]) -> _Document | None:
        return next((each for each in self._documents if not set(cells).isdisjoint(each.cells)), None)

    def _new(self, page: str) -> _Document:
        document = _Document(page)
        self._documents.append(document)
        return document
