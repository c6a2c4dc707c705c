"""An output below a cell that holds text, and is replaced in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.display import display

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

__all__ = ["TextOutput"]


class TextOutput:
    """One output of the running cell; every front end shows it, and the notebook keeps its last text."""

    def __init__(self) -> None:
        self._handle: DisplayHandle | None = None

    def show(self, markdown: str, plain: str) -> None:
        """Display the text; it replaces the earlier one."""
        data = {"text/markdown": markdown, "text/plain": plain}
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)
