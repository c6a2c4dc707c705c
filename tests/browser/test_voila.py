"""A notebook as an app: Voilà runs it, and its page is connected to the kernel."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

import nbstream
from tests.browser.chat import ChatPart, answer, source
from tests.browser.lab import START_SECONDS, Lab
from tests.cells import chat_cell
from tests.kernel.driver import HERMETIC
from tests.loopback import ByteServer

EXTENSION = Path(nbstream.__file__).parent / "labextension"


@contextmanager
def voila(folder: Path, sources: list[str]) -> Iterator[str]:
    """The URL at which Voilà serves a notebook with these cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec}), folder / "app.ipynb")
    # Voilà does not serve an extension that is a link, as in a development environment.
    shutil.copytree(EXTENSION, folder / "data" / "labextensions" / "nbstream")
    own = {"JUPYTER_DATA_DIR": str(folder / "data"), "JUPYTER_PREFER_ENV_PATH": "0"}
    own |= {"JUPYTER_CONFIG_DIR": str(folder / "config"), "IPYTHONDIR": str(folder / "ipython")}
    command = [
        sys.executable,
        "-m",
        "voila",
        "--no-browser",
        f"--port={free_port()}",
        str(folder / "app.ipynb"),
    ]
    log = folder / "voila.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env={**os.environ, **HERMETIC, **own}, stdout=out, stderr=out)
    try:
        yield wait_for_url(log, process)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def free_port() -> int:
    """Voilà prints the port that it was asked for: with 0 it does not tell which one it took."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_for_url(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://(?:localhost|127\.0\.0\.1):(\d+)/", log.read_text(errors="replace"))
        if found:
            return f"http://127.0.0.1:{found[1]}/"
        time.sleep(0.05)
    raise RuntimeError(f"Voilà did not start:\n{log.read_text(errors='replace')}")


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(answer) as running:
        yield running


def test_the_answer_of_a_cell_is_shown(lab: Lab, server: ByteServer, tmp_path: Path) -> None:
    page = lab.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with voila(tmp_path, ["%load_ext nbstream", chat_cell(server)]) as url:
        page.goto(url)
        expect(page.locator(".nbstream strong")).to_have_text("Hi")
        expect(page.locator(".nbstream")).to_have_count(1)
    assert errors == []
    page.context.close()


def test_a_chat_widget_answers(lab: Lab, server: ByteServer, tmp_path: Path) -> None:
    page = lab.new_page()
    with voila(tmp_path, [source(server.base_url)]) as url:
        page.goto(url)
        chat = ChatPart(page.locator("body"))
        chat.ask("Hello")
        expect(chat.turns.locator("strong")).to_have_text("Hello")
    page.context.close()
