"""Which files changed since the main branch, and which unit tests they concern."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

__all__ = ["changed_files", "concerned_tests", "is_slow"]

SLOW = ("tests/browser", "tests/kernel", "tests/local", "tests/test_wheel.py")
"""A browser, a kernel, a language model, a build: verbs of their own run these."""
OF_TEXTS = {
    "README.md": ["tests/test_readme.py", "tests/test_paths_in_docs.py"],
    "CONTRIBUTING.md": ["tests/test_paths_in_docs.py"],
    "pyproject.toml": ["tests/test_version.py"],
}


def changed_files(root: Path, base: str) -> list[str]:
    """Files that were added, changed or deleted since this branch left `base`, committed or not.

    Raises
    ------
    subprocess.CalledProcessError
        Git does not know `base`.
    """
    start = _git(root, "merge-base", base, "HEAD")[0]
    tracked = _git(root, "diff", "--name-only", "--no-renames", start)
    return sorted({*tracked, *_git(root, "ls-files", "--others", "--exclude-standard")})


def concerned_tests(changed: Iterable[str], root: Path) -> list[str]:
    """The unit tests that these files concern, as paths below `root`.

    A test file is run itself. A module is tested by the file that mirrors its path, or without one by
    the tests that import it, or without those by the tests of its folder. What tests share concerns
    the tests of its folder; at the top of ``tests/`` those that import it.
    """
    found = {test for path in changed for test in _of_path(PurePosixPath(path), root)}
    return sorted(test for test in found if (root / test).is_file())


def is_slow(test: str) -> bool:
    """Whether a test starts more than a unit test may."""
    return test.startswith(SLOW)


def _of_path(path: PurePosixPath, root: Path) -> Iterable[str]:
    match path.parts:
        case ["docs", *_]:
            return ["tests/dev/test_site.py", "tests/test_paths_in_docs.py"]
        case _ if path.suffix != ".py":
            return OF_TEXTS.get(str(path), [])
        case ["tests", *_] if path.name.startswith("test_"):
            return [str(path)]
        case ["tests", _]:
            return _importing(path, root)
        case ["tests", *_]:
            return _in_folder(path.parent, root)
        case ["nbstream" | "dev", *_]:
            return _of_module(path, root)
    return []


def _of_module(path: PurePosixPath, root: Path) -> Iterable[str]:
    below = path.relative_to("nbstream") if path.parts[0] == "nbstream" else path
    mirror = PurePosixPath("tests") / below.parent / f"test_{below.name}"
    if (root / mirror).is_file():
        return [str(mirror)]
    return _importing(path, root) or _in_folder(mirror.parent, root)


def _in_folder(folder: PurePosixPath, root: Path) -> list[str]:
    pattern = "test_*.py" if folder.name == "tests" else "**/test_*.py"
    return [path.relative_to(root).as_posix() for path in (root / folder).glob(pattern)]


def _importing(path: PurePosixPath, root: Path) -> list[str]:
    """The unit tests that import a module by its name."""
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    tests = (test.relative_to(root).as_posix() for test in root.glob("tests/**/test_*.py"))
    return [test for test in tests if not is_slow(test) and module in set(_imports(root / test))]


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _git(root: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()
