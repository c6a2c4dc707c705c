"""Calls of tools in a `%%chat` cell, approved where they are shown, in a real JupyterLab."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import ipykernel
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, NotebookPage
from tests.kernel.driver import REPLY
from tests.loopback import ByteServer, RecordedRequest, Step, sse_response

STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
CALLS_END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}
TOOL = "def rows(table: str, limit: int = 10) -> str:\n    return f'{limit} rows of {table}'"
ARGUMENTS = '{"table": "<img src=x onerror=window.pwned=1>", "limit": 3}'

pytestmark = pytest.mark.skipif(
    ipykernel.version_info < (7,), reason="ipykernel 6 hears a view only between cells"
)


def delta(text: str) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}


def part(arguments: str, **head: object) -> dict[str, object]:
    call = {"index": 0, "function": {"arguments": arguments, **head.pop("function", {})}, **head}  # type: ignore[dict-item]
    return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}]}


def answer(request: RecordedRequest) -> list[Step]:
    results = [m["content"] for m in request.json["messages"] if m["role"] == "tool"]
    if results:
        return sse_response([delta(f"The tool said **{results[0]}**."), STOP, "[DONE]"])
    begin = part("", id="call-1", function={"name": "rows"})
    pieces = [part(ARGUMENTS[at : at + 9]) for at in range(0, len(ARGUMENTS), 9)]
    return sse_response([delta("Let me count."), begin, *pieces, CALLS_END, "[DONE]"])


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(answer) as running:
        yield running


@pytest.fixture
def notebook(lab: Lab, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    name = re.sub(r"\W+", "-", request.node.name) + ".ipynb"
    lab.write_notebook([f"%load_ext nbstream\n{TOOL}"], name)
    page = lab.open_notebook(name)
    page.start(0)
    page.wait_until_done(0)
    yield page
    page.close()


def ask(notebook: NotebookPage, server: ByteServer, options: str = "") -> int:
    """Start a cell and wait until its call asks for approval."""
    index = notebook.add(f"%%chat --base-url {server.base_url} -m m --tools rows {options}\nHow many?")
    notebook.start(index)
    expect(notebook.output(index).get_by_role("group", name="May rows run?")).to_be_visible()
    return index


def say(view: Locator, word: str) -> None:
    view.get_by_role("button", name=word, exact=True).click()


def picture(notebook: NotebookPage, name: str) -> None:
    shots = Path(__file__).parents[2] / "screenshots"
    shots.mkdir(exist_ok=True)
    notebook.page.screenshot(path=shots / f"{name}.png")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_an_approved_call_runs_and_is_saved_with_the_answer(
    lab: Lab, notebook: NotebookPage, server: ByteServer, theme: str
) -> None:
    notebook.set_theme(f"JupyterLab {theme}")
    index = ask(notebook, server)
    view = notebook.output(index)
    expect(view.get_by_role("region", name="Arguments")).to_contain_text('"limit": 3')
    assert len(server.requests) == 1
    picture(notebook, f"tool-asking-{theme.lower()}")
    say(view, "Approve")
    notebook.wait_until_done(index)
    expect(view.locator("strong")).to_contain_text("3 rows of <img")
    expect(view.locator("summary")).to_contain_text("done")
    picture(notebook, f"tool-done-{theme.lower()}")
    notebook.save()
    (output,) = lab.read_notebook(Path(notebook.page.url.split("?")[0]).name).cells[index].outputs
    assert output.data[REPLY]["tools"][0]["state"] == "returned"
    assert output.data["text/plain"].startswith("[rows({")
    notebook.reload()
    expect(view.locator("summary")).to_contain_text("done")
    view.locator("summary").click()
    expect(view.get_by_role("region", name="Result")).to_contain_text("3 rows of")
    assert view.locator("img").count() == 0
    assert notebook.page.evaluate("() => window.pwned") is None


def test_a_refused_call_does_not_run(notebook: NotebookPage, server: ByteServer) -> None:
    index = ask(notebook, server)
    say(notebook.output(index), "Refuse")
    notebook.wait_until_done(index)
    expect(notebook.output(index)).to_contain_text("The user refused this call.")
    expect(notebook.output(index).locator("summary")).to_contain_text("refused")


def test_stop_ends_the_wait(notebook: NotebookPage, server: ByteServer) -> None:
    index = ask(notebook, server)
    notebook.output(index).get_by_role("button", name="Stop").click()
    notebook.wait_until_done(index)
    expect(notebook.output(index).locator("summary")).to_contain_text("no result")
    expect(notebook.output(index)).to_contain_text("Stopped")
    assert len(server.requests) == 1


def test_the_keyboard_is_enough(notebook: NotebookPage, server: ByteServer) -> None:
    index = ask(notebook, server)
    view = notebook.output(index)
    view.locator("summary").focus()
    notebook.page.keyboard.press("Tab")  # the arguments, which can be scrolled
    notebook.page.keyboard.press("Tab")
    expect(view.get_by_role("button", name="Approve")).to_be_focused()
    notebook.page.keyboard.press("Enter")
    notebook.wait_until_done(index)
    expect(view.locator("strong")).to_contain_text("3 rows")
    expect(notebook.cells).to_have_count(index + 1)


def test_another_view_and_a_reload_can_approve_as_well(notebook: NotebookPage, server: ByteServer) -> None:
    if ipykernel.version_info < (7, 4):
        pytest.skip("needs widget state in a busy cell")
    index = ask(notebook, server)
    notebook.save()
    notebook.page.goto(notebook.page.url)
    view = notebook.output(index)
    asks = view.get_by_role("group", name="May rows run?")
    expect(asks).to_be_visible(timeout=60_000)  # JupyterLab starts, and asks for widgets
    say(view, "Approve")
    expect(view.locator("strong")).to_contain_text("3 rows")


def test_a_reply_that_is_a_cells_value_asks_too(notebook: NotebookPage, server: ByteServer) -> None:
    index = notebook.run(
        f"from nbstream import Chat\nChat('m', base_url='{server.base_url}', tools=[rows]).send('How many?')"
    )
    view = notebook.output(index)
    say(view, "Approve")
    expect(view.locator("strong")).to_contain_text("3 rows")
