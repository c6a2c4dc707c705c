"""Compares prompts, models and parameters: a grid of answers that are checked as they stream."""

from nbstream.comparison.comparing import compare
from nbstream.comparison.comparison import Comparison
from nbstream.comparison.judging import Judge, PairJudge

__all__ = ["Comparison", "Judge", "PairJudge", "compare"]
