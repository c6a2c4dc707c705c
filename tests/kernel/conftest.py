from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.driver import Kernel, loaded


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/kernel/" in item.nodeid:
            item.add_marker(pytest.mark.kernel)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    """A kernel with nbstream loaded, shared by the tests of one file."""
    with loaded() as running:
        yield running
