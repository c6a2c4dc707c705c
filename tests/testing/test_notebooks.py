"""``nbstream test``: a notebook is recorded, passes offline twice, and fails with words where it differs."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from nbstream.testing.notebooks import SANITIZE_FILE
from tests.kernel.driver import HERMETIC
from tests.loopback import ByteServer
from tests.loopback.chunks import says


def saved(path: Path, url: str, answer: str = "Oslo") -> Path:
    """A notebook with the outputs that a run against the server has."""
    result = new_output("execute_result", data={"text/plain": f"'{answer}'"}, execution_count=3)
    passed = new_output("execute_result", data={"text/plain": "✓ contains: Oslo"}, execution_count=4)
    passed.data["text/markdown"] = "✓ contains: Oslo"
    cells = [
        new_code_cell("%load_ext nbstream"),
        new_code_cell(f"from nbstream import Chat\nreply = await Chat('m', base_url={url!r}).send('Hi')"),
        new_code_cell("reply.text", outputs=[result]),
        new_code_cell("%%expect reply\ncontains: Oslo", outputs=[passed]),
    ]
    for number, cell in enumerate(cells, 1):
        cell.execution_count = number
    nbformat.write(new_notebook(cells=cells), path)
    return path


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own folder."""
    command = [sys.executable, "-m", "nbstream", "test", *map(str, words)]
    environ = dict(HERMETIC) | {"PATH": os.environ["PATH"]}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=170)


def test_a_notebook_is_recorded_once_and_then_passes_offline(tmp_path: Path) -> None:
    report = tmp_path / "reports" / "junit.xml"
    with ByteServer(says("Os", "lo")) as server:
        good = saved(tmp_path / "good.ipynb", server.base_url)
        recorded = run(good, "--mode", "auto")
        assert "good.ipynb: 4 cells, every output as saved." in recorded.stdout, recorded.stdout
        assert recorded.returncode == 0
        requests = len(server.requests)
        bad = saved(tmp_path / "bad.ipynb", server.base_url, answer="Bergen")
        (tmp_path / "cassettes" / "bad.jsonl").write_bytes(
            (tmp_path / "cassettes" / "good.jsonl").read_bytes()
        )
    again = run(good, bad, "--junit", report)
    assert len(server.requests) == requests == 1
    assert again.returncode == 1
    assert "good.ipynb: 4 cells, every output as saved." in again.stdout
    assert "bad.ipynb: 1 of 4 cells differs." in again.stdout
    assert "code cell 3: saved 'Bergen', now 'Oslo'" in again.stdout
    assert "1 of 2 notebooks pass." in again.stdout
    suites = ET.parse(report).getroot().findall("testsuite")  # noqa: S314
    assert [(suite.get("tests"), suite.get("failures")) for suite in suites] == [("4", "0"), ("4", "1")]
    failed = [case for case in suites[1] if len(case)]
    assert [case.get("name") for case in failed] == ["code cell 3"]
    assert failed[0][0].get("message") == "saved 'Bergen', now 'Oslo'"


@pytest.mark.parametrize(
    ("saved_text", "new_text"),
    [
        ("took 12 ms at 40 tok/s", "took 1.5 s at 7 tok/s"),
        ("Model m at demo: the demo; requested.", "Model m at demo: the demo; of a recording."),
        ("in x.jsonl on 127.0.0.1:80", "in x.jsonl on 127.0.0.1:90"),
    ],
)
def test_what_differs_from_run_to_run_is_replaced(saved_text: str, new_text: str) -> None:
    config = configparser.RawConfigParser()
    config.read(SANITIZE_FILE)

    def sanitized(text: str) -> str:
        for name in config.sections():
            text = re.sub(config[name]["regex"], config[name]["replace"], text)
        return text

    assert sanitized(saved_text) == sanitized(new_text) != saved_text


def test_a_cell_that_fails_is_reported_by_its_error(tmp_path: Path) -> None:
    failing = tmp_path / "failing.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("def f():\n    return 1 / 0\n\nf()")]), failing)
    done = run(failing, "--junit", tmp_path / "junit.xml")
    assert "code cell 1: ZeroDivisionError: division by zero\n" in done.stdout
    report = (tmp_path / "junit.xml").read_text("utf-8")
    assert 'message="ZeroDivisionError: division by zero"' in report
    assert "return 1 / 0" in report
    assert "x1B" not in report


@pytest.mark.parametrize("name", ["missing.ipynb"])
def test_what_cannot_be_run_is_reported(tmp_path: Path, name: str) -> None:
    done = run(tmp_path / name)
    assert done.returncode == 1
    assert "There is no notebook" in done.stderr
