"""The saved answer in a real JupyterLab: its versions, its formulas, how it takes over from the live view."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator

import ipykernel
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, NotebookPage
from tests.loopback import ByteServer, Hold, Pause, RecordedRequest, Step, in_turn, sse_response

STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
FORMULAS = "Let $x^2$ be, so \\(\\frac{a}{b}\\) and\n\n$$\n\\int_0^1 x\\,dx\n$$\n\nbut $x^$ costs $5.\n\n"
BOXES = """els => els.map(el => {
    const { x, y, width, height } = el.getBoundingClientRect();
    return [x, y, width, height];
})"""
GATE = Pause(0)

hears_in_a_busy_cell = pytest.mark.skipif(
    ipykernel.__version__ < "7.4", reason="needs comm messages in a busy cell"
)


def delta(text: str) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}


def answer(text: str) -> list[Step]:
    return sse_response([delta(text), STOP, "[DONE]"])


def gated(gate: threading.Event, *pieces: object) -> Callable[[RecordedRequest], Iterable[Step]]:
    """A stream that goes on behind `GATE` once the gate is open."""

    def steps(_request: RecordedRequest) -> Iterator[Step]:
        for step in sse_response([*pieces, STOP, "[DONE]"]):  # type: ignore[list-item]
            while step is GATE and not gate.is_set():
                yield Pause(0.02)
            yield step

    return steps


def chat(server: ByteServer, prompt: str = "Hi", name: str = "saved") -> str:
    return f"%%chat --base-url {server.base_url} -m m -c {name}\n{prompt}"


@pytest.fixture
def notebook(lab: Lab, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    name = re.sub(r"\W+", "-", request.node.name) + ".ipynb"
    lab.write_notebook(["%load_ext nbstream"], name)
    page = lab.open_notebook(name)
    page.start(0)
    page.wait_until_done(0)
    yield page
    page.close()


def run_to(notebook: NotebookPage, source: str, shown: str) -> int:
    """Start a cell and wait until its output shows a text."""
    index = notebook.add(source)
    notebook.start(index)
    expect(notebook.output(index)).to_contain_text(shown)
    return index


def run_again(notebook: NotebookPage, index: int, shown: str) -> None:
    notebook.start(index)
    expect(notebook.output(index)).to_contain_text(shown)
    notebook.wait_until_done(index)
    notebook.wait_until_idle()


def reopen_without_kernel(notebook: NotebookPage) -> None:
    """Save, reload the page and shut the kernel down; JupyterLab starts none by itself after that."""
    notebook.save()
    notebook.reload()
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")


def pager(view: Locator) -> Locator:
    return view.get_by_role("group", name=re.compile("Version"))


class TestVersions:
    def test_an_earlier_version_is_what_the_conversation_goes_on_from(self, notebook: NotebookPage) -> None:
        with ByteServer(in_turn(answer("first answer"), answer("second answer"), answer("next"))) as server:
            index = notebook.run(chat(server, "Question"))
            output = notebook.output(index)
            expect(pager(output)).to_have_count(0)
            run_again(notebook, index, "second answer")
            expect(pager(output)).to_have_text("2/2")
            output.get_by_role("button", name="Previous version").click()
            expect(output).to_contain_text("first answer")
            expect(pager(output)).to_have_text("1/2")
            notebook.wait_until_idle()
            notebook.run(chat(server, "And then?"))
            said = [message["content"] for message in server.requests[2].json["messages"]]
            assert said == ["Question", "first answer", "And then?"]
            expect(output).not_to_contain_text("only shown")

    def test_the_newest_one_can_be_taken_again(self, notebook: NotebookPage) -> None:
        with ByteServer(in_turn(answer("first answer"), answer("second answer"), answer("next"))) as server:
            index = notebook.run(chat(server, "Question"))
            run_again(notebook, index, "second answer")
            output = notebook.output(index)
            output.get_by_role("button", name="Previous version").click()
            output.get_by_role("button", name="Next version").click()
            expect(output).to_contain_text("second answer")
            notebook.wait_until_idle()
            notebook.run(chat(server, "And then?"))
            assert server.requests[2].json["messages"][1]["content"] == "second answer"

    def test_without_a_kernel_they_can_be_looked_at(self, notebook: NotebookPage) -> None:
        failed = sse_response([delta("cut off")])
        with ByteServer(in_turn(failed, answer("whole answer"))) as server:
            index = notebook.add(chat(server))
            run_again(notebook, index, "cut off")
            run_again(notebook, index, "whole answer")
        reopen_without_kernel(notebook)
        view = notebook.output(index)
        expect(view).to_contain_text("whole answer")
        view.get_by_role("button", name="Previous version").click()
        expect(view).to_contain_text("cut off")
        expect(view).to_contain_text("This version is only shown")
        expect(view.get_by_role("region", name="Error")).to_be_visible()
        expect(view.get_by_role("button", name="Retry")).to_have_count(0)


class TestFormulas:
    @hears_in_a_busy_cell
    def test_are_typeset_while_the_answer_streams_and_do_not_move_at_its_end(
        self, notebook: NotebookPage
    ) -> None:
        gate = threading.Event()
        with ByteServer(gated(gate, delta(FORMULAS), delta("end"), GATE)) as server:
            index = run_to(notebook, chat(server), "end")
            output = notebook.output(index)
            expect(output.locator("math")).to_have_count(3)
            expect(output.get_by_role("button", name="Stop")).to_be_visible()
            expect(output.locator(".nbs-math code")).to_have_text(["x^"])
            parts = output.locator("math, math *, .nbs-prose p")
            during = parts.evaluate_all(BOXES)
            gate.set()
            notebook.wait_until_done(index)
            expect(output.get_by_role("button", name="Stop")).to_have_count(0)
            assert parts.evaluate_all(BOXES) == during

    def test_are_typeset_in_a_reopened_notebook_without_a_kernel(self, notebook: NotebookPage) -> None:
        with ByteServer(answer(FORMULAS)) as server:
            index = notebook.run(chat(server))
        formulas = notebook.output(index).locator("math")
        expect(formulas).to_have_count(3)
        before = formulas.all_text_contents()
        reopen_without_kernel(notebook)
        expect(formulas).to_have_count(3)
        assert formulas.all_text_contents() == before


class TestFocus:
    @hears_in_a_busy_cell
    def test_stays_in_the_answer_when_it_is_stopped_by_the_keyboard(self, notebook: NotebookPage) -> None:
        with ByteServer(sse_response([delta("some text"), Hold()])) as server:
            index = run_to(notebook, chat(server), "some text")
            output = notebook.output(index)
            output.get_by_role("button", name="Stop").focus()
            notebook.page.keyboard.press("Enter")
            notebook.wait_until_done(index)
            expect(output).to_contain_text("Stopped")
        expect(output.get_by_role("button", name="Copy as Markdown")).to_be_focused()

    def test_is_left_alone_where_the_reader_has_it(self, notebook: NotebookPage) -> None:
        gate = threading.Event()
        with ByteServer(gated(gate, delta("some text"), GATE)) as server:
            index = run_to(notebook, chat(server), "some text")
            output = notebook.output(index)
            output.get_by_role("button", name="Stop").focus()
            editor = notebook.cells.nth(0).locator(".cm-content")
            editor.focus()
            gate.set()
            notebook.wait_until_done(index)
            expect(output.get_by_role("button", name="Copy as Markdown")).to_be_visible()
            expect(editor).to_be_focused()


class TestOtherViews:
    def test_a_new_view_of_the_output_shows_the_same(self, notebook: NotebookPage) -> None:
        with ByteServer(in_turn(answer("first $x^2$"), answer("second $y^2$"))) as server:
            index = notebook.run(chat(server))
            run_again(notebook, index, "second")
        notebook.page.evaluate(
            "index => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;"
            " return window.jupyterapp.commands.execute('notebook:create-output-view'); }",
            index,
        )
        view = notebook.page.locator(".jp-LinkedOutputView .nbstream")
        expect(view).to_contain_text("second")
        expect(view.locator("math")).to_have_count(1)
        view.get_by_role("button", name="Previous version").click()
        expect(view).to_contain_text("first")
        expect(notebook.output(index)).to_contain_text("second")

    @hears_in_a_busy_cell
    def test_a_reload_in_mid_stream_comes_back_and_goes_on(self, notebook: NotebookPage) -> None:
        gate = threading.Event()
        with ByteServer(gated(gate, delta("before $x^2$ "), GATE, delta("**after**"))) as server:
            index = run_to(notebook, chat(server), "before")
            notebook.save()
            notebook.page.goto(notebook.page.url)
            output = notebook.output(index)
            expect(output).to_contain_text(
                "before", timeout=60_000
            )  # JupyterLab starts, and asks for widgets
            expect(output.locator("math")).to_have_count(1)
            expect(output.get_by_role("button", name="Stop")).to_be_visible()
            gate.set()
            expect(output.locator("strong")).to_have_text("after")
            expect(output.get_by_role("button", name="Copy as Markdown")).to_be_visible()
            assert len(server.requests) == 1
