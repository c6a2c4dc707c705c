from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.kept import slow_server
from tests.browser.lab import ACTION_MILLISECONDS, Lab, NotebookPage
from tests.kernel.driver import FOREIGN, HERMETIC
from tests.loopback import ByteServer, Gate

# A busy machine may take longer than Playwright's five seconds to import the SDK for the first answer.
expect.set_options(timeout=ACTION_MILLISECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Mark the notebooks of a test that failed, whose pages no other test may get."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for value in item.funcargs.values():
            if isinstance(value, NotebookPage):
                value.failed = True
    return report


@pytest.fixture(scope="session")
def session_lab() -> Iterator[Lab]:
    """One JupyterLab and one Chromium for all tests, without any key."""
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(FOREIGN.match, list(os.environ)):
            patch.delenv(name)
        with Lab(HERMETIC) as running:
            yield running


@pytest.fixture(scope="module")
def lab(session_lab: Lab) -> Iterator[Lab]:
    """The JupyterLab for the tests of a file; kernels that they started end with the file."""
    yield session_lab
    session_lab.shut_kernels_down()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """The file of the test's own notebook."""
    return re.sub(r"\W+", "-", request.node.name) + ".ipynb"


@pytest.fixture
def notebook(lab: Lab, name: str) -> Iterator[NotebookPage]:
    """The test's own notebook, whose cell 0 has loaded nbstream."""
    page = lab.open_with_nbstream(name)
    yield page
    lab.take_back(page)


@pytest.fixture
def gate() -> Gate:
    """Once open, it completes the answer of `server` end."""
    return Gate()


@pytest.fixture
def server(gate: Gate) -> Iterator[ByteServer]:
    """Sends the beginning of an answer, and the rest once the gate is open."""
    with slow_server(gate) as running:
        yield running
