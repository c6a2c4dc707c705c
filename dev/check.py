"""``make check``: lint, types, contracts and the unit tests of what changed, in less than a minute.

The exit status is 1 if any of them failed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.changes import changed_files, concerned_tests, is_slow
from dev.steps import Step, run_all

ROOT = Path(__file__).parents[1]
JS = ROOT / "js"
PYTHON_FOLDERS = ("nbstream", "tests", "benchmarks", "dev", "build_frontend.py")
PASSED = frozenset({pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED})
NPX = ("npx", "--no-install")
VITEST = (*NPX, "vitest", "related", "--run", "--passWithNoTests", "--project", "unit")


def main(arguments: list[str] | None = None) -> int:
    """Check what changed since the main branch."""
    parser = argparse.ArgumentParser(prog="python -m dev.check", description=__doc__)
    parser.add_argument("--base", default="main", help="the branch to compare with (default: %(default)s)")
    base = parser.parse_args(arguments).base
    try:
        changed = changed_files(ROOT, base)
    except subprocess.CalledProcessError as error:
        parser.error(f"Git cannot compare with {base!r}: {error.stderr.strip()}. Name another --base.")
    tests = concerned_tests(changed, ROOT)
    for test in filter(is_slow, tests):
        print(f"   not run: {test}")
    return 0 if run_all(steps(changed, [test for test in tests if not is_slow(test)])) else 1


def steps(changed: list[str], tests: list[str]) -> Iterator[Step]:
    """All checks of Python; those of the front end where it changed. The longest come first."""
    present = [path for path in changed if (ROOT / path).exists()]
    modules = [path for path in present if path.startswith("nbstream/") and path.endswith(".py")]
    scripts = [path.removeprefix("js/") for path in present if path.startswith("js/")]
    if tests or modules:
        command = [*_python("pytest"), "-q", "--doctest-modules", *modules, *tests]
        yield Step("unit tests", command, ROOT, PASSED)
    yield Step("types", _python("mypy"), ROOT)
    if scripts:
        yield Step("front-end tests", [*VITEST, *scripts], JS)
        for folder in (JS, JS / "react"):
            yield Step(f"types in {folder.name}", [*NPX, "tsc", "--noEmit"], folder)
            yield Step(f"lint in {folder.name}", [*NPX, "biome", "check", "."], folder)
    yield Step("lint", [*_python("ruff"), "check", *PYTHON_FOLDERS], ROOT)
    yield Step("format", [*_python("ruff"), "format", "--check", *PYTHON_FOLDERS], ROOT)
    yield Step("contracts", [str(Path(sys.executable).with_name("lint-imports"))], ROOT)


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


if __name__ == "__main__":
    sys.exit(main())
