"""The pytest plugin: tests replay recordings.

::

    @pytest.mark.nbstream
    async def test_summary():
        assert "Oslo" in (await Chat("gpt-5-mini").send("…")).text

A test with the marker replays its own recording, at once; ``pytest --nbstream-mode=auto`` records what is
missing. pytest loads this module at every start, so it imports nothing of nbstream until a test needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx2

    from nbstream.cassettes import Cassette

__all__ = ["nbstream_async_http", "nbstream_cassette", "nbstream_http"]

MARKER = "nbstream(file=None, *, mode=None, pace=0): answer the requests of the test from a recording"
MODES = ("auto", "record", "replay", "off")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--nbstream-mode`` and the setting ``nbstream_mode``."""
    group = parser.getgroup("nbstream", "recordings of models")
    group.addoption(
        "--nbstream-mode",
        choices=MODES,
        default=None,
        help="replay recordings (the default), record them again, auto: record what is missing, off: neither",
    )
    parser.addini("nbstream_mode", "mode of recordings if the command line names none", default="replay")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def nbstream_cassette(request: pytest.FixtureRequest) -> Iterator[Cassette]:
    """The recording of the test: one file for each test, or the one that the marker names.

    The file is ``cassettes/MODULE/TEST.jsonl`` in the folder of the test. A file that the marker names is
    relative to that folder.
    """
    from nbstream.cassettes import cassette

    marker = request.node.get_closest_marker("nbstream")
    options: dict[str, Any] = dict(marker.kwargs) if marker is not None else {}
    named = marker.args[0] if marker is not None and marker.args else options.pop("file", None)
    mode = options.pop("mode", None) or request.config.getoption("--nbstream-mode")
    mode = mode or request.config.getini("nbstream_mode")
    folder = request.node.path.parent
    file = folder / named if named is not None else _own_file(folder, request.node)
    if mode == "replay" and not file.exists():
        pytest.fail(
            f"There is no recording {_shown(file)}. Record it: pytest --nbstream-mode=auto", pytrace=False
        )
    with cassette(file, mode, pace=options.pop("pace", 0), **options) as tape:
        yield tape


@pytest.fixture(autouse=True)
def _nbstream_marked(request: pytest.FixtureRequest) -> None:
    """Use the recording of a test that has the marker."""
    if request.node.get_closest_marker("nbstream") is not None:
        request.getfixturevalue("nbstream_cassette")


@pytest.fixture
def nbstream_http(nbstream_cassette: Cassette) -> Iterator[httpx2.Client]:  # noqa: ARG001  in use
    """An HTTP client that uses the recording: ``OpenAI(http_client=nbstream_http)``."""
    import httpx2

    from nbstream.cassettes import SyncCassetteTransport

    with httpx2.Client(transport=SyncCassetteTransport()) as client:
        yield client


@pytest.fixture
def nbstream_async_http(nbstream_cassette: Cassette) -> httpx2.AsyncClient:  # noqa: ARG001  in use
    """The same for ``AsyncOpenAI(http_client=nbstream_async_http)``, which closes it."""
    import httpx2

    from nbstream.cassettes import CassetteTransport

    return httpx2.AsyncClient(transport=CassetteTransport())


def _own_file(folder: Path, node: pytest.Item) -> Path:
    """The file of one test; a parametrised test has one for each set of parameters."""
    below = node.nodeid.partition("::")[2] or node.name
    return (
        folder / "cassettes" / node.path.stem / f"{re.sub(r'[^A-Za-z0-9_.=-]+', '-', below).strip('-')}.jsonl"
    )


def _shown(file: Path) -> str:
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_relative_to(here) else str(file)
