"""Whether ipykernel receives messages of a view while a cell runs: marks for the tests that need it."""

from __future__ import annotations

import ipykernel
import pytest

hears_in_a_cell = pytest.mark.skipif(
    ipykernel.version_info < (7,), reason="ipykernel 6 hears a view only between cells"
)
hears_in_a_busy_cell = pytest.mark.skipif(
    ipykernel.version_info < (7, 4), reason="needs comm messages in a busy cell"
)
