"""The outputs that show an answer, so that they can be updated later, whatever front end displays them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from nbstream.record.state import ReplyState

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

__all__ = ["error_is_raised", "note_displayed", "update_displayed"]

_HANDLES: WeakKeyDictionary[ReplyState, list[DisplayHandle]] = WeakKeyDictionary()
_RAISED: WeakKeyDictionary[ReplyState, bool] = WeakKeyDictionary()


def note_displayed(state: ReplyState, handle: DisplayHandle, *, raised: bool = False) -> None:
    """Remember an output that shows the complete answer; `raised` as of `ReplyInfo`."""
    _HANDLES.setdefault(state, []).append(handle)
    _RAISED[state] = raised


def error_is_raised(state: ReplyState) -> bool:
    """Whether the cell that shows the answer also raises its error."""
    return _RAISED.get(state, False)


def update_displayed(state: ReplyState, data: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Replace the content of all outputs that show the answer."""
    for handle in _HANDLES.get(state, ()):
        handle.update(data, metadata=metadata, raw=True)
