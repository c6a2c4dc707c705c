"""Programs that execute notebooks capture the whole answer, and stop at a failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.kernel.adding import calling
from tests.kernel.driver import REPLY, unpacked_output
from tests.loopback import ByteServer

FAST = "-m demo:nbstream-demo-fast"
SPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


def notebook(*sources: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source) for source in ("%load_ext nbstream", *sources)]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": SPEC})


def saved(book: nbformat.NotebookNode, index: int) -> Any:
    (output,) = book.cells[index].outputs
    return output.data


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "book.ipynb"
    nbformat.write(notebook(f"%%chat {FAST}\necho: one", f"%%chat {FAST} -b --into last\necho: two"), path)
    return path


def test_nbclient_captures_the_whole_answer_and_no_widget_state(path: Path) -> None:
    book = nbformat.read(path, 4)
    NotebookClient(book, timeout=60).execute()
    assert saved(book, 1)["text/plain"].endswith("\n\none")
    assert saved(book, 2)["text/markdown"].endswith("two")
    assert unpacked_output(book.cells[1].outputs[0])[0]["status"] == "finished"
    assert "widgets" not in book.metadata


def test_a_program_runs_a_conversation_in_the_order_of_the_runs() -> None:
    book = notebook(f"%%chat {FAST}\necho: one", f"%%chat {FAST}\necho: two", "%chat history", "%chat status")
    NotebookClient(book, timeout=60).execute()
    told = saved(book, 3)["text/plain"]
    assert told.index("echo: one") < told.index("echo: two")
    assert "in the order in which they were first asked" in saved(book, 4)["text/plain"]


def test_nbclient_stops_at_a_failed_answer() -> None:
    book = notebook(f"%%chat {FAST}\ndemo:error-500", "never = 1")
    with pytest.raises(CellExecutionError, match="ServerError"):
        NotebookClient(book, timeout=60).execute()
    assert book.cells[2].execution_count is None
    assert book.cells[1].outputs[0].data[REPLY]["status"] == "failed"


def test_a_failed_answer_keeps_its_partial_text() -> None:
    book = notebook(f"%%chat {FAST}\necho: this much demo:cut")
    with pytest.raises(CellExecutionError, match="StreamInterruptedError"):
        NotebookClient(book, timeout=60).execute()
    output, failure = book.cells[1].outputs
    reply, _ = unpacked_output(output)
    assert reply["text"].startswith("*Demo answer")
    assert reply["error"]["type"] == failure.ename == "StreamInterruptedError"
    assert "StreamInterruptedError" not in output.data["text/plain"] + output.data["text/markdown"], (
        "once is enough"
    )


def run(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nbconvert_executes_and_shows_the_answer_in_html(path: Path) -> None:
    run("nbconvert", "--execute", "--to", "html", "--output", "page", str(path))
    page = path.with_name("page.html").read_text()
    assert "<em>Demo answer: scripted text, no language model.</em>" in page
    assert "two" in page
    assert "model not found" not in page
    assert "widget-view" not in page


def test_papermill_captures_the_whole_answer(path: Path) -> None:
    out = path.with_name("out.ipynb")
    run("papermill", "--kernel", "python3", str(path), str(out))
    assert saved(nbformat.read(out, 4), 2)["text/plain"].endswith("two")


def test_papermill_stops_at_a_failed_answer_and_logs_why(tmp_path: Path) -> None:
    path, out = tmp_path / "book.ipynb", tmp_path / "out.ipynb"
    nbformat.write(notebook(f"%%chat {FAST}\ndemo:error-500", "never = 1"), path)
    command = [sys.executable, "-m", "papermill", "--kernel", "python3", str(path), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    display, error = nbformat.read(out, 4).cells[-2].outputs
    assert error.evalue.partition(". ")[0] in " ".join(done.stderr.split())
    assert error.evalue not in display.data["text/plain"]


def test_nbval_finds_the_same_answer_again(path: Path) -> None:
    book = nbformat.read(path, 4)
    NotebookClient(book, timeout=60).execute()
    nbformat.write(book, path)
    assert "3 passed" in run("pytest", "--nbval", "-p", "no:cacheprovider", "-c", "/dev/null", str(path))
    book.cells[1].outputs[0].data["text/plain"] += " changed"
    nbformat.write(book, path)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        str(path),
    ]
    assert "1 failed" in subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_ipython_runs_an_exported_script(tmp_path: Path) -> None:
    script = tmp_path / "script.ipy"
    script.write_text(
        "get_ipython().run_line_magic('load_ext', 'nbstream')\n"
        f"get_ipython().run_cell_magic('chat', '{FAST}', 'echo: from a script')\n"
    )
    assert "from a script" in run("IPython", str(script))


def test_an_answer_that_its_cell_does_not_wait_for_is_said_to_be_missing() -> None:
    chat = "import asyncio\nfrom nbstream import Chat\nchat = Chat('demo')\n"
    asking = "reply = chat.send('echo: one')\nawait asyncio.sleep(0)\nreply"
    book = notebook(f"{chat}{asking}", "await chat.send('echo: two')")
    NotebookClient(book, timeout=60).execute()
    (warning,) = book.cells[1].outputs
    assert (warning.output_type, warning.name) == ("stream", "stderr")
    assert "Await the reply." in warning.text
    # With older kernels the late output of the first cell is here as well.
    assert book.cells[2].outputs[-1].data["text/plain"].endswith("two")


def test_a_reply_that_is_a_cells_value_is_captured_whole() -> None:
    make = "from nbstream import Chat\nchat = Chat('demo:nbstream-demo-fast')"
    book = notebook(make, "chat.send('echo: not awaited')", "reply = chat.send('echo: later')", "await reply")
    NotebookClient(book, timeout=60).execute()
    assert saved(book, 2)["text/plain"].endswith("not awaited")
    assert book.cells[3].outputs == []
    assert saved(book, 4)["text/plain"].endswith("later")


def test_a_reply_without_anyone_to_approve_its_calls_refuses_them() -> None:
    with ByteServer(calling) as server:
        book = notebook(
            "from nbstream import Chat\ndef add(a: int, b: int) -> int: return a + b",
            f"Chat('m', base_url='{server.base_url}', tools=[add]).send('add')",
        )
        NotebookClient(book, timeout=60).execute()
    assert saved(book, 2)["text/plain"].startswith('[add({"a": 1, "b": 2}) was refused]')
    assert saved(book, 2)["text/plain"].endswith("The user refused this call.")
