"""Which files changed, and which tests they concern, in temporary repositories."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from dev.changes import changed_files, concerned_tests, is_slow

FILES = {
    "nbstream/chat.py": "",
    "nbstream/wire/sse.py": "",
    "nbstream/wire/body.py": "",
    "nbstream/wire/lone.py": "",
    "nbstream/cli/main.py": "",
    "tests/cells.py": "",
    "tests/test_chat.py": "from nbstream.wire import sse",
    "tests/test_wheel.py": "import tests.cells",
    "tests/wire/chunks.py": "",
    "tests/wire/test_sse.py": "from tests import cells",
    "tests/wire/test_bodies.py": "from nbstream.wire.body import Body",
    "tests/views/test_text.py": "import nbstream.wire.body",
    "tests/kernel/driver.py": "",
    "tests/kernel/test_stopping.py": "from nbstream.wire.body import Body",
    "js/core/sse.ts": "",
    "README.md": "",
}


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    git(tmp_path, "init", "--initial-branch", "main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--message", "Begin")
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("nbstream/chat.py", ["tests/test_chat.py"]),
        ("nbstream/wire/sse.py", ["tests/wire/test_sse.py"]),
        ("nbstream/wire/body.py", ["tests/views/test_text.py", "tests/wire/test_bodies.py"]),
        ("nbstream/wire/lone.py", ["tests/wire/test_bodies.py", "tests/wire/test_sse.py"]),
        ("nbstream/cli/main.py", []),
        ("tests/test_chat.py", ["tests/test_chat.py"]),
        ("tests/wire/test_gone.py", []),
        ("tests/wire/chunks.py", ["tests/wire/test_bodies.py", "tests/wire/test_sse.py"]),
        ("tests/cells.py", ["tests/wire/test_sse.py"]),
        ("tests/kernel/driver.py", ["tests/kernel/test_stopping.py"]),
        ("js/core/sse.ts", []),
    ],
)
def test_a_file_selects_the_tests_that_it_concerns(repository: Path, changed: str, tests: list[str]) -> None:
    assert concerned_tests([changed], repository) == tests


def test_kernels_browsers_and_builds_are_slow() -> None:
    tests = ["tests/kernel/test_stopping.py", "tests/browser/test_marimo.py", "tests/test_wheel.py"]
    assert all(map(is_slow, tests))
    assert not is_slow("tests/wire/test_sse.py")


def test_committed_uncommitted_new_and_deleted_files_have_changed(repository: Path) -> None:
    git(repository, "switch", "--create", "work")
    write(repository, {"nbstream/chat.py": "committed"})
    git(repository, "commit", "--all", "--message", "Change")
    write(repository, {"nbstream/wire/sse.py": "uncommitted", "nbstream/wire/new.py": "untracked"})
    (repository / "nbstream/cli/main.py").unlink()
    expected = ["nbstream/chat.py", "nbstream/cli/main.py", "nbstream/wire/new.py", "nbstream/wire/sse.py"]
    assert changed_files(repository, "main") == expected


def test_what_main_changed_since_is_not_a_change_of_the_branch(repository: Path) -> None:
    git(repository, "branch", "work")
    write(repository, {"README.md": "newer"})
    git(repository, "commit", "--all", "--message", "Change on main")
    git(repository, "switch", "work")
    assert changed_files(repository, "main") == []


def test_an_unknown_base_is_an_error(repository: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        changed_files(repository, "nowhere")
