"""Mutants in a project of two lines: killed, survived, and no longer fitting the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev.mutation.mutants import MUTANTS
from dev.mutation.probe import Mutant, OutdatedMutantError, Project

ROOT = Path(__file__).parents[2]
TESTS = ("tests/test_sums.py",)
OLD = "return a + b"
KILLED = Mutant("nbstream/sums.py", OLD, "return a - b", TESTS)
SURVIVES = Mutant("nbstream/sums.py", OLD, "return b + a", TESTS)


@pytest.fixture
def original(tmp_path: Path) -> Path:
    files = {
        "nbstream/__init__.py": "",
        "nbstream/testing/__init__.py": "",
        "nbstream/testing/plugin.py": "",  # pytest loads the plugin of the installed nbstream by this name
        "nbstream/sums.py": f"def add(a, b):\n    {OLD}\n",
        "tests/test_sums.py": "from nbstream.sums import add\n\n\ndef test(): assert add(1, 2) == 3\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_mutant_is_killed_by_a_test_that_fails_and_leaves_no_trace(original: Path) -> None:
    with Project.copy_of(original) as project:
        project.check(TESTS)
        assert project.judge(KILLED) == "killed"
        assert project.judge(SURVIVES) == "survived"
        assert project.judge(KILLED) == "killed"
        project.check(TESTS)
    assert OLD in (original / "nbstream/sums.py").read_text()


@pytest.mark.parametrize(
    ("mutant", "why"),
    [
        (Mutant("nbstream/sums.py", "return a * b", "", TESTS), "0 times"),
        (Mutant("nbstream/gone.py", OLD, "", TESTS), "0 times"),
        (Mutant("nbstream/sums.py", "a", "b", TESTS), "3 times"),
        (Mutant("nbstream/sums.py", OLD, "return b", ("tests/test_gone.py",)), "do not run"),
        (Mutant("nbstream/sums.py", OLD, "return )", TESTS), "do not run"),
    ],
    ids=["other text", "no file", "not unique", "no tests", "not Python"],
)
def test_a_mutant_that_does_not_fit_the_code_is_an_error(original: Path, mutant: Mutant, why: str) -> None:
    with Project.copy_of(original) as project, pytest.raises(OutdatedMutantError, match=why):
        project.judge(mutant)


def test_tests_that_fail_by_themselves_judge_nothing(original: Path) -> None:
    (original / "nbstream/sums.py").write_text("def add(a, b):\n    return 7\n")
    with Project.copy_of(original) as project, pytest.raises(OutdatedMutantError, match="without a mutant"):
        project.check(TESTS)


def test_every_mutant_changes_something_and_none_is_listed_twice() -> None:
    assert len(MUTANTS) >= 20
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS)
    assert all(mutant.old != mutant.new and mutant.tests for mutant in MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_fits_the_code(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1
    assert all((ROOT / test.partition("::")[0]).exists() for test in mutant.tests)
