"""Inspection of a reply's stream: its events, their raw chunks and times."""

from nbstream.inspection.inspection import Inspection

__all__ = ["Inspection"]
