"""Where an answer is shown: found out for each execution, or named."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.kernel.driver import REPLY, WIDGET, Kernel, loaded, unpacked_output
from tests.kernel.test_runners import notebook

CHAT = "application/vnd.nbstream.chat+json"
CALLBACK = """
import ipywidgets as w
from IPython.display import display
from nbstream import Chat
chat, out, button = Chat('demo:nbstream-demo-fast'), w.Output(), w.Button()
def ask(_):
    {body}
button.on_click(ask)
display(button, out)
"""


def run(*sources: str) -> nbformat.NotebookNode:
    book = notebook(*sources)
    NotebookClient(book, timeout=60).execute()
    return book


@pytest.mark.parametrize("layout", ["VBox", "Tab", "Accordion"])
def test_a_chat_widget_in_a_layout_can_be_run_by_a_program(layout: str) -> None:
    book = run(f"import ipywidgets as w\nfrom nbstream import ChatWidget\nw.{layout}([ChatWidget()])")
    (output,) = book.cells[1].outputs
    state = book.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    children = state[output.data[WIDGET]["model_id"]]["state"]["children"]
    assert [child.removeprefix("IPY_MODEL_") in state for child in children] == [True]


def test_a_chat_widget_alone_leaves_no_state_of_a_widget() -> None:
    book = run("from nbstream import ChatWidget\nChatWidget()")
    assert WIDGET not in book.cells[1].outputs[0].data
    assert "widgets" not in book.metadata


@pytest.mark.parametrize(
    ("mode", "kind"), [("live", "display_data"), ("headless", "display_data"), ("terminal", "stream")]
)
def test_the_environment_names_the_mode(mode: str, kind: str) -> None:
    with loaded({"NBSTREAM_MODE": mode}) as kernel:
        cell = kernel.run("%%chat -m demo:nbstream-demo-fast\necho: hello", cell=None)
    shown = cell.of(kind)
    assert shown
    assert (WIDGET in shown[0].get("data", {})) is (mode == "live")
    assert (REPLY in shown[0].get("data", {})) is (mode != "terminal")


def test_a_setting_names_the_mode_and_the_environment_has_precedence() -> None:
    with loaded() as kernel:
        kernel.run("%config NBStream.mode = 'headless'")
        cell = kernel.run("%%chat -m demo:nbstream-demo-fast\necho: hello", cell="a")
        assert WIDGET not in cell.of("display_data")[0]["data"]
        kernel.run("import os; os.environ['NBSTREAM_MODE'] = 'live'")
        cell = kernel.run("%%chat -m demo:nbstream-demo-fast\necho: hello", cell="a")
        assert WIDGET in cell.of("display_data")[0]["data"]


def test_a_mode_that_does_not_exist_is_refused() -> None:
    with loaded({"NBSTREAM_MODE": "loud"}) as kernel:
        cell = kernel.run("%%chat -m demo:nbstream-demo-fast\necho: hello", cell="a")
    assert cell.status == "error"
    assert "NBSTREAM_MODE is 'loud', which is not a mode." in "".join(cell.traceback)
    assert "Set it to live, headless, terminal or auto." in "".join(cell.traceback)


def test_voila_is_known() -> None:
    with loaded({"SERVER_SOFTWARE": "voila/0.5.8"}) as kernel:
        cell = kernel.run("from nbstream import ChatWidget\nChatWidget()", cell=None)
    (shown,) = [*cell.of("execute_result"), *cell.of("display_data")]
    assert WIDGET in shown["data"]


def clicked(kernel: Kernel, body: str) -> list[dict[str, Any]]:
    """What a kernel sends when the button is clicked, up to the end of the answer."""
    cell = kernel.run(CALLBACK.replace("{body}", body), cell="buttons")
    button = next(c["comm_id"] for c in cell.of("comm_open") if "ButtonModel" in str(c["data"]))
    request = kernel.custom(button, {"event": "click"})
    return kernel.late(request, holds_a_finished_answer)


def holds_a_finished_answer(message: dict[str, Any]) -> bool:
    content = message["content"]
    return REPLY in content.get("data", {}) and unpacked_output(content)[0]["status"] == "finished"


def test_what_a_callback_displays_in_an_output_streams_there() -> None:
    with loaded() as kernel:
        sent = clicked(kernel, "with out: display(chat.send('echo: **hello**'))")
    (shown,) = [message["content"] for message in sent if message["msg_type"] == "display_data"]
    assert WIDGET in shown["data"]


def test_what_a_callback_displays_elsewhere_comes_whole() -> None:
    with loaded() as kernel:
        sent = clicked(kernel, "display(chat.send('echo: **hello**'))")
    (shown,) = [message["content"] for message in sent if message["msg_type"] == "display_data"]
    assert WIDGET not in shown["data"]
    assert shown["data"]["text/plain"].endswith("**hello**")
