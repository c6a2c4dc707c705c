"""A mutant, and what the tests say of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Mutant", "OutdatedMutantError", "Project", "Verdict"]

Verdict = Literal["killed", "survived"]

PARTS = ("nbstream", "tests", "dev", "pyproject.toml")
HERMETIC = {"NBSTREAM_NO_PROBE": "1", "PYTHONDONTWRITEBYTECODE": "1", "CI": "1"}
PYTEST = ("-q", "-x", "-p", "no:cacheprovider", "--timeout=60")
PASSED, FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault in one place.

    Parameters
    ----------
    file
        Where, as a path below the project.
    old, new
        Text that occurs there exactly once, and its replacement.
    tests
        Paths of the tests that must fail.
    """

    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {self.old.strip()!r} → {self.new.strip()!r}"


class OutdatedMutantError(Exception):
    """The code has changed so that a mutant cannot be made, or its tests cannot judge it."""


class Project:
    """A temporary copy of the project, in which mutants are made one after the other.

    Parameters
    ----------
    root
        The copy.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    @contextmanager
    def copy_of(cls, original: Path) -> Iterator[Project]:
        """Copy a project, and delete the copy at the end."""
        with tempfile.TemporaryDirectory(prefix="nbstream-mutants-") as folder:
            for part in PARTS:
                source, target = original / part, Path(folder) / part
                if source.is_dir():
                    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
                elif source.exists():
                    shutil.copy(source, target)
            yield cls(Path(folder))

    def check(self, tests: Sequence[str]) -> None:
        """Run tests without any mutant: what fails by itself proves nothing.

        Raises
        ------
        OutdatedMutantError
            They do not pass.
        """
        status, output = self._run(tests)
        if status != PASSED:
            raise OutdatedMutantError(f"The tests do not pass without a mutant:\n{output}")

    def judge(self, mutant: Mutant) -> Verdict:
        """Run the tests of a mutant with its fault in the code.

        Raises
        ------
        OutdatedMutantError
            Its text is not there exactly once, or the tests do not run.
        """
        file = self._root / mutant.file
        original = file.read_text(encoding="utf-8") if file.exists() else ""
        if (found := original.count(mutant.old)) != 1:
            raise OutdatedMutantError(f"{mutant}: the text is there {found} times. Follow the code.")
        file.write_text(original.replace(mutant.old, mutant.new), encoding="utf-8")
        try:
            status, output = self._run(mutant.tests)
        finally:
            file.write_text(original, encoding="utf-8")
        if status not in {PASSED, FAILED}:
            raise OutdatedMutantError(f"{mutant}: the tests do not run.\n{output}")
        return "killed" if status == FAILED else "survived"

    def _run(self, tests: Sequence[str]) -> tuple[int, str]:
        """Exit status of pytest, and what it printed; a test that hangs has failed."""
        command = [sys.executable, "-m", "pytest", *PYTEST, *tests]
        environment = os.environ | HERMETIC | {"PYTHONPATH": str(self._root)}
        run = subprocess.run(
            command, cwd=self._root, env=environment, check=False, capture_output=True, text=True
        )
        return run.returncode, (run.stdout + run.stderr)[-3000:]
