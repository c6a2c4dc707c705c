"""The outputs that show an answer, so that they can be updated later, whatever front end displays them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from nbstream.record.state import ReplyState
from nbstream.views.place import Place

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

__all__ = ["forget_cleared", "note_displayed", "update_displayed"]


_OUTPUTS: WeakKeyDictionary[ReplyState, list[tuple[DisplayHandle, Place]]] = WeakKeyDictionary()


def note_displayed(state: ReplyState, handle: DisplayHandle, place: Place) -> None:
    """Remember an output that shows the complete answer."""
    _OUTPUTS.setdefault(state, []).append((handle, place))


def forget_cleared(cell: str | None, execution: str | None) -> None:
    """Forget outputs that a cell showed before this execution: the front end has removed them.

    Some front ends would put an update of such an output in the place of what the cell shows now.
    """
    for outputs in _OUTPUTS.values() if cell else ():
        outputs[:] = [
            (h, place) for h, place in outputs if place.cell != cell or place.execution == execution
        ]


def update_displayed(state: ReplyState, data: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Replace the content of all outputs that show the answer."""
    for handle, _ in _OUTPUTS.get(state, ()):
        handle.update(data, metadata=metadata, raw=True)
