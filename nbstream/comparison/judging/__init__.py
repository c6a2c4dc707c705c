"""Judges: models that rate answers, and how far they can be trusted."""

from nbstream.comparison.judging.agreement import Agreement
from nbstream.comparison.judging.corrected_rate import CorrectedRate, corrected_rate
from nbstream.comparison.judging.judge import Judge
from nbstream.comparison.judging.pair_judge import PairJudge

__all__ = ["Agreement", "CorrectedRate", "Judge", "PairJudge", "corrected_rate"]
