"""What a front end may ask its kernel for besides state: modules that it does not always need."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest

from tests.kernel.driver import SECONDS, Kernel

CELLS = {
    "reply": "%%chat -m demo:nbstream-demo-fast --alone\necho: Hi",
    "chat": "from nbstream import ChatWidget\nwidget = ChatWidget()\nwidget",
}


def comm_of(kernel: Kernel, source: str) -> str:
    """The comm of the widget that a cell shows."""
    cell = kernel.run(source, cell="assets")
    assert cell.status == "ok", cell.traceback
    return [m["comm_id"] for m in cell.of("comm_open") if "snapshot" in m["data"].get("state", {})][-1]


def next_custom(kernel: Kernel, comm: str) -> tuple[dict[str, Any], list[bytes]]:
    """The next custom message of a widget, and its buffers."""
    while True:
        message = kernel._client.get_iopub_msg(timeout=SECONDS)
        content = message["content"]
        if content.get("comm_id") == comm and content["data"].get("method") == "custom":
            return content["data"]["content"], [bytes(buffer) for buffer in message["buffers"]]


@pytest.fixture(scope="module", params=CELLS)
def comm(kernel: Kernel, request: pytest.FixtureRequest) -> str:
    return comm_of(kernel, CELLS[request.param])


def test_the_typesetter_is_sent_as_packed_bytes(kernel: Kernel, comm: str) -> None:
    number = kernel.command(comm, "asset", asset="math")
    answer, (packed,) = next_custom(kernel, comm)
    assert answer == {"t": "result", "n": number, "name": "asset", "data": {}}
    assert b"export{" in gzip.decompress(packed)


def test_it_is_sent_as_text_where_bytes_get_lost(kernel: Kernel, comm: str) -> None:
    kernel.command(comm, "asset", asset="math", **{"as": "base64"})
    answer, buffers = next_custom(kernel, comm)
    assert buffers == []
    assert b"export{" in gzip.decompress(base64.b64decode(answer["data"]["base64"]))


def test_so_is_the_inspector(kernel: Kernel, comm: str) -> None:
    kernel.command(comm, "asset", asset="inspector")
    answer, (packed,) = next_custom(kernel, comm)
    assert answer["data"] == {}
    assert b"mountInspector" in gzip.decompress(packed)


@pytest.mark.parametrize("name", ["../widget", "/etc/passwd", "", None, 5, ["math"], {"math": 1}])
def test_nothing_else_is_sent(kernel: Kernel, comm: str, name: object) -> None:
    kernel.command(comm, "asset", asset=name)
    answer, buffers = next_custom(kernel, comm)
    assert answer["t"] == "refused"
    assert buffers == []
