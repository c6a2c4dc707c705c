"""The main job, as its user does it: a `%%chat` cell in a real JupyterLab in a real browser."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.hearing import hears_in_a_busy_cell
from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.kernel.driver import REPLY, unpacked_output
from tests.loopback import ByteServer, Gate, Hold, in_turn, json_response, sse_response
from tests.loopback.chunks import END, delta, says

HOSTILE = (
    "<script>window.pwned = 1</script>\n\n<img src=x onerror='window.pwned = 2'>\n\n"
    "[click](javascript:window.pwned=3)\n\n![beacon]({url}/beacon.png)\n\n"
    "<svg onload='window.pwned = 4'></svg>\n\nplain **end**"
)


def test_an_answer_streams_into_the_cell_and_stays(lab: Lab, notebook: NotebookPage, name: str) -> None:
    with ByteServer(sse_response([delta("# Title\n\nfirst "), Hold()])) as server:
        index = notebook.run_to(chat_cell(server, "--alone"), "first")
        output = notebook.output(index)
        expect(output.locator("h1")).to_have_text("Title")
        stop = output.get_by_role("button", name="Stop")
        expect(stop).to_be_visible()
        stop.click()
        notebook.wait_until_done(index)
        expect(output).to_contain_text("Stopped")
        expect(output.get_by_role("button", name="Stop")).to_have_count(0)
        assert server.requests[0].wait_disconnect()
    notebook.save()
    cell = lab.read_notebook(name).cells[index]
    (saved,) = cell.outputs
    assert saved.data[REPLY]["status"] == "stopped"
    assert "first" in saved.data["text/markdown"]


def test_text_appears_before_the_answer_is_complete(notebook: NotebookPage) -> None:
    gate = Gate()
    with ByteServer(lambda _: gate.script([delta("one "), delta("two ")], [delta("three"), *END])) as server:
        index = notebook.run_to(chat_cell(server, "--alone"), "one two")
        gate.open()
        notebook.wait_until_done(index)
        expect(notebook.output(index)).to_contain_text("one two three")


def test_waiting_is_shown_before_the_first_token(notebook: NotebookPage) -> None:
    with ByteServer(sse_response([Hold()])) as server:
        index = notebook.run_to(chat_cell(server, "--alone"), "Waiting for m")
        notebook.interrupt_kernel()
        notebook.wait_until_done(index)
        assert server.requests[0].wait_disconnect()


@hears_in_a_busy_cell
def test_the_kernel_is_shown_as_busy_while_the_answer_streams(notebook: NotebookPage) -> None:
    """Also after JupyterLab has asked for a subshell for the view, whose end is an ``idle``."""
    notebook.page.evaluate(
        """() => {
            const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
            kernel.iopubMessage.connect((_, { header, parent_header: parent, content }) => {
                const ended = header.msg_type === "status" && content.execution_state === "idle";
                window.subshell ||= ended && parent.msg_type === "create_subshell_request";
            });
        }"""
    )
    with ByteServer(sse_response([Hold()])) as server:
        index = notebook.run_to(chat_cell(server, "--alone"), "Waiting for m")
        notebook.page.wait_for_function("() => window.subshell")
        expect(notebook.page.get_by_text("Python 3 (ipykernel) | Busy")).to_be_visible()
        notebook.output(index).get_by_role("button", name="Stop").click()
        notebook.wait_until_done(index)
    expect(notebook.page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()


def test_an_interrupt_keeps_the_partial_answer_and_stops_run_all(notebook: NotebookPage) -> None:
    with ByteServer(sse_response([delta("partial answer"), Hold()])) as server:
        index = notebook.run_to(chat_cell(server, "--alone"), "partial answer")
        notebook.interrupt_kernel()
        notebook.wait_until_done(index)
        output = notebook.output(index)
        expect(output).to_contain_text("partial answer")
        expect(output).to_contain_text("Stopped")
        expect(output).to_contain_text("KeyboardInterrupt: interrupted; the partial answer is kept.")
        assert server.requests[0].wait_disconnect()


def test_a_failure_says_what_to_do_and_retry_runs_the_cell_again(notebook: NotebookPage) -> None:
    with ByteServer(in_turn(sse_response([delta("this far")]), says("this far"))) as server:
        index = notebook.run_to(chat_cell(server, "--alone"), "StreamInterruptedError")
        notebook.wait_until_done(index)
        output = notebook.output(index)
        expect(output).to_contain_text("this far")
        expect(output).to_contain_text("Failed")
        expect(output.get_by_text("connection ended before the answer was complete")).to_have_count(1)
        output.get_by_role("button", name="Retry").click()
        expect(output).to_contain_text("this far")
        expect(output).not_to_contain_text("StreamInterruptedError")
        server.wait_requests(2)
    assert len(server.requests) == 2


def test_an_error_stands_once_in_the_cell_and_in_its_file(
    lab: Lab, notebook: NotebookPage, name: str
) -> None:
    """Also where the same reply is shown again, which raises nothing."""
    refusal = json_response(401, {"error": {"message": "Incorrect API key provided."}})
    with ByteServer(refusal) as server:
        index = notebook.run(chat_cell(server, "--alone --into reply"))
    reason = "Incorrect API key provided."
    expect(notebook.output(index).get_by_text(reason)).to_have_count(1)
    expect(notebook.output(index).locator(".jp-mod-error, [data-mime-type$='stderr']")).to_contain_text(
        reason
    )
    again = notebook.run("reply")
    expect(notebook.output(again).get_by_role("region", name="Error")).to_contain_text(reason)
    notebook.save()
    display, error = lab.read_notebook(name).cells[index].outputs
    assert reason not in display.data["text/markdown"] + display.data["text/plain"]
    assert reason in error.evalue
    assert max(map(len, error.traceback[0].splitlines())) <= 90
    notebook.reload()
    expect(notebook.output(index)).to_contain_text("Failed")
    expect(notebook.output(index).get_by_text(reason)).to_have_count(1)
    expect(notebook.output(again).get_by_text(reason)).to_have_count(1)


def test_a_hostile_answer_runs_nothing_and_loads_nothing(lab: Lab, notebook: NotebookPage) -> None:
    with ByteServer([]) as canary:
        text = HOSTILE.format(url=canary.url)
        pieces = [delta(text[start : start + 7]) for start in range(0, len(text), 7)]
        with ByteServer(sse_response([*pieces, *END])) as server:
            index = notebook.run_to(chat_cell(server, "--alone"), "plain end")
            notebook.wait_until_done(index)
        notebook.save()
        notebook.reload()
        expect(notebook.output(index)).to_contain_text("plain end")
        assert notebook.page.evaluate("() => window.pwned") is None
        assert notebook.output(index).locator("script, img, svg[onload], a[href^=javascript]").count() == 0
        assert canary.requests == []


def test_a_reopened_notebook_shows_the_answer_without_a_kernel(lab: Lab, notebook: NotebookPage) -> None:
    index = notebook.run("%%chat -m demo:nbstream-demo-fast\nShow me everything")
    blocks = notebook.output(index).locator("h1, h2, table, pre, blockquote, li")
    expect(notebook.output(index).get_by_role("button", name="Copy as Markdown")).to_be_visible()
    before = blocks.all_inner_texts()
    assert len(before) > 10
    notebook.save()
    notebook.restart_kernel()
    notebook.reload()
    after = notebook.output(index)
    expect(after.locator("h1")).to_have_text("Everything at once")
    expect(blocks).to_have_text(before, use_inner_text=True)
    expect(after).not_to_contain_text("not found")
    expect(after).to_contain_text("nbstream-demo-fast")


def test_the_end_of_the_stream_moves_nothing(notebook: NotebookPage) -> None:
    text = delta("- a\n- b\n\n```python\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nend")
    gate = Gate()
    with ByteServer(lambda _: gate.script([text], END)) as server:
        index = notebook.run_to(chat_cell(server, "--alone"), "end")
        boxes = "all => all.map(e => { const { x, y, width, height } = e.getBoundingClientRect();"
        boxes += " return [x, y, width, height]; })"
        parts = notebook.output(index).locator("ul, pre, table, p")
        notebook.page.wait_for_timeout(300)  # until what was drawn has its place
        during = parts.evaluate_all(boxes)
        gate.open()
        notebook.wait_until_done(index)
        expect(notebook.output(index).get_by_role("button", name="Stop")).to_have_count(0)
        assert parts.evaluate_all(boxes) == during


@hears_in_a_busy_cell
def test_a_second_view_shows_the_same(notebook: NotebookPage) -> None:
    with ByteServer(sse_response([delta("shared text"), Hold()])) as server:
        index = notebook.run_to(chat_cell(server, "--alone"), "shared text")
        views = notebook.open_output_view(index)
        expect(views).to_contain_text("shared text")
        views.get_by_role("button", name="Stop").click()
        expect(notebook.output(index)).to_contain_text("Stopped")


def test_run_all_keeps_the_order_of_the_conversation(lab: Lab, notebook: NotebookPage) -> None:
    for prompt in ("first question", "second question"):
        notebook.add(f"%%chat -m demo:nbstream-demo-fast -c order\n{prompt}")
    for _ in range(2):
        notebook.run_all()
        expect(notebook.output(2)).to_contain_text(
            "turn 2 of our conversation; you first asked “first question”"
        )


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_every_part_is_legible_in_both_themes(notebook: NotebookPage, theme: str) -> None:
    notebook.set_theme(theme)
    index = notebook.run("%%chat -m demo:nbstream-demo-fast\nShow me everything")
    notebook.shoot(f"answer-{theme.split()[1].lower()}")
    contrast = (
        notebook.output(index)
        .locator(".nbstream")
        .first.evaluate(
            """root => {
          const luminance = colour => {
            const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
              .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const style = getComputedStyle(root);
          const [a, b] = [style.color, style.backgroundColor].map(luminance).sort((x, y) => y - x);
          return (a + 0.05) / (b + 0.05);
        }"""
        )
    )
    assert contrast > 7


def test_the_saved_notebook_holds_no_widget_and_no_key(lab: Lab, notebook: NotebookPage, name: str) -> None:
    index = notebook.run("%%chat -m demo:nbstream-demo-fast\nHello")
    notebook.save()
    text = (lab.root / name).read_text()
    assert "widget-view" not in text
    assert "widgets" not in nbformat.read(lab.root / name, 4).metadata
    (output,) = nbformat.read(lab.root / name, 4).cells[index].outputs
    assert unpacked_output(output)[1]["provider"] == "demo"
