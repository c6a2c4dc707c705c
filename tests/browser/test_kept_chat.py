"""What a notebook keeps of a chat widget: after a reload and a restart, and without a kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from playwright.sync_api import Locator, expect

from tests.browser.chat import ChatPart, answer, run, source
from tests.browser.hearing import hears_in_a_cell
from tests.browser.lab import Lab, NotebookPage
from tests.loopback import ByteServer

CHAT = "application/vnd.nbstream.chat+json"
WIDGET = "application/vnd.jupyter.widget-view+json"

pytestmark = hears_in_a_cell


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(answer) as running:
        yield running


@pytest.fixture
def notebook(lab: Lab, server: ByteServer, name: str) -> Iterator[NotebookPage]:
    lab.write_notebook([source(server.base_url)], name)
    page = lab.open_notebook(name)
    yield page
    lab.take_back(page)


def saved_output(lab: Lab, notebook: NotebookPage, name: str) -> NotebookNode:
    notebook.save()
    (output,) = lab.read_notebook(name).cells[0].outputs
    return output


def contents(output: NotebookNode) -> list[str]:
    return [message["content"] for message in output.data[CHAT]["messages"]]


def saved_view(notebook: NotebookPage) -> Locator:
    """The first cell's chat, once it is drawn from the saved output."""
    view = notebook.output(0).locator(".nbs-chat")
    expect(view.get_by_text("saved", exact=True)).to_be_visible()
    expect(view.get_by_role("textbox")).to_have_count(0)
    return view


def offer(chat: ChatPart) -> Locator:
    return chat.root.get_by_role("region", name="Earlier conversation")


def test_the_output_follows_the_chat_and_the_view_stays(lab: Lab, notebook: NotebookPage, name: str) -> None:
    chat = run(notebook, 0)
    chat.root.evaluate("element => { element.dataset.mark = 'same' }")
    chat.ask("one")
    chat.box.fill("a draft")
    notebook.run("reply = await w.send('two')")
    chat.wait()
    notebook.page.wait_for_function(
        """() => window.jupyterapp.shell.currentWidget.content.model.cells.get(0).outputs.get(0)
            .data["text/markdown"].includes("two")"""
    )
    expect(chat.box).to_have_value("a draft")
    expect(notebook.output(0).locator("[data-mark=same]")).to_be_visible()
    output = saved_output(lab, notebook, name)
    assert list(output.data) == [WIDGET, CHAT, "text/markdown", "text/plain"]
    assert contents(output) == ["one", "re **one** of 1", "two", "re **two** of 3"]
    assert "**assistant**\n\nre **two** of 3" in output.data["text/markdown"]
    assert "widgets" not in lab.read_notebook(name).metadata
    notebook.reload()
    chat = ChatPart(notebook.output(0))
    chat.button("Model: small-model").click()
    expect(chat.button("large-model")).to_be_visible()
    expect(notebook.page.locator(".jp-mod-dirty")).to_have_count(0)


