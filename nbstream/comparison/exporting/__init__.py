"""Comparisons in the formats of other tools: promptfoo and Inspect."""

from nbstream.comparison.exporting.inspect_log import inspect_logs
from nbstream.comparison.exporting.promptfoo import promptfoo_yaml

__all__ = ["inspect_logs", "promptfoo_yaml"]
