"""``nbstream test``: notebooks as tests, with a summary in words."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nbstream.errors import FileError

__all__ = ["add_arguments"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = (
        "Run notebooks and compare every output with the saved one. Requests are answered from "
        "cassettes/NAME.jsonl in the folder of the notebook, at once and without network or key; what "
        "the notebook itself records or replays has priority. Exit status 1 if an output differs."
    )
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument(
        "--mode",
        choices=("replay", "auto", "record", "off"),
        default="replay",
        help="replay (the default), auto: record what is missing, record everything again, off: neither",
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write the results as JUnit XML")
    parser.add_argument(
        "--sanitize",
        type=Path,
        metavar="FILE",
        help="further replacements before outputs are compared (nbval)",
    )
    parser.add_argument(
        "--kernel", metavar="NAME", help="kernel to use; by default one of this Python environment"
    )
    parser.add_argument(
        "--lax", action="store_true", help="only compare outputs of cells with # NBVAL_CHECK_OUTPUT"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from nbstream.testing.notebooks import NotebookTests

    missing = [str(path) for path in options.notebooks if not path.is_file()]
    if missing:
        raise FileError(f"There is no notebook {', '.join(missing)}.", advice="Check the path.")
    tests = NotebookTests(options.mode, options.sanitize, options.kernel, lax=options.lax)
    results = []
    for path in options.notebooks:
        result = tests.run(path)
        results.append(result)
        sys.stdout.write(f"{result}\n")
        sys.stdout.flush()
    if len(results) > 1:
        good = sum(result.passed for result in results)
        sys.stdout.write(f"{good} of {len(results)} notebooks pass.\n")
    if options.junit is not None:
        tests.write_junit(options.junit, results)
    return 0 if all(result.passed for result in results) else 1
