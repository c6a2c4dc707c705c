"""The chat widget in its surroundings: in layouts, narrow and wide, in both themes, used only with the
keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import serious_faults
from tests.browser.chat import ChatPart, answer, run, source
from tests.browser.hearing import hears_in_a_cell
from tests.browser.lab import Lab, NotebookPage
from tests.loopback import ByteServer

OUTSIDE = """root => {
    const { left, right } = root.getBoundingClientRect();
    const parts = [...root.querySelectorAll("button, textarea, input, .nbs-bubble, .nbs-footer")];
    return parts.map(part => [part, part.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.right > right + 1 || box.left < left - 1))
        .map(([part]) => part.className);
}"""

pytestmark = hears_in_a_cell


@pytest.fixture(scope="module")
def server() -> Iterator[ByteServer]:
    with ByteServer(answer) as running:
        yield running


@pytest.fixture(scope="module")
def notebook(lab: Lab) -> Iterator[NotebookPage]:
    page = lab.open_notebook(lab.write_notebook(["1"], "chat-surroundings.ipynb"))
    yield page
    lab.take_back(page)


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until the control of that name has the focus."""
    for _ in range(40):
        if focused(page).count() and focused(page).evaluate("e => e.ariaLabel || e.innerText") == name:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{name} is not reached by {key}")


def test_a_whole_conversation_by_the_keyboard_alone(notebook: NotebookPage, server: ByteServer) -> None:
    page = notebook.page
    chat = run(notebook, notebook.add(source(server.base_url)))
    cells = notebook.cells.count()
    chat.box.focus()
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    expect(chat.turns.locator("strong")).to_have_text("one")
    chat.wait()
    page.keyboard.type("hold")
    page.keyboard.press("Enter")
    expect(chat.button("Stop")).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat.turns.nth(1)).to_contain_text("Stopped")
    tab_to(page, "Model: small-model")
    page.keyboard.press("Enter")
    expect(chat.root.get_by_role("textbox", name="Model name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(chat.button("Model: small-model")).to_be_focused()
    tab_to(page, "Edit message", "Shift+Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    expect(chat.turns.nth(1).locator("strong")).to_have_text("two")
    expect(chat.box).to_be_focused()
    chat.wait()
    tab_to(page, "Regenerate", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(chat.turns.nth(1).get_by_role("group", name="Version 3 of 3")).to_be_visible()
    chat.wait()
    tab_to(page, "Delete turn", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(chat.turns).to_have_count(1)
    expect(chat.box).to_be_focused()
    assert notebook.cells.count() == cells
    page.keyboard.type("a draft")
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    expect(chat.box).to_have_value("a draft")


def test_in_layouts(notebook: NotebookPage, server: ByteServer) -> None:
    show = "import ipywidgets\nbox = ipywidgets.VBox([ipywidgets.Label('Above'), w])\nbox"
    in_box = run(notebook, notebook.add(source(server.base_url, show=show)))
    in_box.ask("in a box")
    expect(in_box.turns.locator("strong")).to_have_text("in a box")
    show = "ipywidgets.Tab([ipywidgets.Label('First'), w], titles=['Other', 'Chat'])"
    index = notebook.add(source(server.base_url, show=show))
    notebook.start(index)
    output = notebook.output(index)
    output.get_by_role("tab", name="Chat").click()
    in_tab = ChatPart(output)
    in_tab.ask("in a tab")
    output.get_by_role("tab", name="Other").click()
    expect(in_tab.root).to_be_hidden()
    notebook.run("reply = await w.send('unseen')")
    output.get_by_role("tab", name="Chat").click()
    expect(in_tab.turns.locator("strong")).to_have_text(["in a tab", "unseen"])
    in_tab.ask("and on")


@pytest.mark.parametrize("width", ["300px", "100%"])
def test_nothing_sticks_out(notebook: NotebookPage, server: ByteServer, width: str) -> None:
    show = f"w.layout.width = '{width}'\nw"
    chat = run(notebook, notebook.add(source(server.base_url, show=show)))
    chat.ask("a long word " + "o" * 200)
    chat.button("Settings").click()
    chat.turns.first.get_by_role("button", name="Edit message").click()
    if width == "300px":
        assert round(chat.root.evaluate("e => e.getBoundingClientRect().width")) == 300
    assert chat.root.evaluate(OUTSIDE) == []


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious(notebook: NotebookPage, server: ByteServer, theme: str) -> None:
    notebook.set_theme(theme)
    page = notebook.page
    chat = run(notebook, notebook.add(source(server.base_url)))
    chat.ask("one")
    chat.say("fail")
    expect(chat.turns.nth(1).get_by_role("region", name="Error")).to_be_visible()
    chat.button("Settings").click()
    chat.turns.first.get_by_role("button", name="Edit message").click()
    assert serious_faults(page, ".nbs-chat") == []
    notebook.restart_kernel()
    expect(notebook.output(notebook.cells.count() - 1)).to_contain_text("saved")
    assert serious_faults(page, ".nbs-chat") == []
