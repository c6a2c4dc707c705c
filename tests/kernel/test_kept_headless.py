"""A kernel that is killed in mid-stream leaves the partial answer in the notebook, even if no page is
open."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from tests.cells import chat_cell
from tests.kernel.driver import REPLY, WIDGET, unpacked_output
from tests.kernel.test_runners import notebook
from tests.loopback import ByteServer, Hold, Pause, Piece, sse_response
from tests.loopback.chunks import END, delta

UNFINISHED = "Unfinished: this answer was saved before it was complete."
# Longer than it takes until the first copy is made.
LONG = 2.5
DIES_AFTER_A_DISPLAY = """
import os, threading

def die_soon(message):
    threading.Timer(1, os.kill, (os.getpid(), 9)).start()
    return message

get_ipython().display_pub.register_hook(die_soon)
"""


def killed(book: nbformat.NotebookNode, cell: int, shown: str) -> None:
    """Run a notebook, and kill its kernel once the output of a cell holds a text."""
    client = NotebookClient(book, timeout=60)

    async def kill() -> None:
        while shown not in json.dumps(book.cells[cell].outputs):  # noqa: ASYNC110 - nobody tells of outputs
            await asyncio.sleep(0.05)
        os.kill(client.km.provisioner.pid, signal.SIGKILL)  # type: ignore[union-attr]

    async def run() -> None:
        killer = asyncio.create_task(kill())
        try:
            await client.async_execute()
        finally:
            killer.cancel()

    with pytest.raises(DeadKernelError):
        asyncio.run(run())


def test_a_killed_kernel_leaves_what_had_come_before() -> None:
    pieces: list[Piece] = [delta("# Title\n\nfirst <x>words</x>"), Pause(LONG), delta(" and more"), Hold()]
    with ByteServer(sse_response(pieces)) as server:
        book = notebook(chat_cell(server, "--alone"))
        killed(book, 1, "first")
    (output,) = [output for output in book.cells[1].outputs if "data" in output]
    assert output.data["text/markdown"].startswith("# Title\n\nfirst &lt;x>words&lt;/x>")
    assert output.data["text/markdown"].endswith(f"*{UNFINISHED}*")
    assert output.data["text/plain"].startswith("# Title\n\nfirst <x>words</x>")
    assert output.data["text/plain"].endswith(f"[{UNFINISHED}]")
    assert output.data[REPLY]["status"] == "streaming"
    assert WIDGET not in output.data


def test_a_reply_that_is_awaited_leaves_it_as_well() -> None:
    with ByteServer(sse_response([delta("first words"), Pause(LONG), delta(" and more"), Hold()])) as server:
        book = notebook(f"from nbstream import Chat\nChat('m', base_url={server.base_url!r}).send('Hi')")
        killed(book, 1, "first words")
    assert "first words" in book.cells[1].outputs[0].data["text/markdown"]


def test_papermill_writes_it_to_the_file(tmp_path: Path) -> None:
    book, out = tmp_path / "book.ipynb", tmp_path / "out.ipynb"
    with ByteServer(sse_response([delta("first words"), Pause(LONG), delta(" more"), Hold()])) as server:
        nbformat.write(notebook(DIES_AFTER_A_DISPLAY, chat_cell(server, "--alone")), book)
        command = [sys.executable, "-m", "papermill", "--kernel", "python3", str(book), str(out)]
        assert subprocess.run(command, capture_output=True, check=False, timeout=120).returncode
    (output,) = [output for output in nbformat.read(out, 4).cells[2].outputs if "data" in output]
    assert "first words" in output.data["text/markdown"]
    assert UNFINISHED in output.data["text/markdown"]


def test_a_slow_answer_ends_as_one_output() -> None:
    with ByteServer(sse_response([delta("first "), Pause(LONG), delta("last"), *END])) as server:
        book = notebook(chat_cell(server, "--alone"))
        NotebookClient(book, timeout=60).execute()
    (output,) = book.cells[1].outputs
    assert output.data["text/plain"] == "first last"
    assert unpacked_output(output)[0]["status"] == "finished"


def test_a_program_that_compares_outputs_sees_the_whole_answer_alone(tmp_path: Path) -> None:
    with ByteServer(sse_response([delta("first "), Pause(LONG), delta("last"), *END])) as server:
        book = notebook(chat_cell(server, "--alone"))
        NotebookClient(book, timeout=60).execute()
        nbformat.write(book, tmp_path / "book.ipynb")
        command = [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", "-c", "/dev/null"]
        run = subprocess.run(
            [*command, "book.ipynb"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
    assert "2 passed" in run.stdout, run.stdout
