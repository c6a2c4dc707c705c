"""The real weights, where they are; else these tests are skipped, and say why."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from nbstream import Chat
from nbstream.local import DEFAULT_MODEL, Installed, engine_is_installed, installed, process


@pytest.fixture(scope="session")
def weights() -> Installed:
    """The installed model that all tests ask."""
    if not engine_is_installed():
        pytest.skip("xllamacpp is not installed (make local)")
    found = installed().get(DEFAULT_MODEL.name)
    if found is None:
        pytest.skip(f"{DEFAULT_MODEL.name} is not installed (make local)")
    return found


@pytest.fixture
def chat(weights: Installed) -> Callable[..., Chat]:
    """Make a chat with the model, which always says the same."""

    def make(**settings: object) -> Chat:
        return Chat(f"local:{DEFAULT_MODEL.name}", **({"temperature": 0, "seed": 1} | settings))  # type: ignore[arg-type]

    return make


@pytest.fixture
def own_process(weights: Installed, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Requests of this test start another process, which ends with it."""
    monkeypatch.setattr(process, "_processes", {})
    yield
    running = process.running_process(weights)
    if running is not None:
        running.end()
        assert running.wait(30)
