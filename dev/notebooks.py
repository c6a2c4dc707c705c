"""``python -m dev.notebooks FILE…``: each file is a valid notebook, and none of its cells failed.

The exit status is 1 if one is not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat

__all__ = ["main", "problems"]


def main(paths: list[str]) -> int:
    """Print the problems of notebooks."""
    found = [f"{path}: {problem}" for path in paths for problem in problems(Path(path))]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


def problems(path: Path) -> Iterator[str]:
    """What is wrong with a notebook, one line each."""
    try:
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
    except (ValueError, TypeError, AttributeError, nbformat.ValidationError) as error:
        yield f"not a valid notebook: {str(error).splitlines()[0]}"
        return
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", ()):
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", ()):
                yield f"cell {number} failed with {output.ename}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
