from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.lab import Lab
from tests.kernel.driver import FOREIGN, HERMETIC


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A JupyterLab and a Chromium, shared by all browser tests, without any key of a provider."""
    with pytest.MonkeyPatch.context() as patch:
        import os

        for name in filter(FOREIGN.match, list(os.environ)):
            patch.delenv(name)
        with Lab(HERMETIC) as running:
            yield running
