"""Shows a comparison: a widget while it streams, and the output that a notebook saves."""

from nbstream.comparison.view.showing import GridShowing

__all__ = ["GridShowing"]
