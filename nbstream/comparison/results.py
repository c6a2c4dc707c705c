"""What a comparison says: derived from its cells, at any moment."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nbstream._util.names import did_you_mean
from nbstream.comparison.grid.best import Key, best_of
from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.changes import Changes, changes_between
from nbstream.comparison.grid.difference import Difference, paired_scores
from nbstream.comparison.grid.markdown import markdown
from nbstream.comparison.grid.plan import Plan
from nbstream.comparison.grid.racing import GridRace
from nbstream.comparison.grid.rows import Row
from nbstream.comparison.grid.summary import Summary, standing
from nbstream.comparison.grid.variant import Variant
from nbstream.comparison.judging.calibration import Calibration, calibration_of
from nbstream.errors import ArgumentError
from nbstream.reply import Reply

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Results"]


class Results:
    """What the cells of a comparison say.

    Parameters
    ----------
    plan
        What is compared.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._cells = plan.cells()
        self._sides: dict[tuple[int, int], list[Cell]] = {}
        for cell in self._cells:
            self._sides.setdefault((cell.variant.index, cell.row.index), []).append(cell)
        self._race: GridRace | None = None

    def _repr_markdown_(self) -> str:
        """What a notebook shows and saves of it: figures, what is decided, and the answers so far."""
        return markdown(self.summary(), self._cells)

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The columns."""
        return self._plan.variants

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows."""
        return self._plan.rows

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The answers, row by row."""
        return tuple(self._cells)

    @property
    def replies(self) -> tuple[Reply, ...]:
        """The replies that were requested so far, row by row."""
        return tuple(cell.reply for cell in self._cells if cell.reply is not None)

    @property
    def done(self) -> bool:
        """Whether all answers have ended and are checked."""
        return all(cell.settled for cell in self._cells)

    def cell(self, variant: int | str, row: int = 0, sample: int = 0) -> Cell:
        """An answer by its variant (number or name), row and sample.

        Raises
        ------
        ArgumentError
            When there is no such answer.

        Examples
        --------
        >>> from nbstream import compare
        >>> rows = [{"city": "Oslo"}, {"city": "Rome"}]
        >>> grid = compare("echo: {{ city }}", models="demo:nbstream-demo-fast", over=rows).result()
        >>> grid.cell(0, row=1).text.splitlines()[-1]
        'Rome'
        """
        for found in self._sides.get((self._variant(variant).index, row), []):
            if found.sample == sample:
                return found
        raise ArgumentError(f"There is no answer to row {row}, sample {sample}.")

    def to_frame(self) -> pd.DataFrame:
        """One row per answer: variant, row, text, status, figures, checks, rating and error.

        Raises
        ------
        MissingPackageError
            When pandas is not installed.

        Examples
        --------
        >>> from nbstream import compare
        >>> grid = compare("echo: Hi", models="demo:nbstream-demo-fast", checks={"hi": "contains: Hi"})
        >>> grid.result().to_frame()[["status", "passed", "check_hi"]].to_dict("records")
        [{'status': 'finished', 'passed': True, 'check_hi': True}]
        """
        from nbstream.comparison.grid.frame import frame

        return frame(self._cells, self._plan.names)

    def to_promptfoo(self, path: str | Path | None = None, *, overwrite: bool = False) -> str:
        """Prompts, models, rows and checks as a configuration of promptfoo, in YAML.

        It holds no key and no answer. Python functions among the checks are named in comments. A judge of
        pairs becomes ``select-best``, and a scale of grades is left out.

        Parameters
        ----------
        path
            A file to write, such as ``"promptfooconfig.yaml"``.
        overwrite
            Whether to replace a file that exists.

        Raises
        ------
        ArgumentError
            When a prompt is not text, or a value would be read as a file.
        FileError
            When the file exists, or cannot be written.

        Examples
        --------
        >>> from nbstream.comparison import compare
        >>> rows = [{"name": "Ada"}]
        >>> grid = compare("Hi {{ name }}", models="ollama:m", over=rows, checks="icontains: ada")
        >>> print(grid.to_promptfoo())
        description: Exported by nbstream
        prompts:
        - label: prompt
          raw: '[{"role": "user", "content": "Hi {{ name }}"}]'
        providers:
        - id: openai:chat:m
          label: ollama:m
          config:
            apiBaseUrl: http://127.0.0.1:11434/v1
        tests:
        - description: row 0
          vars:
            name: Ada
        defaultTest:
          assert:
          - type: icontains
            value: ada
            metric: 'icontains: ada'
        <BLANKLINE>
        """
        from nbstream.comparison.exporting import promptfoo_yaml
        from nbstream.comparison.exporting.plain import write

        known = ((cell.variant.index, cell.reply) for cell in self._cells if cell.reply is not None)
        text = promptfoo_yaml(self._plan, {index: reply.model for index, reply in known if reply.model})
        if path is not None:
            write(Path(path), text, overwrite=overwrite)
        return text

    def to_inspect(self, folder: str | Path) -> list[Path]:
        """Write the answers as logs that Inspect reads, one per variant, for its viewer and its data frames.

        Scores are C, I or a number, several answers to a row are epochs, and ratings, notes and columns of
        the row are metadata.

        Parameters
        ----------
        folder
            Where to write them, such as ``"logs"``. It is created.

        Raises
        ------
        FileError
            When a log cannot be written.

        Examples
        --------
        >>> import json, tempfile
        >>> from nbstream.comparison import compare
        >>> grid = compare("echo: Hi", models="demo:nbstream-demo-fast", checks="contains: Hi").result()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [path] = grid.to_inspect(folder)
        ...     log = json.loads(path.read_text("utf-8"))
        >>> log["results"]["scores"][0]["metrics"]["accuracy"]["value"]
        1.0
        """
        from nbstream.comparison.exporting import inspect_logs
        from nbstream.comparison.exporting.plain import make_folder, write

        folder = make_folder(Path(folder))
        written = []
        for name, text in inspect_logs(self._plan, self._cells, now=datetime.now(UTC)):
            write(folder / name, text, overwrite=False)
            written.append(folder / name)
        return written

    def differences(self, check: str = "") -> list[Difference]:
        """Each variant against the baseline, paired by row, by one check or by all together.

        The intervals hold however often they are looked at.

        Raises
        ------
        ArgumentError
            When there is no such check.

        Examples
        --------
        >>> from nbstream import compare
        >>> prompts = {"kind": "echo: please {{ n }}", "terse": "echo: {{ n }}"}
        >>> rows = [{"n": n} for n in range(20)]
        >>> grid = compare(
        ...     prompts=prompts, models="demo:nbstream-demo-fast", over=rows, checks="contains: please"
        ... ).result()
        >>> [difference] = grid.differences()
        >>> difference.decided, round(difference.interval.estimate, 2), difference.p_value < 0.001
        (True, -1.0, True)
        """
        if check:
            self._check_known(check)
        if not self._plan.names or (not check and not self._plan.checks):
            return []
        baseline, rows = self._plan.reference, self._plan.shuffled
        return [
            Difference(
                check,
                variant,
                baseline,
                paired_scores(self._sides, rows, (variant, baseline), check),
                self._plan.alpha,
            )
            for variant in self.variants
            if variant is not baseline
        ]

    def summary(self) -> Summary:
        """The figures of each variant, and what is decided.

        Examples
        --------
        >>> from nbstream.comparison import compare
        >>> prompts = {"kind": "echo: please", "terse": "echo: now"}
        >>> grid = compare(prompts=prompts, models="demo:nbstream-demo-fast", checks="contains: please")
        >>> for standing in grid.result().summary().standings:
        ...     print(standing)
        kind: 100 % passed [21, 100], n = 1 (1 finished)
        terse: 0 % passed [0, 79], n = 1 (1 finished)
        """
        checks = self._plan.names
        standings = [
            standing(variant, [cell for cell in self._cells if cell.variant is variant], checks)
            for variant in self.variants
        ]
        by = ["", *checks] if len(checks) > 1 or self._plan.pairs else [""]
        differences = [difference for check in by for difference in self.differences(check)]
        return Summary(standings, differences, "" if self._race is None else self._race.verdict())

    def calibration(self, check: str) -> Calibration:
        """How far a check or judge can be trusted, by your thumbs: `Cell.rating`.

        Rate a random part of the answers, not the striking ones.

        Raises
        ------
        ArgumentError
            When there is no such check.

        Examples
        --------
        >>> from nbstream import compare
        >>> rows = [{"n": n} for n in range(8)]
        >>> checks = {"even": lambda reply, row: row["n"] % 2 == 0}
        >>> grid = compare("echo: {{ n }}", models="demo:nbstream-demo-fast", over=rows, checks=checks)
        >>> for cell in grid.result().cells[:6]:
        ...     grid.rate(cell, 1 if cell.row.fields["n"] % 2 == 0 else -1)
        >>> agreement = grid.calibration("even").agreement
        >>> agreement.n, agreement.true_positive_rate.estimate, agreement.kappa().estimate
        (6, 1.0, 1.0)
        """
        self._check_known(check)
        if check in self._plan.pairs:
            raise ArgumentError(
                f"{check!r} compares answers, and thumbs rate single ones.",
                advice="Calibrate a Judge instead.",
            )
        return calibration_of(self.variants, self._cells, check)

    def best(self, key: Key = None) -> Variant:
        """The best variant.

        Parameters
        ----------
        key
            A check, ``"cost"``, ``"ttft"``, ``"tokens_per_second"`` or ``"output_tokens"``, or a function of
            the figures of a variant whose value is the highest; by default the winner of the race, or the
            highest share of answers that pass all checks. `summary` says how sure that is.

        Raises
        ------
        StateError
            When there is nothing to compare by yet.
        ArgumentError
            When there is no such key.

        Examples
        --------
        >>> from nbstream import compare
        >>> prompts = {"terse": "echo: now", "kind": "echo: please"}
        >>> grid = compare(prompts=prompts, models="demo:nbstream-demo-fast", checks="contains: please")
        >>> grid.result().best().name, grid.best("output_tokens").name
        ('kind', 'terse')
        """
        winner = self._race.race.winner if self._race is not None and key is None else None
        if winner is not None:
            return self.variants[winner]
        return best_of(self.summary().standings, key)

    def changes(self, earlier: Results, check: str = "") -> Changes:
        """What changed since an earlier comparison over the same rows: prompts, and answers that turned.

        Parameters
        ----------
        earlier
            The comparison before the edit.
        check
            By which check; by default by all together.

        Examples
        --------
        >>> from nbstream import compare
        >>> options = {"models": "demo:nbstream-demo-fast", "checks": "contains: please"}
        >>> first = compare("echo: now", **options).result()
        >>> print(compare("echo: now, please", **options, since=first).result().changes(first))
        - echo: now
        + echo: now, please
        1 turned good, 0 turned bad, 0 unchanged
        """
        return changes_between(earlier.cells, self.cells, check)

    def _check_known(self, check: str) -> None:
        names = self._plan.names
        if check not in names:
            there_are = f"There are: {', '.join(map(repr, names)) or 'none'}."
            raise ArgumentError(
                f"There is no check {check!r}.", advice=did_you_mean(check, names) or there_are
            )

    def _variant(self, which: int | str) -> Variant:
        for variant in self.variants:
            if which in (variant.index, variant.name):
                return variant
        names = ", ".join(repr(variant.name) for variant in self.variants)
        raise ArgumentError(f"There is no variant {which!r}.", advice=f"There are: {names}.")
