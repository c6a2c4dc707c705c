"""The panel that lists the chats of a notebook, in a real JupyterLab."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import serious_faults
from tests.browser.lab import Lab, NotebookPage
from tests.browser.test_notebook7 import wait_for_kernel
from tests.cells import chat_cell
from tests.loopback import ByteServer, RecordedRequest, Step
from tests.loopback.chunks import says

# The names of files of the extension that the page has loaded.
LOADED = """() => performance.getEntriesByType("resource")
    .map(({ name }) => name).filter(name => name.includes("nbstream"))"""


@pytest.fixture
def server() -> Iterator[ByteServer]:
    def answer(request: RecordedRequest) -> list[Step]:
        return says(f"re {request.json['messages'][-1]['content']}")

    with ByteServer(answer) as running:
        yield running


@pytest.fixture
def notebook(lab: Lab, server: ByteServer, name: str) -> Iterator[NotebookPage]:
    """A notebook with questions in its cells 1 to 3, and one to another chat in cell 4, answered."""
    questions = [chat_cell(server, prompt=f"q{number}") for number in (1, 2, 3)]
    lab.write_notebook(["%load_ext nbstream", *questions, chat_cell(server, "-c draft", "other")], name)
    page = lab.open_notebook(name)
    page.run_all()
    expect(page.output(4)).to_contain_text("re other")
    yield page
    page.close()


def open_panel(notebook: NotebookPage) -> Locator:
    notebook.page.wait_for_function("() => window.jupyterapp?.commands.hasCommand('nbstream:show-chats')")
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('nbstream:show-chats')")
    panel = notebook.page.get_by_role("region", name="Chats of the notebook")
    expect(panel).to_be_visible()
    return panel


def chat(panel: Locator, name: str) -> Locator:
    return panel.get_by_role("region", name=f"Chat {name}")


def shoot(notebook: NotebookPage, name: str) -> None:
    notebook.shoot(name)
    notebook.set_theme("JupyterLab Dark")
    notebook.shoot(f"{name}-dark")
    notebook.set_theme("JupyterLab Light")


def test_chats_and_turns_are_listed_in_order(notebook: NotebookPage, server: ByteServer) -> None:
    panel = open_panel(notebook)
    expect(chat(panel, "main").get_by_role("listitem")).to_have_text(["q1", "q2", "q3"])
    expect(chat(panel, "draft").get_by_role("listitem")).to_have_text(["other"])
    expect(panel.get_by_role("button", name="Stale")).to_have_count(0)
    notebook.insert(2, chat_cell(server, prompt="new"))
    notebook.run_again(2, "re new")
    turns = chat(panel, "main").get_by_role("listitem")
    expect(turns).to_have_text(
        ["q1", "new", "q2⚠ stale: an earlier turn changed", "q3⚠ stale: an earlier turn changed"]
    )
    assert serious_faults(notebook.page, ".nbs-chats") == []
    shoot(notebook, "chat-panel")
    notebook.run_again(1, "re q1")
    expect(turns.first).to_have_text("q12 versions")


def test_a_click_goes_to_the_cell(notebook: NotebookPage) -> None:
    panel = open_panel(notebook)
    chat(panel, "main").get_by_role("button", name="q2").click()
    expect(notebook.cells.nth(2)).to_have_class(re.compile("jp-mod-active"))
    chat(panel, "draft").get_by_role("button", name="other").press("Enter")
    notebook.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex === 4"
    )


def test_only_stale_turns_are_run(notebook: NotebookPage, server: ByteServer) -> None:
    panel = open_panel(notebook)
    notebook.insert(2, chat_cell(server, prompt="new"))
    notebook.insert(3, "count = globals().get('count', 0) + 1")
    notebook.run_again(2, "re new")
    asked = len(server.requests)
    panel.get_by_role("button", name="Run 2 Stale Turns").click()
    expect(panel.get_by_role("button", name="Stale")).to_have_count(0)
    expect(panel.get_by_text("stale", exact=False)).to_have_count(0)
    sent = [[m["content"] for m in request.json["messages"]] for request in server.requests[asked:]]
    above = ["q1", "re q1", "new", "re new"]
    assert sent == [[*above, "q2"], [*above, "q2", "re q2", "q3"]]
    shown = notebook.run("print('count' in globals())")
    expect(notebook.output(shown)).to_have_text("False")


def test_keys_open_it_and_reach_its_turns(notebook: NotebookPage) -> None:
    panel = open_panel(notebook)
    expect(chat(panel, "main").get_by_role("listitem")).to_have_count(3)
    notebook.page.keyboard.press("Tab")
    expect(notebook.page.locator(".nbs-chats li button").first).to_be_focused()
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Enter")
    notebook.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex === 2"
    )


def test_without_chats_it_says_what_starts_one(lab: Lab, server: ByteServer, name: str) -> None:
    page = lab.open_with_nbstream(name)
    panel = open_panel(page)
    expect(panel).to_contain_text("No chats in this kernel yet. Run a cell that begins with %%chat")
    shoot(page, "chat-panel-empty")
    page.run_to(chat_cell(server, prompt="first"), "re first")
    expect(chat(panel, "main").get_by_role("listitem")).to_have_text(["first"])
    page.clear_output(1)
    page.restart_kernel()
    expect(panel).to_contain_text("No chats in this kernel yet.")
    page.page.evaluate("() => window.jupyterapp.shell.currentWidget.dispose()")
    expect(panel).to_contain_text("Open a notebook to see its chats.")
    page.close()


def test_notebook_7_has_it_too(lab: Lab, server: ByteServer, name: str) -> None:
    lab.write_notebook(["%load_ext nbstream", chat_cell(server, prompt="q1"), "1 + 1"], name)
    page = lab.new_page()
    page.goto(f"{lab.url}notebooks/{name}?token={lab.token}")
    page.locator(".jp-Notebook .jp-Cell .jp-InputArea-editor").first.click()
    wait_for_kernel(page)
    page.wait_for_function("() => window.jupyterapp?.commands.hasCommand('notebook:run-all-cells')")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    notebook = NotebookPage(page)
    expect(notebook.output(1)).to_contain_text("re q1")
    panel = open_panel(notebook)
    expect(chat(panel, "main").get_by_role("listitem")).to_have_text(["q1"])
    notebook.shoot("chat-panel-in-notebook-7")
    chat(panel, "main").get_by_role("button", name="q1").click()
    expect(notebook.cells.nth(1)).to_have_class(re.compile("jp-mod-active"))
    notebook.close()


def test_it_follows_the_current_notebook(
    lab: Lab, notebook: NotebookPage, server: ByteServer, name: str
) -> None:
    panel = open_panel(notebook)
    other = lab.write_notebook(["%load_ext nbstream", chat_cell(server, prompt="elsewhere")], f"other-{name}")
    notebook.page.evaluate("path => window.jupyterapp.commands.execute('docmanager:open', { path })", other)
    notebook.page.wait_for_function(
        "path => window.jupyterapp.shell.currentWidget?.context?.path === path", arg=other
    )
    notebook.wait_until_ready()
    expect(panel).to_contain_text("No chats in this kernel yet.")
    notebook.run_all()
    expect(chat(panel, "main").get_by_role("listitem")).to_have_text(["elsewhere"])
    expect(chat(panel, "draft")).to_have_count(0)


def test_a_saved_conversation_is_continued_in_a_new_kernel(
    notebook: NotebookPage, server: ByteServer
) -> None:
    notebook.run_to(chat_cell(server, "--alone", "aside"), "re aside")
    notebook.restart_kernel()
    panel = open_panel(notebook)
    saved = panel.get_by_role("region", name="Saved answers")
    expect(saved).to_contain_text("4 saved answers are of an earlier session")
    expect(saved).to_contain_text("Run %load_ext nbstream to continue from them.")
    notebook.start(0)
    notebook.wait_until_done(0)
    shoot(notebook, "chat-panel-saved")
    assert serious_faults(notebook.page, ".nbs-chats") == []
    asked = len(server.requests)
    saved.get_by_role("button", name="Continue the Saved Conversation").click()
    expect(chat(panel, "main").get_by_role("listitem")).to_have_text(["q1", "q2", "q3"])
    expect(chat(panel, "draft").get_by_role("listitem")).to_have_text(["other"])
    expect(saved).to_have_count(0)
    assert len(server.requests) == asked, "no cell was run"
    earlier = notebook.page.locator(".jp-Notebook").get_by_text("From an earlier session")
    expect(earlier).to_have_count(1)  # the answer without a conversation
    notebook.run_again(3, "re q3")
    assert [m["content"] for m in server.requests[-1].json["messages"]] == [
        "q1",
        "re q1",
        "q2",
        "re q2",
        "q3",
    ]
    notebook.insert(1, chat_cell(server, prompt="new"))
    notebook.run_again(1, "re new")
    expect(panel.get_by_role("button", name="Run 3 Stale Turns")).to_be_visible()


def test_nothing_is_loaded_before_it_is_opened(notebook: NotebookPage) -> None:
    before = notebook.page.evaluate(LOADED)
    panel = open_panel(notebook)
    expect(chat(panel, "main")).to_be_visible()
    assert len(notebook.page.evaluate(LOADED)) > len(before)


def test_reading_does_not_change_the_file(lab: Lab, notebook: NotebookPage, name: str) -> None:
    notebook.save()
    before = (lab.root / name).read_bytes()
    panel = open_panel(notebook)
    chat(panel, "main").get_by_role("button", name="q2").click()
    dirty = notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.model.dirty")
    assert dirty is False
    notebook.save()
    assert (lab.root / name).read_bytes() == before
