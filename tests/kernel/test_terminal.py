"""IPython in a real terminal: text as it comes, and a question before a tool is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.cells import chat_cell
from tests.kernel.adding import calling
from tests.kernel.driver import HERMETIC
from tests.loopback import ByteServer

OPTIONS = ["--simple-prompt", "--no-banner", "--no-confirm-exit", "--colors=NoColor"]
DEMO = "%%chat -m demo:nbstream-demo-fast"


class Terminal:
    """IPython in a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        command = ["-m", "IPython", *OPTIONS, f"--ipython-dir={folder}"]
        env = {**os.environ, **HERMETIC, "TERM": "dumb"}
        self._process = pexpect.spawn(
            sys.executable, command, env=env, encoding="utf-8", timeout=60, dimensions=(50, 200)
        )
        self.wait_for_prompt()

    def type(self, *lines: str) -> None:
        for line in lines:
            self._process.sendline(line)

    def press_control_c(self) -> None:
        self._process.sendintr()

    def wait_for(self, text: str) -> str:
        """Wait until a text is shown; give what stood before it."""
        self._process.expect_exact(text)
        return str(self._process.before).replace("\r\n", "\n")

    def wait_for_prompt(self) -> str:
        self._process.expect(r"In \[\d+\]: ")
        return str(self._process.before).replace("\r\n", "\n")

    def run(self, source: str) -> str:
        """Run a cell and give what is shown, what was typed included."""
        self.start(source)
        return self.wait_for_prompt()

    def start(self, source: str) -> None:
        lines = source.split("\n")
        self.type(*lines, *(["", ""] if len(lines) > 1 else []))

    def close(self) -> None:
        self._process.close(force=True)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    terminal.run("%load_ext nbstream")
    yield terminal
    terminal.close()


def test_an_answer_is_written_once_and_kept_as_the_last_value(terminal: Terminal) -> None:
    shown = terminal.run(f"{DEMO}\necho: shown once")
    assert "Demo answer" in shown
    assert "Out[" not in shown
    assert "'shown once'" in terminal.run("_.text.split('\\n')[-1]")
    assert "'shown once'" in terminal.run("Out[2].text.split('\\n')[-1]")
    assert "Nothing was sent" in terminal.run(f"{DEMO} --dry-run\nwhat would go")


@pytest.mark.parametrize(
    ("word", "outcome"), [("y", "It is 3"), ("n", "add({...}) was refused"), ("", "was refused")]
)
def test_a_call_of_a_tool_is_asked_for(terminal: Terminal, word: str, outcome: str) -> None:
    terminal.run("def add(a: int, b: int) -> int: return a + b\n")
    with ByteServer(calling) as server:
        terminal.start(chat_cell(server, "--alone --tools add"))
        terminal.wait_for('May add({"a": 1, "b": 2}) run? [y/N] ')
        assert len(server.requests) == 1
        terminal.type(word)
        shown = terminal.wait_for_prompt()
    assert outcome.replace("{...}", '{"a": 1, "b": 2}') in shown


def test_control_c_at_the_question_stops_the_answer(terminal: Terminal) -> None:
    terminal.run("def add(a: int, b: int) -> int: return a + b\n")
    with ByteServer(calling) as server:
        terminal.start(chat_cell(server, "--alone --tools add --into last"))
        terminal.wait_for("run? [y/N] ")
        terminal.press_control_c()
        assert "KeyboardInterrupt: interrupted; what had arrived is kept." in terminal.wait_for_prompt()
        assert len(server.requests) == 1
    assert "('stopped', 'unfinished')" in terminal.run("last.status, last.tool_calls[0].state")
