"""An output below a cell that holds text, and is replaced in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
        self.show_bundle({"text/markdown": markdown, "text/plain": plain})

    def show_bundle(self, data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
        """Display forms of the text by their MIME types; they replace the earlier ones."""
        if self._handle is None:
            self._handle = display(dict(data), metadata=metadata, raw=True, display_id=True)
        else:
            self._handle.update(dict(data), metadata=metadata, raw=True)
