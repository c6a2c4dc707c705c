"""Hypothesis: a loaded machine is no fault, and CI tries the same examples every time."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("nbstream", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("nbstream")
