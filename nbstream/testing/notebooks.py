"""Runs notebooks by nbval, each in a pytest process, with the recording of the notebook."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree as ET

from nbstream.errors import FileError, MissingPackageError

__all__ = ["SANITIZE_FILE", "NotebookResult", "NotebookTests"]

SANITIZE_FILE = Path(__file__).with_name("sanitize.cfg")
"""Replacements for what differs from run to run, in the format of nbval."""
_MOST_SHOWN = 5
_LINE_CHARS = 160
_COLOUR = re.compile(r"(?:\x1b|#x1B)\[[0-9;]*m")
_IGNORED_SETTINGS = ("addopts", "filterwarnings", "xfail_strict")


@dataclass(frozen=True)
class NotebookResult:
    """The result of one notebook.

    Parameters
    ----------
    path
        The notebook.
    cells
        How many code cells ran.
    failures
        Number and reason of each cell that differs or failed.
    suite
        The results as JUnit XML; None if the notebook could not be run.
    problem
        Why it could not be run.
    """

    path: Path
    cells: int
    failures: Sequence[tuple[str, str]]
    suite: ET.Element | None
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether all outputs are the saved ones."""
        return not self.failures and not self.problem

    def __str__(self) -> str:
        if self.problem:
            return f"{self.path}: could not be run.\n{self.problem}"
        if not self.failures:
            return f"{self.path}: {_count(self.cells)}, every output as saved."
        lines = [f"  {cell}: {reason}" for cell, reason in self.failures[:_MOST_SHOWN]]
        more = len(self.failures) - _MOST_SHOWN
        lines += [f"  and {more} more"] if more > 0 else []
        verb = "differs" if len(self.failures) == 1 else "differ"
        return "\n".join([f"{self.path}: {len(self.failures)} of {_count(self.cells)} {verb}.", *lines])


class NotebookTests:
    """Runs notebooks.

    Parameters
    ----------
    mode
        Of recordings.
    sanitize
        A file of further replacements.
    kernel
        Name of the kernel; one of this Python environment by default.
    lax
        Whether only marked cells are compared.

    Raises
    ------
    MissingPackageError
        If nbval is not installed.
    FileError
        If the file of replacements cannot be read.
    """

    def __init__(self, mode: str, sanitize: Path | None, kernel: str | None, *, lax: bool) -> None:
        if find_spec("nbval") is None or find_spec("pytest") is None:
            raise MissingPackageError("nbval is not installed.", advice='Run: pip install "nbstream[test]"')
        self._mode = mode
        self._kernel = ["--nbval-kernel-name", kernel] if kernel else ["--nbval-current-env"]
        self._compare = "--nbval-lax" if lax else "--nbval"
        self._replacements = SANITIZE_FILE.read_text("utf-8")
        if sanitize is not None:
            try:
                self._replacements += "\n" + sanitize.read_text("utf-8")
            except OSError as error:
                raise FileError(f"{str(sanitize)!r} cannot be read: {error.strerror}.") from error

    def run(self, path: Path) -> NotebookResult:
        """Run one notebook, in its folder."""
        path = Path(os.path.abspath(path))  # noqa: PTH100  links stay
        with tempfile.TemporaryDirectory() as folder:
            report, replacements = Path(folder, "report.xml"), Path(folder, "sanitize.cfg")
            replacements.write_text(self._replacements, "utf-8")
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no"]
            command += ["-p", "nbstream.testing.kernels"]
            command += [self._compare, *self._kernel, "--nbval-sanitize-with", str(replacements)]
            command += [word for name in _IGNORED_SETTINGS for word in ("-o", f"{name}=")]
            command += [f"--rootdir={path.parent}", f"--junitxml={report}", "-o", "junit_family=xunit2"]
            done = subprocess.run(  # noqa: S603  our own interpreter
                [*command, str(path)],
                cwd=path.parent,
                env=self._environment(path),
                capture_output=True,
                text=True,
                check=False,
            )
            return _result(path, report, done.stdout + done.stderr)

    @staticmethod
    def write_junit(path: Path, results: Sequence[NotebookResult]) -> None:
        """Write the results of several notebooks as one file of JUnit XML.

        Raises
        ------
        FileError
            If it cannot be written.
        """
        root = ET.Element("testsuites")
        root.extend(
            [result.suite if result.suite is not None else _error_suite(result) for result in results]
        )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
        except OSError as error:
            raise FileError(f"{str(path)!r} cannot be written: {error.strerror}.") from error

    def _environment(self, path: Path) -> dict[str, str]:
        own = path.parent / "cassettes" / f"{path.stem}.jsonl"
        return os.environ | {
            "NBSTREAM_CASSETTE": str(own),
            "NBSTREAM_CASSETTE_MODE": self._mode,
            "NBSTREAM_CASSETTE_PACE": "0",
            "NBSTREAM_NO_PROBE": "1",
        }


def _result(path: Path, report: Path, output: str) -> NotebookResult:
    shown = _shown(path)
    suite = ET.parse(report).getroot().find("testsuite") if report.exists() else None  # noqa: S314  ours
    cases = [] if suite is None else suite.findall("testcase")
    if suite is None or not cases:
        return NotebookResult(shown, 0, (), None, _end_of(output) or "It has no code cells.")
    suite.set("name", str(shown))
    failures = []
    for case in cases:
        case.set("name", _number(case.get("name", "")))
        for problem in case.iter():
            if problem.tag in {"failure", "error"}:
                problem.text = _COLOUR.sub("", problem.text or problem.get("message") or "")
                reason = _reason(problem.text)
                problem.set("message", reason)
                failures.append((case.get("name", ""), reason))
    return NotebookResult(shown, len(cases), failures, suite)


def _reason(text: str) -> str:
    """What differs, in one line: nbval writes a heading, the source, and then the reason."""
    heading = re.search(r"Cell \d+: (.+)", text)
    lines = [line for line in text.partition("Traceback:\n")[2].splitlines() if line.strip()]
    saved, new = (" ".join(_after(sign, lines)) for sign in "+-")
    if any("mismatch" in line for line in lines) and (saved or new):
        found = f"saved {saved or 'nothing'}, now {new or 'nothing'}"
    elif lines and lines[0].startswith("---"):  # a traceback of IPython ends with the error
        found = lines[-1].strip()
    else:
        found = " ".join(line.strip() for line in lines) or (heading[1] if heading else "it failed")
    return found if len(found) <= _LINE_CHARS else found[: _LINE_CHARS - 1] + "…"


def _after(sign: str, lines: Sequence[str]) -> list[str]:
    return [match[1] for line in lines if (match := re.match(rf"\s*{re.escape(sign)} (.+)", line))]


def _number(name: str) -> str:
    """The number of a code cell, from 1: nbval counts from 0."""
    digits = re.search(r"\d+$", name)
    return f"code cell {int(digits[0]) + 1}" if digits else name


def _end_of(output: str) -> str:
    return "\n".join(f"  {line}" for line in output.strip().splitlines()[-_MOST_SHOWN:])


def _error_suite(result: NotebookResult) -> ET.Element:
    suite = ET.Element("testsuite", name=str(result.path), tests="1", errors="1", failures="0")
    case = ET.SubElement(suite, "testcase", classname=str(result.path), name="notebook")
    ET.SubElement(case, "error", message="could not be run").text = result.problem
    return suite


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _count(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells} cells"
