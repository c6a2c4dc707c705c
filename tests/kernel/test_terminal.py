"""IPython in a real terminal: text as it comes, and a question before a tool is called."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.cells import chat_cell
from tests.kernel.adding import ADD, calling
from tests.kernel.driver import HERMETIC
from tests.loopback import ByteServer, Gate, in_turn, sse_response
from tests.loopback.chunks import call, delta, says

OPTIONS = ["--simple-prompt", "--no-banner", "--no-confirm-exit", "--colors=NoColor"]
DEMO = "%%chat -m demo:nbstream-demo-fast"


class Terminal:
    """IPython in a separate terminal."""

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

    def interrupt_question(self) -> str:
        """Press Ctrl-C until there is a prompt: Python misses one that arrives just before it reads."""
        for _ in range(6):
            self._process.sendintr()
            if self._process.expect([r"In \[\d+\]: ", pexpect.TIMEOUT], timeout=10) == 0:
                return str(self._process.before).replace("\r\n", "\n")
        raise AssertionError("Ctrl-C did not end the question.")

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


QUESTION = "; anything else refuses: "


def code_of(shown: str) -> str:
    """The code that the last question asks for."""
    return re.findall(r"Type (\d{4}) to run it", shown)[-1]


@pytest.mark.parametrize(
    ("word", "outcome"), [("{code}", "It is 3"), ("y", "add({...}) was refused"), ("", "was refused")]
)
def test_a_call_of_a_tool_is_asked_for(terminal: Terminal, word: str, outcome: str) -> None:
    terminal.run("def add(a: int, b: int) -> int: return a + b\n")
    with ByteServer(calling) as server:
        terminal.start(chat_cell(server, "--alone --tools add"))
        question = terminal.wait_for(QUESTION)
        assert "The model asks to run add\n  a = 1\n  b = 2\n" in question
        assert len(server.requests) == 1
        terminal.type(word.format(code=code_of(question)))
        shown = terminal.wait_for_prompt()
    assert outcome.replace("{...}", '{"a": 1, "b": 2}') in shown


def test_what_was_typed_before_the_question_does_not_count(terminal: Terminal) -> None:
    """A model can print what looks like a question: the answer to it is thrown away."""
    terminal.run("def add(a: int, b: int) -> int: return a + b\n")
    fake = "The model asks to run ls\nType 1234 to run it; anything else refuses:"
    gate = Gate()
    with ByteServer(in_turn(gate.script([delta(fake)], [ADD, "[DONE]"]), says("Well."))) as server:
        terminal.start(chat_cell(server, "--alone --tools add --into last"))
        terminal.wait_for("anything else refuses:")
        terminal.type("1234", "y", "yes")
        gate.open()
        terminal.wait_for("The model asks to run add")
        question = terminal.wait_for(QUESTION)
        assert len(server.requests) == 1
        terminal.type("1234")
        assert "was refused" in terminal.wait_for_prompt()
        assert code_of(question)


HOSTILE = {
    "path": "a\u200b/\U000e0041\u202eb",
    "note": "harmless" + "\n" * 300 + "rm -rf /",
    "data": "x" * 300_000 + "end",
    "\u0061": "\x1b[2J",
}


def test_a_question_hides_nothing(terminal: Terminal) -> None:
    terminal.run("def act(path: str, note: str, data: str, a: str) -> int: return 1\n")
    asks = call("act", json.dumps(HOSTILE))
    with ByteServer(in_turn(sse_response([asks, "[DONE]"]), says("Well."))) as server:
        terminal.start(chat_cell(server, "--alone --tools act"))
        terminal.wait_for("The model asks to run act\r\n")
        question = "".join(terminal.wait_for(QUESTION).split("\n"))
        terminal.type("")
        terminal.wait_for_prompt()
    assert '  path = "a[U+200B]/[U+E0041][U+202E]b"' in question
    assert "harmless    │ [299 blank lines]    │ rm -rf /" in question
    assert "298,805 of 300,005 characters are not shown" in question
    assert 'xxxend"' in question
    assert '  a = "\\u001b[2J"' in question


def test_control_c_at_the_question_stops_the_answer(terminal: Terminal) -> None:
    terminal.run("def add(a: int, b: int) -> int: return a + b\n")
    with ByteServer(calling) as server:
        terminal.start(chat_cell(server, "--alone --tools add --into last"))
        terminal.wait_for(QUESTION)
        assert "KeyboardInterrupt: interrupted; the partial answer is kept." in terminal.interrupt_question()
        assert len(server.requests) == 1
    assert "('stopped', 'unfinished')" in terminal.run("last.status, last.tool_calls[0].state")
