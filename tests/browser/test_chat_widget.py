"""The chat widget in a real JupyterLab: every control of it, with a real endpoint and a real kernel."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import ChatPart, answer, run, source
from tests.browser.hearing import hears_in_a_cell
from tests.browser.lab import Lab, NotebookPage
from tests.loopback import ByteServer

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GIVE = """([box, kind, bytes]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], `${kind}.png`, { type: "image/png" }));
    const how = { bubbles: true, cancelable: true };
    box.dispatchEvent(kind === "paste"
        ? new ClipboardEvent("paste", { ...how, clipboardData: transfer })
        : new DragEvent("drop", { ...how, dataTransfer: transfer }));
}"""

pytestmark = hears_in_a_cell


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(answer) as running:
        yield running


@pytest.fixture(scope="module")
def notebook(lab: Lab) -> Iterator[NotebookPage]:
    """One notebook for all: each test shows a widget of its own in a new cell at the end."""
    page = lab.new_page(permissions=["clipboard-read", "clipboard-write"], accept_downloads=True)
    yield lab.open_notebook(lab.write_notebook(["1"], "chat-widget.ipynb"), page)
    page.context.close()


@pytest.fixture
def page(notebook: NotebookPage) -> Page:
    return notebook.page


@pytest.fixture
def chat(notebook: NotebookPage, server: ByteServer) -> ChatPart:
    return run(notebook, notebook.add(source(server.base_url)))


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def give(chat: ChatPart, kind: str) -> None:
    """Paste or drop an image."""
    chat.root.page.evaluate(GIVE, [chat.box.element_handle(), kind, list(PIXEL)])


def test_what_is_written_is_answered(chat: ChatPart, notebook: NotebookPage) -> None:
    cells = notebook.cells.count()
    chat.box.press_sequentially("dd aa x")
    chat.box.press("Shift+Enter")
    chat.box.press_sequentially("hello")
    expect(chat.box).to_have_value("dd aa x\nhello")
    chat.box.press("Enter")
    expect(chat.box).to_have_value("")
    expect(chat.turns.first.locator("strong")).to_contain_text("hello")
    expect(chat.turns.first).to_contain_text("312 tokens (25 in)")
    expect(chat.turns.first).to_contain_text("to first token")
    chat.box.fill("by the button")
    chat.button("Send").click()
    expect(chat.turns.nth(1).locator("strong")).to_have_text("by the button")
    expect(notebook.cells).to_have_count(cells)
    chat.wait()
    index = notebook.run("print(w.value, len(w.chat.messages))")
    expect(notebook.output(index)).to_have_text(re.compile(r"re \*\*by the button\*\* of 3 4"))
    notebook.run("reply = await w.send('from python')")
    expect(chat.turns.nth(2).locator("strong")).to_have_text("from python")


@pytest.mark.parametrize("how", ["button", "Escape"])
def test_stop_keeps_what_has_arrived(chat: ChatPart, server: ByteServer, how: str) -> None:
    chat.say("hold")
    expect(chat.turns.locator("strong")).to_have_text("hold")
    if how == "button":
        chat.button("Stop").click()
    else:
        chat.box.press("Escape")
    expect(chat.turns).to_contain_text("Stopped")
    assert server.requests[0].wait_disconnect()
    expect(chat.turns.locator("strong")).to_have_text("hold")
    expect(chat.button("Send") if how == "button" else chat.box).to_be_focused()


def test_versions(chat: ChatPart, server: ByteServer) -> None:
    chat.ask("one")
    chat.ask("two")
    first, second = chat.turns.first, chat.turns.nth(1)
    first.get_by_role("button", name="Edit message").click()
    edit = first.get_by_role("textbox", name="Edit message")
    expect(edit).to_be_focused()
    edit.fill("never")
    first.get_by_role("button", name="Cancel").click()
    expect(first).to_contain_text("one")
    first.hover()
    first.get_by_role("button", name="Edit message").click()
    edit.fill("uno")
    first.get_by_role("button", name="Send again").click()
    expect(first.locator("strong")).to_have_text("uno")
    pager = first.get_by_role("group", name=re.compile("Version"))
    expect(pager).to_have_text("2/2")
    expect(second).to_contain_text("An earlier turn changed")
    chat.wait()
    pager.get_by_role("button", name="Previous version").click()
    expect(first.locator("strong")).to_have_text("one")
    pager.get_by_role("button", name="Next version").click()
    expect(first.locator("strong")).to_have_text("uno")
    second.locator(".nbs-stale").get_by_role("button", name="Regenerate").click()
    expect(second).not_to_contain_text("An earlier turn changed")
    chat.wait()
    assert server.requests[-1].json["messages"][0]["content"] == "uno"
    first.get_by_role("button", name="Regenerate").click()
    expect(pager).to_have_text("3/3")


def test_the_last_message_is_edited_with_the_arrow(chat: ChatPart) -> None:
    chat.ask("one")
    chat.box.press("ArrowUp")
    edit = chat.turns.first.get_by_role("textbox", name="Edit message")
    expect(edit).to_have_value("one")
    edit.fill("uno")
    edit.press("Enter")
    expect(chat.turns.first.locator("strong")).to_have_text("uno")
    expect(chat.turns).to_have_count(1)


def test_copies(chat: ChatPart, page: Page) -> None:
    chat.ask("see\n```python\nprint(1)\n```")
    turn = chat.turns.first
    turn.hover()
    turn.get_by_role("button", name="Copy message").click()
    expect(turn.get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(page) == "see\n```python\nprint(1)\n```"
    turn.get_by_role("button", name="Copy as Markdown").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('re **see')")
    turn.locator(".nbs-bubble .nbs-code").hover()
    turn.locator(".nbs-bubble").get_by_role("button", name="Copy", exact=True).click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).trim() === 'print(1)'")
    turn.get_by_title("Show the Markdown source").click()
    expect(turn.locator(".nbs-answer pre.nbs-raw")).to_contain_text("re **see")


def test_delete_clear_and_undo(chat: ChatPart) -> None:
    chat.ask("one")
    chat.ask("two")
    chat.turns.first.get_by_role("button", name="Delete turn").click()
    expect(chat.turns).to_have_count(1)
    expect(chat.box).to_be_focused()
    chat.ask("three")
    chat.button("Undo").click()
    expect(chat.turns).to_have_count(3)
    expect(chat.turns.last).to_contain_text("three")
    chat.button("Clear the chat").click()
    expect(chat.turns).to_have_count(0)
    expect(chat.root).to_contain_text("What would you like to ask?")
    chat.button("Undo").click()
    expect(chat.turns).to_have_count(3)


def test_model_system_prompt_and_parameters(chat: ChatPart, server: ByteServer) -> None:
    chat.button("Model: small-model").click()
    picker = chat.root.get_by_role("dialog", name="Choose the model")
    expect(picker.get_by_role("button", name="small-model", pressed=True)).to_be_visible()
    picker.get_by_role("button", name="large-model").click()
    expect(chat.button("Model: large-model")).to_be_focused()
    chat.button("Settings").click()
    chat.root.get_by_label("System prompt").fill("Be terse.")
    chat.root.get_by_label("Temperature").fill("0.5")
    chat.root.get_by_label("Max tokens").fill("77")
    chat.root.get_by_label("Max tokens").press("Enter")
    chat.button("Settings").click()
    expect(chat.root.get_by_label("System prompt")).to_have_count(0)
    chat.ask("now")
    body = server.requests[-1].json
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("large-model", 0.5, 77)
    assert body["messages"][0] == {"role": "system", "content": "Be terse."}


def test_images_are_pasted_dropped_and_picked(chat: ChatPart, server: ByteServer, tmp_path: Path) -> None:
    images = chat.root.get_by_role("list", name="Attached images").get_by_role("img")
    give(chat, "paste")
    expect(images).to_have_count(1)
    give(chat, "drop")
    expect(images).to_have_count(2)
    (tmp_path / "picked.png").write_bytes(PIXEL)
    (tmp_path / "notes.txt").write_text("no image")
    with chat.root.page.expect_file_chooser() as chosen:
        chat.button("Attach an image").click()
    chosen.value.set_files([tmp_path / "picked.png", tmp_path / "notes.txt"])
    expect(images).to_have_count(3)
    expect(chat.root).to_contain_text("notes.txt cannot be attached")
    chat.button("Remove attachment 2").click()
    expect(images).to_have_count(2)
    chat.ask("look")
    expect(images).to_have_count(0)
    expect(chat.turns.first.get_by_role("img", name=re.compile("Attachment"))).to_have_count(2)
    expect(chat.turns.first.locator("strong")).to_have_text("look with 2 images")
    url = server.requests[-1].json["messages"][0]["content"][1]["image_url"]["url"]
    assert base64.b64decode(url.partition(",")[2]) == PIXEL


def test_an_error_says_what_happened_and_retries(chat: ChatPart, server: ByteServer) -> None:
    chat.say("fail")
    error = chat.turns.first.get_by_role("region", name="Error")
    expect(error).to_contain_text("This prompt was refused.")
    asked = len(server.requests)
    error.get_by_role("button", name="Retry").click()
    expect(chat.turns.first.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    expect(error).to_contain_text("This prompt was refused.")
    assert len(server.requests) == asked + 1
    chat.ask("and on")
    expect(chat.turns.nth(1).locator("strong")).to_have_text("and on")


def test_downloads(chat: ChatPart, page: Page, notebook: NotebookPage, tmp_path: Path) -> None:
    chat.ask("keep me")
    for label, name in (("Markdown, to read", "chat.md"), ("JSON lines, to load again", "chat.jsonl")):
        with page.expect_download() as download:
            chat.button("Download").click()
            chat.button(label).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
    read = (tmp_path / "chat.md").read_text("utf-8")
    assert re.search(
        r"\*\*assistant\*\* \(small-model, \d{4}-\d\d-\d\d .*\)\n\nre \*\*keep me\*\* of 1\n", read
    )
    path = str(tmp_path / "chat.jsonl")
    index = notebook.run(f"print(Chat.load({path!r}).messages[-1]['content'])")
    expect(notebook.output(index)).to_have_text("re **keep me** of 1")


def test_a_script_in_an_answer_stays_text(chat: ChatPart, page: Page) -> None:
    chat.say("<script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>")
    expect(chat.root.locator("strong").last).to_contain_text("onerror")
    assert page.evaluate("() => window.pwned") is None
    assert chat.root.locator("script, img").count() == 0
