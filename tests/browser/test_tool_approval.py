"""Calls of tools in a `%%chat` cell, approved where they are shown, in a real JupyterLab."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.hearing import hears_in_a_busy_cell, hears_in_a_cell
from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.kernel.driver import REPLY
from tests.loopback import ByteServer, RecordedRequest, Step, in_turn, sse_response
from tests.loopback.chunks import call, delta, end, says

TOOL = "def rows(table: str, limit: int = 10) -> str:\n    return f'{limit} rows of {table}'"
ARGUMENTS = '{"table": "<img src=x onerror=window.pwned=1>", "limit": 3}'
HOSTILE = {
    "table": "a\u200b\U000e0041\u202eb\n" + "\n" * 200 + "drop",
    "limit": 10**18,
    "note": "x" * 9_999 + "end",
}

pytestmark = hears_in_a_cell


def part(arguments: str, **head: object) -> dict[str, object]:
    call = {"index": 0, "function": {"arguments": arguments, **head.pop("function", {})}, **head}  # type: ignore[dict-item]
    return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}]}


def answer(request: RecordedRequest) -> list[Step]:
    results = [m["content"] for m in request.json["messages"] if m["role"] == "tool"]
    if results:
        return says(f"The tool said **{results[0]}**.")
    begin = part("", id="call-1", function={"name": "rows"})
    pieces = [part(ARGUMENTS[at : at + 9]) for at in range(0, len(ARGUMENTS), 9)]
    return sse_response([delta("Let me count."), begin, *pieces, end("tool_calls"), "[DONE]"])


def two_calls() -> list[Step]:
    """An answer that calls the same function twice."""
    head = {"function": {"name": "rows"}}
    return sse_response(
        [
            part('{"table": "a"}', id="c1", **head),
            part('{"table": "b"}', id="c2", **head),
            end("tool_calls"),
            "[DONE]",
        ]
    )


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(answer) as running:
        yield running


@pytest.fixture
def notebook(lab: Lab, name: str) -> Iterator[NotebookPage]:
    """A notebook with a function that can be called."""
    page = lab.open_with_nbstream(name, TOOL)
    yield page
    lab.take_back(page)


def ask(notebook: NotebookPage, server: ByteServer) -> int:
    """Start a cell and wait until its call asks for approval."""
    index = notebook.add(chat_cell(server, "--tools rows", "How many?"))
    notebook.start(index)
    expect(notebook.output(index).get_by_role("group", name="May rows run?")).to_be_visible()
    return index


def say(view: Locator, word: str) -> None:
    view.get_by_role("button", name=word, exact=True).click()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_an_approved_call_runs_and_is_saved_with_the_answer(
    lab: Lab, notebook: NotebookPage, name: str, server: ByteServer, theme: str
) -> None:
    notebook.set_theme(f"JupyterLab {theme}")
    index = ask(notebook, server)
    view = notebook.output(index)
    arguments = view.get_by_role("region", name="Arguments")
    expect(arguments.get_by_role("term")).to_have_text(["table", "limit"])
    expect(arguments.get_by_role("definition")).to_have_text(['"<img src=x onerror=window.pwned=1>"', "3"])
    assert len(server.requests) == 1
    notebook.shoot(f"tool-asking-{theme.lower()}")
    say(view, "Approve")
    notebook.wait_until_done(index)
    expect(view.locator("strong")).to_contain_text("3 rows of <img")
    expect(view.locator("summary")).to_contain_text("done")
    notebook.shoot(f"tool-done-{theme.lower()}")
    notebook.save()
    (output,) = lab.read_notebook(name).cells[index].outputs
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
    expect(view.get_by_role("button", name="Approve")).to_be_enabled()
    notebook.page.keyboard.press("Enter")
    notebook.wait_until_done(index)
    expect(view.locator("strong")).to_contain_text("3 rows")
    expect(notebook.cells).to_have_count(index + 1)


# Presses Approve as soon as it is there, as the second click of an impatient reader does.
IMPATIENT = """() => {
  window.presses = 0;
  new MutationObserver(() => {
    const button = document.querySelector(".nbs-primary[aria-disabled=true]:not([data-pressed])");
    if (!button) return;
    button.dataset.pressed = "";
    for (const kind of ["pointerdown", "pointerup", "click"])
      button.dispatchEvent(new PointerEvent(kind, { bubbles: true }));
    window.presses += 1;
  }).observe(document.body, { childList: true, subtree: true });
}"""


def test_a_press_that_was_under_way_approves_nothing(notebook: NotebookPage) -> None:
    notebook.page.evaluate(IMPATIENT)
    with ByteServer(in_turn(two_calls(), says("Done."))) as server:
        index = ask(notebook, server)
        view = notebook.output(index)
        notebook.page.wait_for_function("window.presses === 1")
        say(view, "Approve")
        expect(view.locator("summary").nth(0)).to_contain_text("done")
        notebook.page.wait_for_function("window.presses === 2")
        expect(view.get_by_role("button", name="Approve")).to_be_enabled()
        expect(view.locator("summary").nth(1)).to_contain_text("asks for approval")
        assert len(server.requests) == 1
        say(view, "Refuse")
        notebook.wait_until_done(index)
    expect(view.locator("summary").nth(1)).to_contain_text("refused")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_nothing_that_is_approved_is_hidden(notebook: NotebookPage, theme: str) -> None:
    notebook.set_theme(f"JupyterLab {theme}")
    notebook.run("def rows(table: str, limit: int, note: str = '') -> str:\n    return 'none'")
    asks = call("rows", json.dumps(HOSTILE))
    with ByteServer(in_turn(sse_response([asks, "[DONE]"]), says("Done."))) as server:
        index = ask(notebook, server)
        view = notebook.output(index)
        table, limit, note = view.get_by_role("definition").all_text_contents()
        notebook.shoot(f"tool-hostile-{theme.lower()}")
        say(view, "Refuse")
        notebook.wait_until_done(index)
    assert table == "a[U+200B][U+E0041][U+202E]b\n[200 blank lines]\ndrop"
    assert limit == "1000000000000000000"
    assert "8,804 of 10,004 characters are not shown" in note
    assert note.endswith('xxxend"')


@hears_in_a_busy_cell
def test_another_view_and_a_reload_can_approve_as_well(notebook: NotebookPage, server: ByteServer) -> None:
    index = ask(notebook, server)
    notebook.save()
    notebook.page.goto(notebook.url)
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
