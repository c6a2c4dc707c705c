"""The stream inspector in a real JupyterLab: live, below the answer, and after reopening."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import ipykernel
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, NotebookPage
from tests.loopback import ByteServer, Pause, RecordedRequest, Step, sse_response

KEY = "sk-canary-0123456789abcdef"
STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
HOSTILE = "<img src=x onerror='window.pwned = 1'>"
GATE = Pause(0)
SHOTS = os.environ.get("NBSTREAM_SHOTS")

hears_in_a_busy_cell = pytest.mark.skipif(
    ipykernel.__version__ < "7.4", reason="needs comm messages in a busy cell"
)


def delta(text: str) -> dict[str, object]:
    return {"model": "m-2026", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}


def gated(gate: threading.Event, *pieces: object) -> Callable[[RecordedRequest], Iterable[Step]]:
    """A stream that goes on behind `GATE` once the gate is open."""

    def steps(_request: RecordedRequest) -> Iterator[Step]:
        for step in sse_response([*pieces, STOP, "[DONE]"]):  # type: ignore[list-item]
            while step is GATE and not gate.is_set():
                yield Pause(0.02)
            yield step

    return steps


ANSWER = sse_response(
    [
        Pause(0.1),
        *(piece for n in range(40) for piece in (delta(f"word {n} "), Pause(0.01))),
        f"{{broken {KEY} {HOSTILE}",
        delta(HOSTILE),
        STOP,
        "[DONE]",
    ]
)


@pytest.fixture
def notebook(lab: Lab, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    name = re.sub(r"\W+", "-", request.node.name) + ".ipynb"
    lab.write_notebook(["%load_ext nbstream"], name)
    page = lab.open_notebook(name)
    page.start(0)
    page.wait_until_done(0)
    yield page
    assert page.page.evaluate("() => window.pwned") is None
    page.close()


def inspectors(notebook: NotebookPage, index: int) -> Locator:
    return notebook.output(index).get_by_role("region", name="Stream inspector")


def open_inspector(notebook: NotebookPage, index: int) -> Locator:
    notebook.output(index).get_by_role("button", name="Inspect the stream").click()
    return inspectors(notebook, index)


def shoot(notebook: NotebookPage, name: str) -> None:
    """A picture for people to look at, written to the folder in NBSTREAM_SHOTS."""
    if SHOTS:
        notebook.page.screenshot(path=Path(SHOTS) / f"lab-inspector-{name}.png")


@hears_in_a_busy_cell
def test_it_opens_while_the_answer_streams_and_stays_open(notebook: NotebookPage) -> None:
    gate = threading.Event()
    with ByteServer(gated(gate, delta("first "), GATE, delta("second"))) as server:
        index = notebook.add(f"%%chat --base-url {server.base_url} -m m --alone\nHi")
        notebook.start(index)
        expect(notebook.output(index)).to_contain_text("first")
        inspector = open_inspector(notebook, index)
        expect(inspector.get_by_text('"first "')).to_be_visible()
        expect(inspector.get_by_text("finished", exact=True)).to_have_count(0)
        gate.set()
        notebook.wait_until_done(index)
    expect(notebook.output(index).get_by_role("button", name="Copy as Markdown")).to_be_visible()
    expect(inspector.get_by_text('"second"')).to_be_visible()
    expect(inspector.get_by_text("finished", exact=True)).to_be_visible()


def test_debug_shows_the_chunk_behind_each_event(notebook: NotebookPage) -> None:
    with ByteServer(ANSWER) as server:
        index = notebook.run(f"%%chat --debug --base-url {server.base_url} -m m --alone\nHi")
    inspector = inspectors(notebook, index)
    inspector.get_by_text('"word 3 "').click()
    expect(inspector.locator("pre").last).to_contain_text('"content": "word 3 "')
    shoot(notebook, "light")
    inspector.get_by_label("Rows", exact=True).select_option("marks")
    inspector.get_by_role("gridcell", name="chunk_skipped").click()
    expect(inspector.locator("pre").last).to_have_text("{broken [secret] " + HOSTILE)
    notebook.set_theme("JupyterLab Dark")
    shoot(notebook, "dark")
    notebook.set_theme("JupyterLab Light")
    notebook.save()
    assert KEY not in notebook.page.content()


def test_typing_in_it_is_not_taken_for_a_shortcut_of_the_notebook(notebook: NotebookPage) -> None:
    with ByteServer(ANSWER) as server:
        index = notebook.run(f"%%chat --debug --base-url {server.base_url} -m m --alone\nHi")
    cells = notebook.cells.count()
    inspector = inspectors(notebook, index)
    inspector.get_by_label("Filter rows by words").press_sequentially("dd word 3")
    expect(inspector.get_by_text(re.compile(r"^0 of \d+ rows$"))).to_be_visible()
    inspector.get_by_label("Filter rows by words").fill("word 39")
    expect(inspector.get_by_text(re.compile(r"^1 of \d+ rows$"))).to_be_visible()
    inspector.get_by_role("grid").focus()
    notebook.page.keyboard.press("End")
    expect(inspector.locator("pre").last).to_contain_text("word 39")
    assert notebook.cells.count() == cells


def test_a_reopened_notebook_has_it_with_and_without_the_kernel(notebook: NotebookPage) -> None:
    with ByteServer(ANSWER) as server:
        index = notebook.run(f"%%chat --debug --base-url {server.base_url} -m m\nHi")
    notebook.save()
    notebook.reload()
    expect(inspectors(notebook, index).get_by_text('"word 3 "')).to_be_visible()
    asked = open_inspector(notebook, index).first
    expect(asked.get_by_text('"word 3 "')).to_be_visible()
    shoot(notebook, "reopened")
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    expect(notebook.output(index).get_by_role("button", name="Inspect the stream")).to_have_count(0)
    expect(inspectors(notebook, index)).to_have_count(1)
    expect(inspectors(notebook, index).get_by_text('"word 3 "')).to_be_visible()


def test_a_kernel_that_was_restarted_has_nothing_to_tell(notebook: NotebookPage) -> None:
    with ByteServer(ANSWER) as server:
        index = notebook.run(f"%%chat --base-url {server.base_url} -m m --alone\nHi")
    notebook.restart_kernel()
    inspector = open_inspector(notebook, index)
    expect(inspector).to_contain_text("The kernel does not have this answer any more. Run the cell again")
