"""Python functions that a model may call: their schema, their results, the loop of requests."""

from nbstream.tools.function import Tool

__all__ = ["Tool"]
