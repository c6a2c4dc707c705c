from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.kernel.driver import FOREIGN, HERMETIC

# Five seconds, the default, are too few for a kernel that imports on a busy machine.
expect.set_options(timeout=30_000)


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
