"""The chat widget in a real JupyterLab: typed in, stopped, edited, looked at twice, driven from Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

import ipykernel
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, NotebookPage
from tests.loopback import ByteServer, Hold, RecordedRequest, Step, sse_response

STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

pytestmark = pytest.mark.skipif(
    int(ipykernel.__version__.split(".")[0]) < 7, reason="ipykernel 6 hears a widget only between cells"
)


def answer(request: RecordedRequest) -> list[Step]:
    prompt = request.json["messages"][-1]["content"]
    delta = {"choices": [{"index": 0, "delta": {"content": f"re **{prompt}**"}}]}
    return sse_response([delta, Hold()] if prompt == "hold" else [delta, STOP, "[DONE]"])


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(answer) as running:
        yield running


@pytest.fixture
def notebook(lab: Lab, server: ByteServer, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    name = re.sub(r"\W+", "-", request.node.name) + ".ipynb"
    make = (
        f"from nbstream import Chat, ChatWidget\nw = ChatWidget(Chat('m', base_url='{server.base_url}'))\nw"
    )
    lab.write_notebook([make], name)
    page = lab.open_notebook(name)
    page.start(0)
    page.wait_until_done(0)
    yield page
    page.close()


@pytest.fixture
def widget(notebook: NotebookPage) -> Locator:
    found = notebook.output(0).locator(".nbstream").first
    expect(found.get_by_role("textbox").first).to_be_visible()
    return found


def say(widget: Locator, text: str) -> None:
    box = widget.locator("textarea").last
    box.fill(text)
    box.press("Enter")


def test_what_is_typed_is_answered_and_reaches_python(notebook: NotebookPage, widget: Locator) -> None:
    say(widget, "hello")
    expect(widget.locator("strong", has_text="hello")).to_be_visible()
    expect(widget.get_by_role("button", name="Stop")).to_have_count(0)
    index = notebook.run("print(w.value, len(w.chat.messages))")
    expect(notebook.output(index)).to_have_text(re.compile(r"re \*\*hello\*\* 2"))


def test_keys_stay_in_the_widget(notebook: NotebookPage, widget: Locator) -> None:
    box = widget.locator("textarea").last
    box.press_sequentially("dd aa x")
    box.press("Shift+Enter")
    box.press_sequentially("second line")
    expect(box).to_have_value("dd aa x\nsecond line")
    expect(notebook.cells).to_have_count(1)


def test_stop_keeps_what_has_arrived(widget: Locator, server: ByteServer) -> None:
    say(widget, "hold")
    expect(widget.locator("strong", has_text="hold")).to_be_visible()
    widget.get_by_role("button", name="Stop").click()
    expect(widget).to_contain_text("Stopped")
    assert server.requests[0].wait_disconnect()
    expect(widget.locator("strong", has_text="hold")).to_be_visible()


def test_what_python_says_appears(notebook: NotebookPage, widget: Locator) -> None:
    notebook.run("reply = await w.send_message('from python')")
    expect(widget.locator("strong", has_text="from python")).to_be_visible()


def test_a_second_view_shows_the_same(notebook: NotebookPage, widget: Locator) -> None:
    say(widget, "shared")
    expect(widget.locator("strong", has_text="shared")).to_be_visible()
    index = notebook.run("w")
    expect(notebook.output(index).locator("strong", has_text="shared")).to_be_visible()
    say(notebook.output(index).locator(".nbstream").first, "from the second")
    expect(widget.locator("strong", has_text="from the second")).to_be_visible()


def test_a_script_in_an_answer_stays_text(notebook: NotebookPage, widget: Locator) -> None:
    say(widget, "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>")
    expect(widget.locator("strong").last).to_contain_text("onerror")
    assert notebook.page.evaluate("() => window.pwned") is None
    assert widget.locator("script, img").count() == 0
