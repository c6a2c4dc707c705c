"""Decides which of several variants is better, from outcomes on the same rows."""

from nbstream.comparison.statistics.evidence import PairedEvidence
from nbstream.comparison.statistics.exact import clopper_pearson
from nbstream.comparison.statistics.interval import Interval, wilson
from nbstream.comparison.statistics.paired_counts import PairedCounts
from nbstream.comparison.statistics.permutation import permutation_test
from nbstream.comparison.statistics.race import Drop, Race

__all__ = [
    "Drop",
    "Interval",
    "PairedCounts",
    "PairedEvidence",
    "Race",
    "clopper_pearson",
    "permutation_test",
    "wilson",
]
