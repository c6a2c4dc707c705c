"""Steps run side by side, and one that fails shows what it wrote."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dev.steps import Step, run_all


def python(name: str, program: str, *, passing: frozenset[int] = frozenset({0})) -> Step:
    return Step(name, [sys.executable, "-c", program], Path(), passing)


def test_only_a_failure_shows_its_output(capsys: pytest.CaptureFixture[str]) -> None:
    failing = python("types", "import sys; print('out'); print('why', file=sys.stderr); sys.exit(2)")
    assert not run_all([failing, python("lint", "print('all is well')")])
    shown = capsys.readouterr().out
    assert "failed" in shown
    assert "out" in shown
    assert "why" in shown
    assert "all is well" not in shown
    assert "lint" in shown


def test_all_run_although_one_fails(tmp_path: Path) -> None:
    there = tmp_path / "there"
    assert not run_all([python("a", "1/0"), python("b", f"open({str(there)!r}, 'x')")], workers=1)
    assert there.exists()


def test_a_step_says_which_statuses_are_success() -> None:
    assert run_all([python("no tests", "raise SystemExit(5)", passing=frozenset({0, 5}))])


def test_steps_run_side_by_side(tmp_path: Path) -> None:
    """Each ends only after the other has begun."""
    program = """
import pathlib, time
own, other = pathlib.Path({own!r}), pathlib.Path({other!r})
own.touch()
while not other.exists():
    time.sleep(0.01)
"""
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    steps = [python("a", program.format(own=a, other=b)), python("b", program.format(own=b, other=a))]
    assert run_all(steps)
