"""The code of the front end travels to a page once, and whole to whoever may lack it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kernel.driver import Kernel, loaded

CELLS = {
    "reply": "%%chat -m demo:nbstream-demo-fast --alone\necho: Hi",
    "chat": "from nbstream import ChatWidget\nwidget = ChatWidget()\nwidget",
}
WHOLE = 50_000
REFERENCE = 500


@pytest.fixture(params=CELLS)
def cell(request: pytest.FixtureRequest) -> str:
    return CELLS[request.param]


@pytest.fixture
def fresh() -> Iterator[Kernel]:
    with loaded() as kernel:
        yield kernel


def opened(kernel: Kernel, source: str, **metadata: Any) -> tuple[str, dict[str, Any]]:
    """Comm and state of the widget that a cell shows, as JupyterLab runs it."""
    cell = kernel.run(source, cell="code", **{"deletedCells": [], **metadata})
    assert cell.status == "ok", cell.traceback
    comms = [m for m in cell.of("comm_open") if "_esm" in m["data"]["state"]]
    return comms[-1]["comm_id"], comms[-1]["data"]["state"]


def opened_by_reference(kernel: Kernel, source: str) -> str:
    """Comm of a widget whose code was not sent; what a page has said may be taken in a little later."""
    for _ in range(20):
        comm, state = opened(kernel, source)
        if not is_whole(state):
            return comm
    raise AssertionError("The whole code was sent again and again.")


def is_whole(state: dict[str, Any]) -> bool:
    sizes = len(state["_esm"]), len(state["_css"])
    assert sizes[0] > WHOLE or (sizes[0] < REFERENCE and sizes[1] == 0), sizes
    return sizes[0] > WHOLE


def update_of(kernel: Kernel, comm: str, command: dict[str, Any]) -> dict[str, Any]:
    """The state that a widget sends next, after a message of its front end."""
    message = kernel._client.session.msg("comm_msg", {"comm_id": comm, "data": command})
    kernel._client.shell_channel.send(message)
    while True:
        content = kernel._client.get_iopub_msg(timeout=60)["content"]
        if content.get("comm_id") == comm and content["data"].get("method") == "update":
            return dict(content["data"]["state"])


def test_a_page_that_has_said_that_it_has_the_code_is_sent_a_reference(fresh: Kernel, cell: str) -> None:
    comm, state = opened(fresh, cell)
    assert is_whole(state)
    assert is_whole(opened(fresh, cell)[1])
    fresh.command(comm, "loaded")
    assert opened_by_reference(fresh, cell) != comm


def test_another_page_is_sent_the_whole(fresh: Kernel, cell: str) -> None:
    comm, _ = opened(fresh, cell)
    fresh.command(comm, "loaded")
    fresh._client.session.session = uuid.uuid4().hex
    assert is_whole(opened(fresh, cell)[1])


def test_a_host_whose_pages_are_not_known_is_sent_the_whole(fresh: Kernel, cell: str) -> None:
    comm, _ = opened(fresh, cell, deletedCells=None)
    fresh.command(comm, "loaded")
    assert is_whole(opened(fresh, cell, deletedCells=None)[1])


@pytest.mark.parametrize(
    "command",
    [
        {"method": "request_state"},
        {"method": "custom", "content": {"t": "command", "n": 0, "name": "module"}},
    ],
    ids=["reload", "requested"],
)
def test_who_asks_is_sent_the_whole(fresh: Kernel, cell: str, command: dict[str, Any]) -> None:
    comm, _ = opened(fresh, cell)
    fresh.command(comm, "loaded")
    comm = opened_by_reference(fresh, cell)
    assert is_whole(update_of(fresh, comm, command))
