"""A key is used and never shown: not in outputs, messages, tracebacks, reprs, logs or saved files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kernel.driver import Execution, Kernel, loaded
from tests.loopback import ByteServer, RecordedRequest, json_response, sse_response

KEY = "sk-canary-0123456789abcdef"
OTHER = "sk-someone-elses-0123456789"
ENDING = {"choices": [{"index": 0, "delta": {"content": "Hello"}, "finish_reason": "stop"}]}


def answer(request: RecordedRequest) -> Any:
    """Echo the key in every way that a careless server has."""
    if request.path.endswith("/models"):
        return json_response(200, {"data": [{"id": "m"}]})
    prompt = request.json["messages"][-1]["content"]
    if prompt == "refuse":
        return json_response(401, {"error": {"message": f"Incorrect API key provided: {KEY} or {OTHER}"}})
    if prompt == "break":
        return sse_response([{"error": {"message": f"key {KEY} expired"}}])
    if prompt == "malformed":
        return sse_response([f"{{{KEY}", ENDING, "[DONE]"])
    return sse_response([ENDING, "[DONE]"])


@pytest.fixture(scope="module")
def server() -> Iterator[ByteServer]:
    with ByteServer(answer) as running:
        yield running


@pytest.fixture(scope="module")
def kernel(server: ByteServer) -> Iterator[Kernel]:
    with loaded({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url}) as running:
        yield running


def assert_silent(cell: Execution) -> None:
    sent = json.dumps([cell.messages, cell.reply], default=str)
    assert KEY not in sent
    assert OTHER not in sent


@pytest.mark.parametrize("cell_id", ["live", None], ids=["live", "headless"])
@pytest.mark.parametrize("prompt", ["Hello", "refuse", "break", "malformed"])
def test_no_message_of_a_cell_holds_the_key(
    kernel: Kernel, server: ByteServer, prompt: str, cell_id: str
) -> None:
    cell = kernel.run(f"%%chat -m m --alone --into r\n{prompt}", cell=cell_id)
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert_silent(cell)
    assert (cell.status == "ok") == (prompt in {"Hello", "malformed"})


@pytest.mark.parametrize("mode", ["Plain", "Context", "Verbose", "Docs", "Minimal"])
def test_no_traceback_holds_the_key(kernel: Kernel, mode: str) -> None:
    kernel.run(f"%xmode {mode}")
    for source in (
        "%%chat -m m --alone\nrefuse",
        "from nbstream import Chat\nawait Chat('m').send('refuse')",
        "async for delta in Chat('m').send('break'):\n    pass",
    ):
        cell = kernel.run(source)
        assert cell.status == "error"
        assert_silent(cell)
    kernel.run("%xmode Context")


@pytest.mark.parametrize(
    "expression",
    [
        "r",
        "repr(r.events)",
        "vars(r.state)",
        "r.error",
        "repr(r.error.__dict__)",
        "Chat('m', api_key=__import__('os').environ['OPENAI_API_KEY'])",
        "__import__('pickle').dumps(r.error)",
        "r.to_dict()",
        "r.showing.snapshot()",
        "get_ipython()._nbstream.session.router",
        "[str(e) for e in r.events]",
    ],
)
def test_no_repr_holds_the_key(kernel: Kernel, expression: str) -> None:
    kernel.run("from nbstream import Chat")
    kernel.run("%%chat -m m --alone --into r\nrefuse")
    cell = kernel.run(expression)
    assert cell.status == "ok", cell.reply
    assert_silent(cell)


def test_no_log_and_no_file_holds_the_key(kernel: Kernel) -> None:
    kernel.run(
        "import logging, io\nheard = io.StringIO()\nlogging.basicConfig(stream=heard, level=0, force=True)"
    )
    for prompt in ("Hello", "refuse", "break"):
        kernel.run(f"%%chat -m m -c logged\n{prompt}")
    assert kernel.value(f"'{KEY[:8]}' in heard.getvalue()") is False
    kernel.run("import os, tempfile\nfolder = tempfile.mkdtemp()\nos.chdir(folder)")
    kernel.run("%chat save talk.jsonl logged")
    assert kernel.value(f"'{KEY[:8]}' in open('talk.jsonl').read()") is False
    assert_silent(kernel.run("%chat status"))
    assert_silent(kernel.run("%config NBStream"))
