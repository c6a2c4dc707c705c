"""The outputs that show an answer, so that they can be updated later, whatever front end displays them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from nbstream.recording.state import ReplyState
from nbstream.views.place import Place

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

__all__ = ["error_is_raised", "forget_cleared", "note_displayed", "update_displayed"]

_OUTPUTS: WeakKeyDictionary[ReplyState, list[tuple[DisplayHandle, Place | None]]] = WeakKeyDictionary()
_RAISED: WeakKeyDictionary[ReplyState, bool] = WeakKeyDictionary()


def note_displayed(
    state: ReplyState, handle: DisplayHandle, place: Place | None = None, *, raised: bool = False
) -> None:
    """Remember an output that shows the complete answer; `raised` as of `ReplyInfo`."""
    _OUTPUTS.setdefault(state, []).append((handle, place))
    _RAISED[state] = raised


def forget_cleared(cell: str | None, execution: str | None) -> None:
    """Forget outputs that a cell showed before this execution: the front end has removed them.

    Some front ends would show an update of such an output instead of the current output. The error that the
    cell raised is removed with the output: the answer shows it if its version is chosen again.
    """
    for state, outputs in _OUTPUTS.items() if cell else ():
        kept = [
            (handle, place)
            for handle, place in outputs
            if place is None or place.cell != cell or place.execution == execution
        ]
        if len(kept) < len(outputs):
            _RAISED.pop(state, None)
        outputs[:] = kept


def error_is_raised(state: ReplyState) -> bool:
    """Whether the cell that shows the answer also raises its error."""
    return _RAISED.get(state, False)


def update_displayed(state: ReplyState, data: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Replace the content of all outputs that show the answer."""
    for handle, _ in _OUTPUTS.get(state, ()):
        handle.update(data, metadata=metadata, raw=True)
