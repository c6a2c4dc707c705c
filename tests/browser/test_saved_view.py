"""The saved answer in a real JupyterLab: its versions, its formulas, how it takes over from the live view."""

from __future__ import annotations

import re

import nbformat
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.hearing import hears_in_a_busy_cell
from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer, Gate, Hold, in_turn, sse_response
from tests.loopback.chunks import END, delta, says

FORMULAS = "Let $x^2$ be, so \\(\\frac{a}{b}\\) and\n\n$$\n\\int_0^1 x\\,dx\n$$\n\nbut $x^$ costs $5.\n\n"
BOXES = """els => els.map(el => {
    const { x, y, width, height } = el.getBoundingClientRect();
    return [x, y, width, height];
})"""


def pager(view: Locator) -> Locator:
    return view.get_by_role("group", name=re.compile("Version"))


class TestVersions:
    def test_an_earlier_version_is_what_the_conversation_goes_on_from(self, notebook: NotebookPage) -> None:
        with ByteServer(in_turn(says("first answer"), says("second answer"), says("next"))) as server:
            index = notebook.run(chat_cell(server, prompt="Question"))
            output = notebook.output(index)
            expect(pager(output)).to_have_count(0)
            notebook.run_again(index, "second answer")
            expect(pager(output)).to_have_text("2/2")
            output.get_by_role("button", name="Previous version").click()
            expect(output).to_contain_text("first answer")
            expect(pager(output)).to_have_text("1/2")
            notebook.wait_until_idle()
            notebook.run(chat_cell(server, prompt="And then?"))
            said = [message["content"] for message in server.requests[2].json["messages"]]
            assert said == ["Question", "first answer", "And then?"]
            expect(output).not_to_contain_text("only displayed")

    def test_the_newest_one_can_be_taken_again(self, notebook: NotebookPage) -> None:
        with ByteServer(in_turn(says("first answer"), says("second answer"), says("next"))) as server:
            index = notebook.run(chat_cell(server, prompt="Question"))
            notebook.run_again(index, "second answer")
            output = notebook.output(index)
            output.get_by_role("button", name="Previous version").click()
            output.get_by_role("button", name="Next version").click()
            expect(output).to_contain_text("second answer")
            notebook.wait_until_idle()
            notebook.run(chat_cell(server, prompt="And then?"))
            assert server.requests[2].json["messages"][1]["content"] == "second answer"

    def test_without_a_kernel_they_can_be_looked_at(self, notebook: NotebookPage) -> None:
        failed = sse_response([delta("cut off")])
        with ByteServer(in_turn(failed, says("whole answer"))) as server:
            index = notebook.add(chat_cell(server))
            notebook.run_again(index, "cut off")
            notebook.run_again(index, "whole answer")
        notebook.reopen_without_kernel()
        view = notebook.output(index)
        expect(view).to_contain_text("whole answer")
        view.get_by_role("button", name="Previous version").click()
        expect(view).to_contain_text("cut off")
        expect(view).to_contain_text("This version is only displayed")
        expect(view.get_by_role("region", name="Error")).to_be_visible()
        expect(view.get_by_role("button", name="Retry")).to_have_count(0)


class TestFormulas:
    @hears_in_a_busy_cell
    def test_are_typeset_while_the_answer_streams_and_do_not_move_at_its_end(
        self, notebook: NotebookPage
    ) -> None:
        gate = Gate()
        with ByteServer(lambda _: gate.script([delta(FORMULAS), delta("end")], END)) as server:
            index = notebook.run_to(chat_cell(server), "end")
            output = notebook.output(index)
            expect(output.locator("math")).to_have_count(3)
            expect(output.get_by_role("button", name="Stop")).to_be_visible()
            expect(output.locator(".nbs-math code")).to_have_text(["x^"])
            parts = output.locator("math, math *, .nbs-prose p")
            during = parts.evaluate_all(BOXES)
            gate.open()
            notebook.wait_until_done(index)
            expect(output.get_by_role("button", name="Stop")).to_have_count(0)
            assert parts.evaluate_all(BOXES) == during

    def test_are_typeset_in_a_reopened_notebook_without_a_kernel(self, notebook: NotebookPage) -> None:
        with ByteServer(says(FORMULAS)) as server:
            index = notebook.run(chat_cell(server))
        formulas = notebook.output(index).locator("math")
        expect(formulas).to_have_count(3)
        before = formulas.all_text_contents()
        notebook.reopen_without_kernel()
        expect(formulas).to_have_text(before)


class TestFocus:
    @hears_in_a_busy_cell
    def test_stays_in_the_answer_when_it_is_stopped_by_the_keyboard(self, notebook: NotebookPage) -> None:
        with ByteServer(sse_response([delta("some text"), Hold()])) as server:
            index = notebook.run_to(chat_cell(server), "some text")
            output = notebook.output(index)
            output.get_by_role("button", name="Stop").focus()
            notebook.page.keyboard.press("Enter")
            notebook.wait_until_done(index)
            expect(output).to_contain_text("Stopped")
        expect(output.get_by_role("button", name="Copy as Markdown")).to_be_focused()

    def test_is_left_alone_where_the_reader_has_it(self, notebook: NotebookPage) -> None:
        gate = Gate()
        with ByteServer(lambda _: gate.script([delta("some text")], END)) as server:
            index = notebook.run_to(chat_cell(server), "some text")
            output = notebook.output(index)
            output.get_by_role("button", name="Stop").focus()
            editor = notebook.cells.nth(0).locator(".cm-content")
            editor.focus()
            gate.open()
            notebook.wait_until_done(index)
            expect(output.get_by_role("button", name="Copy as Markdown")).to_be_visible()
            expect(editor).to_be_focused()


