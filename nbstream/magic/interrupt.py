"""The error of a cell that was interrupted."""

from __future__ import annotations

__all__ = ["Interrupt"]


class Interrupt(KeyboardInterrupt):
    """An interrupt in one line."""

    def _render_traceback_(self) -> list[str]:
        return [f"KeyboardInterrupt: {self}"]


Interrupt.__name__ = Interrupt.__qualname__ = "KeyboardInterrupt"
