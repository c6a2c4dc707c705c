"""``make mutation``: make each mutant of the table in a copy of the project, and run its tests.

The exit status is 1 if a mutant survives, and 2 if one no longer fits the code.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from dev.mutation.mutants import MUTANTS
from dev.mutation.probe import Mutant, OutdatedMutantError, Project

ROOT = Path(__file__).parents[2]
WORKERS = 2


def main(words: list[str]) -> int:
    """Probe the mutants whose description has one of the words; without words all."""
    chosen = [mutant for mutant in MUTANTS if not words or any(word in str(mutant) for word in words)]
    if not chosen:
        print("No mutant is described so.", file=sys.stderr)
        return 2
    outcomes = probe(chosen, ROOT)
    print(", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in ("killed", "survived", "outdated")))
    return 2 if "outdated" in outcomes else 1 if "survived" in outcomes else 0


def probe(mutants: Sequence[Mutant], root: Path) -> list[str]:
    """What became of each mutant; printed as it is found."""
    copies: SimpleQueue[Project] = SimpleQueue()

    def judge(mutant: Mutant) -> str:
        project = copies.get()
        try:
            outcome: str = project.judge(mutant)
        except OutdatedMutantError as error:
            print(error, file=sys.stderr)
            outcome = "outdated"
        finally:
            copies.put(project)
        print(f"{outcome:>8}  {mutant}", flush=True)
        return outcome

    with ExitStack() as stack, ThreadPoolExecutor(WORKERS) as pool:
        projects = [stack.enter_context(Project.copy_of(root)) for _ in range(WORKERS)]
        try:
            projects[0].check(sorted({test for mutant in mutants for test in mutant.tests}))
        except OutdatedMutantError as error:
            print(error, file=sys.stderr)
            return ["outdated"]
        for project in projects:
            copies.put(project)
        return list(pool.map(judge, mutants))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
