"""Checks of answers. Those of the text can be certain before the answer ends, which closes its stream."""

from nbstream.comparison.checks.check import Check, Follower, Not
from nbstream.comparison.checks.documents import contains_json, is_json
from nbstream.comparison.checks.figures import cost, latency
from nbstream.comparison.checks.functions import FunctionCheck
from nbstream.comparison.checks.monitor import Monitor, StopWhen
from nbstream.comparison.checks.named import Checks, as_checks, named_check
from nbstream.comparison.checks.outcome import Outcome
from nbstream.comparison.checks.pair_check import PairCheck
from nbstream.comparison.checks.texts import contains, equals, icontains, max_chars, regex, starts_with

__all__ = [
    "Check",
    "Checks",
    "Follower",
    "FunctionCheck",
    "Monitor",
    "Not",
    "Outcome",
    "PairCheck",
    "StopWhen",
    "as_checks",
    "contains",
    "contains_json",
    "cost",
    "equals",
    "icontains",
    "is_json",
    "latency",
    "max_chars",
    "named_check",
    "regex",
    "starts_with",
]