def test_a_restart_shows_what_was_kept_and_the_cell_takes_it_up(
    lab: Lab, notebook: NotebookPage, name: str, server: ByteServer
) -> None:
    chat = run(notebook, 0)
    chat.ask("one")
    chat.ask("two")
    chat.turns.first.get_by_role("button", name="Regenerate").click()
    expect(chat.turns.first.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    chat.wait()
    notebook.restart_kernel()
    view = saved_view(notebook)
    expect(view.locator("strong")).to_have_text(["one", "two"])
    pager = view.get_by_role("group", name=re.compile("Version"))
    pager.get_by_role("button", name="Previous version").click()
    expect(pager).to_have_text("1/2")
    expect(view.get_by_role("button", name="Regenerate")).to_have_count(0)
    expect(view.get_by_role("button", name="Copy as Markdown")).to_have_count(2)
    view.get_by_role("button", name="Run the cell").click()
    chat = ChatPart(notebook.output(0))
    expect(offer(chat)).to_contain_text("4 messages")
    expect(chat.turns).to_have_count(0)
    assert saved_output(lab, notebook, name).metadata["nbstream"]["earlier"]["messages"] == 4
    chat.button("Load it").click()
    expect(chat.turns.locator("strong")).to_have_text(["one", "two"])
    expect(offer(chat)).to_have_count(0)
    chat.ask("three")
    said = [message["content"] for message in server.requests[-1].json["messages"]]
    assert said == ["one", "re **one** of 1", "two", "re **two** of 3", "three"]
    output = saved_output(lab, notebook, name)
    assert contents(output)[-2:] == ["three", "re **three** of 5"]
    assert "earlier" not in output.metadata["nbstream"]


def test_the_chosen_model_and_the_settings_outlive_the_kernel(
    notebook: NotebookPage, server: ByteServer
) -> None:
    chat = run(notebook, 0)
    chat.button("Model: small-model").click()
    chat.root.get_by_role("textbox", name="Model name").fill("large")
    expect(chat.button("large-model")).to_be_visible()
    notebook.page.keyboard.press("Enter")
    expect(chat.button("Model: large-model")).to_be_visible()
    chat.button("Settings").click()
    chat.root.get_by_label("Seed").fill("7")
    notebook.page.keyboard.press("Escape")
    expect(chat.root.get_by_label("Seed")).to_have_count(0)
    chat.ask("one")
    notebook.restart_kernel()
    saved_view(notebook).get_by_role("button", name="Run the cell").click()
    chat = ChatPart(notebook.output(0))
    chat.button("Load it").click()
    expect(chat.button("Model: large-model")).to_be_visible()
    chat.ask("two")
    assert server.requests[-1].json.items() >= {"model": "large-model", "seed": 7}.items()


def test_an_answer_is_inspected_in_its_turn(notebook: NotebookPage) -> None:
    chat = run(notebook, 0)
    chat.ask("one")
    chat.ask("two")
    chat.turns.last.get_by_role("button", name="Inspect the stream").click()
    inspector = chat.root.get_by_role("region", name="Stream inspector")
    expect(inspector).to_contain_text("small-model")
    expect(chat.turns.last.get_by_role("region", name="Stream inspector")).to_have_count(1)
    expect(chat.turns.first.get_by_role("region", name="Stream inspector")).to_have_count(0)
    chat.turns.last.get_by_role("button", name="Regenerate").click()
    expect(chat.turns.last.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    expect(inspector).to_have_count(0)


def test_without_a_kernel_it_is_read_and_without_an_answer_it_stays(
    lab: Lab, notebook: NotebookPage, name: str
) -> None:
    run(notebook, 0).ask("one")
    notebook.save()
    notebook.restart_kernel()
    notebook.reload()
    expect(saved_view(notebook).locator("strong")).to_have_text("one")
    chat = run(notebook, 0)
    chat.ask("new")
    expect(offer(chat)).to_be_visible()
    assert "earlier" in saved_output(lab, notebook, name).metadata["nbstream"]
    notebook.reload()
    chat = ChatPart(notebook.output(0))
    expect(chat.turns.locator("strong")).to_have_text("new")
    offer(chat).get_by_role("button", name="Dismiss").click()
    expect(offer(chat)).to_have_count(0)
    assert "earlier" not in saved_output(lab, notebook, name).metadata["nbstream"]
    notebook.shut_kernel_down()
    view = saved_view(notebook)
    expect(view.locator("strong")).to_have_text("new")
    expect(view).to_contain_text("Start a kernel")
    expect(view.get_by_role("button", name="Run the cell")).to_have_count(0)


def test_two_views_and_a_reload_show_the_same(lab: Lab, notebook: NotebookPage, name: str) -> None:
    chat = run(notebook, 0)
    chat.say("hold")
    second = ChatPart(notebook.open_output_view(0))
    expect(second.turns.locator("strong")).to_have_text("hold")
    second.button("Stop").click()
    for view in (chat, second):
        expect(view.turns).to_contain_text("Stopped")
    second.ask("from the second")
    expect(chat.turns.nth(1).locator("strong")).to_have_text("from the second")
    chat.say("hold")
    expect(chat.turns.nth(2).locator("strong")).to_have_text("hold")
    notebook.save()
    notebook.close()
    notebook = lab.open_notebook(name)
    chat = ChatPart(notebook.output(0))
    expect(chat.turns.locator("strong")).to_have_text(["hold", "from the second", "hold"])
    chat.button("Stop").click()
    expect(chat.turns.nth(2)).to_contain_text("Stopped")
    chat.ask("after the reload")
    expect(chat.turns.nth(3).locator("strong")).to_have_text("after the reload")
    lab.take_back(notebook)


def test_a_notebook_that_is_not_trusted_brings_no_code(lab: Lab) -> None:
    """A notebook from elsewhere may hold the state of a widget, and its module."""
    messages = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "re **one**"}]
    bundle = {
        CHAT: {"v": 1, "height": 300, "left_out": 0, "messages": messages},
        WIDGET: {"version_major": 2, "version_minor": 0, "model_id": "foreign"},
        "text/plain": "one",
    }
    module = "export default { render({ el }) { window.pwned = 1; el.className = 'nbs-chat'; } }"
    state = {"_esm": module, "_view_name": "AnyView", "_view_module": "anywidget", "_anywidget_id": "foreign"}
    kind: dict[str, Any] = {
        "model_name": "AnyModel",
        "model_module": "anywidget",
        "model_module_version": "*",
    }
    kind["state"] = state | {"_view_module_version": "*"}
    widgets = {"version_major": 2, "version_minor": 0, "state": {"foreign": kind}}
    name = lab.write_notebook(["1"], "foreign-chat.ipynb")
    notebook = lab.read_notebook(name)
    notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", bundle)]
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": widgets}
    nbformat.write(notebook, lab.root / name)
    page = lab.open_notebook(name)
    view = saved_view(page)
    expect(view.locator("strong")).to_have_text("one")
    expect(view.get_by_role("button", name="Run the cell")).to_have_count(0)
    page.run("1")
    assert page.page.evaluate("() => window.pwned") is None
    lab.take_back(page)


def test_a_closed_widget_leaves_what_was_said(notebook: NotebookPage) -> None:
    run(notebook, 0).ask("one")
    notebook.run("w.close()")
    expect(saved_view(notebook).locator("strong")).to_have_text("one")
