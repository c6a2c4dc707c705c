"""What the documentation and comments name by its path exists."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from dev.site.source import generated_paths

ROOT = Path(__file__).parents[1]
TOP = ("nbstream", "tests", "js", "benchmarks", "dev", "docs", "notebooks", ".ci")
PATH = re.compile(rf"`((?:{'|'.join(map(re.escape, TOP))})/[\w./-]*)`")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
TEXTS = ("*.md", "*.py", "*.ts", "*.tsx", "*.mjs", "*.css", "Makefile", "*.toml", "*.yaml")
OF_A_BUILD = re.compile(
    r"nbstream/(?:static|labextension)/|js/(?:react/)?(?:build|dist)/|docs/build|benchmarks/results/|benchmarks/\.venv"
)
NOT_OURS = ("CHANGELOG.md", "tests/fixtures/")
"""Tells of paths that are gone; tells of any."""


def named_paths() -> Iterator[tuple[str, str]]:
    """Each tracked file with each path in it that is in backquotes or that a link leads to."""
    listed = subprocess.run(
        ["git", "ls-files", *TEXTS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a checkout of git")
    for name in listed.stdout.splitlines():
        file = ROOT / name
        if file.exists() and not name.startswith(NOT_OURS):
            text = file.read_text(encoding="utf-8")
            yield from ((name, path) for path in PATH.findall(text))
            if file.suffix == ".md":
                yield from ((name, path) for path in LINK.findall(text))


def test_every_path_that_a_text_names_exists() -> None:
    named = [(name, path) for name, path in named_paths() if not OF_A_BUILD.match(path)]
    assert {"CONTRIBUTING.md", "README.md"} <= {name for name, _ in named}, "the pattern finds nothing"
    assert [f"{name}: {path}" for name, path in named if not _exists(name, path)] == []


def test_each_of_the_longest_files_exists_and_is_listed_once() -> None:
    listed = (ROOT / "tests/longest_files.txt").read_text(encoding="utf-8").splitlines()
    assert [name for name in listed if not (ROOT / name).is_file()] == []
    assert len(set(listed)) == len(listed)


def test_every_package_has_a_row_in_the_map() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in text.splitlines() if line.startswith("| "))
    packages = {path.parent.name for path in ROOT.glob("nbstream/*/__init__.py")}
    assert packages
    assert {name for name in packages if f"`nbstream/{name}/`" not in rows} == set()
    scripts = [*ROOT.glob("js/*/*.ts"), *ROOT.glob("js/*/*.tsx")]
    folders = {path.parent.name for path in scripts} - {"tests"}
    assert {name for name in folders if f"`js/{name}`" not in rows} == set()


def _exists(name: str, path: str) -> bool:
    beside = (ROOT / name).parent / path
    return (ROOT / path).exists() or beside.exists() or beside.resolve() in _generated()


@cache
def _generated() -> set[Path]:
    """Pages of the documentation that `make docs` writes."""
    return {path.resolve() for path in generated_paths()}
