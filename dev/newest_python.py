"""``python -m dev.newest_python``: print the path of the newest Python on this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["newest_python"]

VERSION = "import sys; print(*sys.version_info[:3], sys.version_info.releaselevel == 'final')"


def newest_python(folders: Iterable[Path]) -> Path:
    """The newest released interpreter in some folders; the running one if there is no newer.

    A name is not trusted: a shim of a version manager may stand for a version that is not active.
    """
    found = {version: path for path in _named_python(folders) if (version := _version(path))}
    newest = max(found, default=(0, 0, 0))
    return found[newest] if newest > sys.version_info[:3] else Path(sys.executable)


def usual_folders() -> Iterator[Path]:
    """Where interpreters are: the PATH, and the versions that pyenv has installed."""
    yield from map(Path, os.environ.get("PATH", "").split(os.pathsep))
    yield from Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/*/bin")


def _named_python(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.glob("python3.*") if re.fullmatch(r"python3\.\d+", path.name))


def _version(path: Path) -> tuple[int, ...] | None:
    try:
        run = subprocess.run([path, "-c", VERSION], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    *numbers, final = run.stdout.split() or [""]
    return tuple(map(int, numbers)) if run.returncode == 0 and final == "True" else None


if __name__ == "__main__":
    print(newest_python(usual_folders()))
