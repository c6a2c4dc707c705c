"""The chat widget in a real marimo, which runs anywidgets without ipywidgets' front end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab
from tests.kernel.adding import ADD
from tests.kernel.driver import FOREIGN, HERMETIC
from tests.loopback import ByteServer, Hold, RecordedRequest, Step, sse_response
from tests.loopback.chunks import delta, says

START_SECONDS = 60
NOTEBOOK = """
import marimo

app = marimo.App()


@app.cell
def _():
    from nbstream import Chat, ChatWidget

    def add(a: int, b: int) -> int:
        return a + b

    chat = Chat("m", base_url={url!r}, tools=[add])
    widget = ChatWidget(chat)
    widget
    return (chat,)


@app.cell
async def _(chat):
    reply = await chat.send("alone", alone=True)
    reply
    return
"""


def answer(request: RecordedRequest) -> list[Step]:
    last = request.json["messages"][-1]
    if last["content"] == "add":
        return sse_response([ADD, "[DONE]"])
    said = f"re **{last['content']}** and $x^2$"
    return sse_response([delta(said), Hold()]) if last["content"] == "hold" else says(said)


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(answer) as running:
        yield running


@pytest.fixture
def widget(lab: Lab, server: ByteServer, tmp_path: Path) -> Iterator[Locator]:
    """The widget in the page of an app that marimo serves."""
    notebook = tmp_path / "notebook.py"
    notebook.write_text(NOTEBOOK.format(url=server.base_url))
    with marimo(notebook) as url:
        page = lab.new_page()
        page.goto(url)
        widget = page.locator(".nbstream.nbs-chat")
        expect(widget.get_by_role("textbox")).to_be_visible(timeout=START_SECONDS * 1000)
        yield widget
        page.context.close()


@contextmanager
def marimo(notebook: Path) -> Iterator[str]:
    """Serve a notebook as an app, and give its address."""
    port = free_port()
    command = [sys.executable, "-m", "marimo", "run", str(notebook)]
    command += ["--headless", "--no-token", "--host=127.0.0.1", f"--port={port}"]
    own = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
    env = own | HERMETIC | {"XDG_CONFIG_HOME": str(notebook.parent), "XDG_STATE_HOME": str(notebook.parent)}
    log = notebook.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output)
    try:
        wait_for(port, process, log)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"marimo did not start:\n{log.read_text(errors='replace')}")


def say(widget: Locator, text: str) -> None:
    box = widget.get_by_role("textbox")
    box.fill(text)
    box.press("Enter")


def test_a_reply_is_shown_as_markdown(widget: Locator) -> None:
    shown = widget.page.locator("strong", has_text="alone")
    expect(shown).to_be_visible()
    assert "<Reply" not in widget.page.locator("body").inner_text()


def test_what_is_typed_is_answered(widget: Locator) -> None:
    say(widget, "hello")
    expect(widget.locator("strong")).to_have_text("hello")
    expect(widget.locator("math")).to_have_count(1)  # its code came over the comm
    expect(widget.get_by_role("button", name="Stop")).to_have_count(0)


def test_an_answer_is_shown_while_it_streams_and_can_be_stopped(widget: Locator, server: ByteServer) -> None:
    say(widget, "hold")
    expect(widget.locator("strong")).to_have_text("hold")
    widget.get_by_role("button", name="Stop").click()
    expect(widget).to_contain_text("Stopped")
    assert server.requests[-1].wait_disconnect()


def test_a_call_of_a_tool_is_approved(widget: Locator) -> None:
    say(widget, "add")
    widget.get_by_role("button", name="Approve").click()
    expect(widget.locator("strong")).to_have_text("3")