class TestOtherViews:
    def test_a_new_view_of_the_output_shows_the_same(self, notebook: NotebookPage) -> None:
        with ByteServer(in_turn(says("first $x^2$"), says("second $y^2$"))) as server:
            index = notebook.run(chat_cell(server))
            notebook.run_again(index, "second")
        view = notebook.open_output_view(index).locator(".nbstream")
        expect(view).to_contain_text("second")
        expect(view.locator("math")).to_have_count(1)
        view.get_by_role("button", name="Previous version").click()
        expect(view).to_contain_text("first")
        expect(notebook.output(index)).to_contain_text("second")

    @hears_in_a_busy_cell
    def test_a_reload_in_mid_stream_comes_back_and_goes_on(self, notebook: NotebookPage) -> None:
        gate = Gate()
        before, after = delta("before $x^2$ "), delta("**after**")
        with ByteServer(lambda _: gate.script([before], [after, *END])) as server:
            index = notebook.run_to(chat_cell(server), "before")
            notebook.save()
            notebook.page.goto(notebook.url)
            output = notebook.output(index)
            expect(output).to_contain_text(
                "before", timeout=60_000
            )  # JupyterLab starts, and asks for widgets
            expect(output.locator("math")).to_have_count(1)
            expect(output.get_by_role("button", name="Stop")).to_be_visible()
            gate.open()
            expect(output.locator("strong")).to_have_text("after")
            expect(output.get_by_role("button", name="Copy as Markdown")).to_be_visible()
            assert len(server.requests) == 1


class TestManyAnswers:
    """What is outside the window is text until the reader comes near it."""

    SAVED = """
from IPython.display import display
for number in range(60):
    text = f"Answer **number** {number}\\n\\n" + "A line that fills the page.\\n\\n" * 20
    reply = {"v": 1, "status": "finished", "text": text}
    data = {"application/vnd.nbstream.reply+json": reply, "text/markdown": text, "text/plain": "short"}
    display(data, metadata={"nbstream": {"model": "m"}}, raw=True)
"""

    def test_they_are_drawn_when_they_come_near(self, notebook: NotebookPage) -> None:
        output = notebook.output(notebook.run(self.SAVED))
        answers = output.locator(".nbs-output")
        expect(answers).to_have_count(60)
        expect(answers.first.locator("strong")).to_have_text("number")
        expect(answers.last.locator(".nbs-later")).to_contain_text("Answer number 59")
        answers.last.scroll_into_view_if_needed()
        expect(answers.last.locator("strong")).to_have_text("number")
        expect(answers.last.locator(".nbs-later")).to_have_count(0)

    def test_the_search_of_the_browser_finds_them(self, notebook: NotebookPage) -> None:
        output = notebook.output(notebook.run(self.SAVED))
        expect(output.locator(".nbs-output")).to_have_count(60)
        assert notebook.page.evaluate("text => window.find(text)", "Answer number 57")
        notebook.page.evaluate("() => getSelection().anchorNode.parentElement.scrollIntoView()")
        expect(output.locator(".nbs-output").nth(57).locator("strong")).to_have_text("number")

    def test_all_are_drawn_for_a_printer(self, notebook: NotebookPage) -> None:
        output = notebook.output(notebook.run(self.SAVED))
        expect(output.locator(".nbs-output")).to_have_count(60)
        notebook.draw_all()
        expect(output.locator("strong")).to_have_count(60)


@pytest.mark.parametrize("kind", ["reply", "chat", "comparison", "batch", "inspection"])
def test_a_newer_format_is_shown_as_markdown(lab: Lab, name: str, kind: str) -> None:
    path = lab.root / lab.write_notebook(["%%chat\nHi"], name)
    written = nbformat.read(path, as_version=4)
    data = {
        f"application/vnd.nbstream.{kind}+json": {"v": 99, "text": 5, "messages": {}, "cells": {}, "rows": 5},
        "text/markdown": "# Title\n\nthe **text** &#60;b>",
        "text/plain": "the text",
    }
    metadata = {"nbstream": {"run": 5, "answers": {}, "versions": "x", "unknown": []}}
    written.cells[0].outputs = [nbformat.v4.new_output("display_data", data, metadata=metadata)]
    nbformat.write(written, path)
    before = path.read_text()
    notebook = lab.open_notebook(name)
    output = notebook.output(0)
    expect(output.locator("h1")).to_have_text("Title")
    expect(output.locator("strong")).to_have_text("text")
    expect(output).to_contain_text("the text <b>")
    expect(output).not_to_contain_text("Error")
    if kind != "batch":  # of which nothing but the text is saved
        expect(output).to_contain_text("Saved by a newer version of nbstream")
    notebook.save()
    assert lab.read_notebook(name).cells[0].outputs == nbformat.reads(before, as_version=4).cells[0].outputs
    lab.take_back(notebook)
