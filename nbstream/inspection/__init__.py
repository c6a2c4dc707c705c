"""A look into the stream of a reply: its events, the raw chunks behind them, and when they came."""

from nbstream.inspection.inspection import Inspection

__all__ = ["Inspection"]
