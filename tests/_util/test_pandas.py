"""Every table says what to install, and what works without it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

import nbstream
from nbstream.errors import MissingPackageError
from nbstream.types.logprobs import Logprobs

TABLES: dict[str, Callable[[], Any]] = {
    "log": lambda: nbstream.log().to_frame(),
    "probabilities": lambda: Logprobs([]).to_frame(),
    "usage": lambda: nbstream.usage().to_frame(),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_without_pandas_is_an_error_that_names_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPackageError, match="pip install pandas"):
        TABLES[name]()
