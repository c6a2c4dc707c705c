"""What is restored after a reload without a save, into a cell that has answers already."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from nbformat import NotebookNode
from playwright.sync_api import expect

from tests.browser.hearing import hears_in_a_busy_cell
from tests.browser.kept import (
    UNFINISHED,
    assert_unfinished,
    assert_whole,
    saved,
    slow_server,
    stop_button,
    wait_for_whole,
)
from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.kernel.driver import unpacked_output
from tests.loopback import ByteServer, Gate, in_turn, sse_response
from tests.loopback.chunks import END, delta

pytestmark = hears_in_a_busy_cell

TWO_ANSWERS = """
for text in ("first", "second"):
    while not Path(text).exists():
        await asyncio.sleep(0.05)
    reply = chat.send(text, alone=True)
    reply.show()
    await reply
"""


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def server(gate: Gate) -> Iterator[ByteServer]:
    with slow_server(gate) as running:
        yield running


def test_the_answer_of_a_second_run_takes_the_place_of_the_saved_one(
    lab: Lab, notebook: NotebookPage, name: str, server: ByteServer, gate: Gate
) -> None:
    gate.open()
    index = notebook.run(chat_cell(server))
    wait_for_whole(notebook, index)
    earlier, about = unpacked_output(saved(lab, notebook, name, index))
    gate.close()
    notebook.start(index)
    expect(stop_button(notebook, index)).to_be_visible()
    notebook.reload(busy=True)
    expect(stop_button(notebook, index)).to_be_visible()
    expect(notebook.output(index).locator(".nbstream")).to_have_count(1)
    assert_unfinished(saved(lab, notebook, name, index), UNFINISHED)
    gate.open()
    wait_for_whole(notebook, index)
    expect(notebook.cells.nth(index).locator(".jp-InputPrompt")).to_have_text("[3]:")
    output = saved(lab, notebook, name, index)
    assert_whole(output)
    _, now = unpacked_output(output)
    assert now["id"] != about["id"]
    assert [version["reply"]["text"] for version in now["versions"]] == [earlier["text"]]


def test_an_earlier_run_does_not_come_back_beside_a_later_one(
    lab: Lab, notebook: NotebookPage, name: str, server: ByteServer, gate: Gate
) -> None:
    """The file has the cell alone: neither run was saved."""
    gate.open()
    index = notebook.add(chat_cell(server))
    notebook.save()
    notebook.start(index)
    notebook.wait_until_done(index)
    gate.close()
    notebook.start(index)
    expect(stop_button(notebook, index)).to_be_visible()
    notebook.reload(busy=True)
    expect(stop_button(notebook, index)).to_be_visible()
    assert_unfinished(saved(lab, notebook, name, index), UNFINISHED)
    gate.open()
    wait_for_whole(notebook, index)
    notebook.wait_until_idle()
    assert_whole(saved(lab, notebook, name, index))
    expect(notebook.cells.nth(index).locator(".jp-InputPrompt")).to_have_text("[3]:")


@pytest.mark.parametrize("saves", [True, False], ids=["first-saved", "none-saved"])
def test_each_of_the_answers_of_a_cell_comes_back_once_and_in_order(
    lab: Lab, notebook: NotebookPage, name: str, gate: Gate, *, saves: bool
) -> None:
    for file in ("first", "second"):
        (lab.root / file).unlink(missing_ok=True)
    whole, slow = sse_response([delta("one"), *END]), gate.script([delta("two ")], [delta("ended"), *END])
    with ByteServer(in_turn(whole, slow)) as server:
        chat = f"chat = nbstream.Chat('m', base_url={server.base_url!r})"
        notebook.run(f"import asyncio, nbstream\nfrom pathlib import Path\n{chat}")
        index = notebook.add(TWO_ANSWERS)
        notebook.save()
        notebook.start(index)
        (lab.root / "first").touch()
        notebook.wait_for_saved(index, "one")
        if saves:
            notebook.save()
        (lab.root / "second").touch()
        expect(notebook.output(index)).to_contain_text("two")
        notebook.reload(busy=True)
        expect(stop_button(notebook, index)).to_be_visible()
        gate.open()
        assert wait_for_texts(notebook, index, 2) == ["one", "two ended"]
        notebook.save()
        assert [output.data["text/markdown"] for output in answers(lab, name, index)] == ["one", "two ended"]


def answers(lab: Lab, name: str, index: int) -> list[NotebookNode]:
    return [output for output in lab.read_notebook(name).cells[index].outputs if "data" in output]


def wait_for_texts(notebook: NotebookPage, index: int, count: int) -> list[str]:
    """The texts of so many answers of a cell, when the document holds the end of the last."""
    texts = notebook.page.wait_for_function(
        """([index, count]) => {
            const { outputs } = window.jupyterapp.shell.currentWidget.content.widgets[index].model;
            const texts = Array.from({ length: outputs.length }, (_, index) => {
                return outputs.get(index).data["text/markdown"] ?? "";
            });
            const whole = texts.every(text => !text.includes("Unfinished"));
            const ended = texts.length >= count && texts.some(text => text.endsWith("ended"));
            return whole && ended ? texts : null;
        }""",
        arg=[index, count],
    )
    return list(texts.json_value())
