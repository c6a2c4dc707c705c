"""Checks of one answer, in a notebook or a test: what `Reply.should` and ``%%expect`` do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from nbstream.cassettes import Cassette, nearest
from nbstream.comparison.checks import Check, FunctionCheck, Monitor, Outcome, as_checks
from nbstream.errors import ArgumentError, ExpectationError, StateError
from nbstream.reply import Reply
from nbstream.structured.answer import StructuredAnswer
from nbstream.structured.structure import Structure
from nbstream.views.inert import inert_markdown, visible

__all__ = ["Expectation", "check_reply", "schema_check"]

PASSED, FAILED = "✓", "✗"
_asked: WeakKeyDictionary[Cassette, Counter[str]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Expectation:
    """The checks of an answer that has passed them.

    Parameters
    ----------
    outcomes
        By name of the check.
    recorded
        Which checks passed when the answer was recorded; None if that was not asked for.

    Examples
    --------
    >>> Expectation({"icontains: oslo": Outcome("pass")})
    ✓ icontains: oslo
    """

    outcomes: Mapping[str, Outcome]
    recorded: Mapping[str, bool | None] | None = None

    @property
    def passed(self) -> bool:
        """Whether all checks passed, or their outcomes are the recorded ones."""
        if self.recorded is not None:
            return dict(self.recorded) == _verdict(self.outcomes)
        return all(outcome.passed for outcome in self.outcomes.values())

    @property
    def lines(self) -> list[str]:
        """One for each check."""
        if self.recorded is None:
            return [_line(name, outcome) for name, outcome in self.outcomes.items()]
        return [
            f"{PASSED if self.recorded.get(name) == outcome.passed else FAILED} {name}: "
            f"{_word(outcome.passed)}, {_word(self.recorded.get(name))} when it was recorded"
            for name, outcome in self.outcomes.items()
        ]

    def __repr__(self) -> str:
        return visible("\n".join(self.lines))

    def _repr_markdown_(self) -> str:
        return "  \n".join(inert_markdown(line) for line in self.lines)


async def check_reply(
    reply: Reply, checks: Sequence[Any] | Mapping[str, Any], *, same_verdict: bool = False
) -> Expectation:
    """Check an answer that has ended.

    Parameters
    ----------
    reply
        The answer.
    checks
        As for `compare`.
    same_verdict
        Whether the outcomes have to be those of the recording, whichever they were.

    Raises
    ------
    ExpectationError
        When a check does not pass.
    """
    given = as_checks(checks)
    named = {name: check for name, check in given.items() if isinstance(check, Check)}
    if len(named) != len(given):
        raise ArgumentError(
            "A check of pairs needs the answers of two variants.", advice="Use it in compare(…, checks=…)."
        )
    if not named:
        raise ArgumentError(
            "There is nothing to check.", advice='For example: reply.should("contains: Oslo")'
        )
    if reply.status != "finished":
        raise ExpectationError(
            f"The answer is not complete: it {'was stopped' if reply.status == 'stopped' else 'failed'}.",
            advice="Run its cell again; only complete answers are checked.",
        )
    monitor = Monitor(named, {}, "never")
    await monitor.follow(reply)
    outcomes = {name: monitor.outcomes[name] for name in named}
    expectation = Expectation(outcomes, _recorded_verdict(outcomes) if same_verdict else None)
    if not expectation.passed:
        failed = [line.removeprefix(f"{FAILED} ") for line in expectation.lines if line.startswith(FAILED)]
        advice = "Change the prompt or the check, or record again if the new answer is right."
        raise ExpectationError("\n".join([_count(len(failed), len(named)), *failed]), advice=advice)
    return expectation


def schema_check(schema: object) -> Check:
    """Whether the answer matches a schema, as `Chat.send` takes it."""
    structure = Structure.of(schema)

    def matches(reply: Reply) -> tuple[bool, str]:
        answer = StructuredAnswer(structure)
        answer.feed(reply.text)
        answer.end()
        return answer.is_valid, "" if answer.is_valid else answer.problem()

    return FunctionCheck(matches, f"schema: {structure.name}")


def _recorded_verdict(outcomes: Mapping[str, Outcome]) -> Mapping[str, bool | None]:
    """The verdict in the recording; if there is none and it is being recorded, this one."""
    tape = nearest()
    if tape is None:
        raise StateError(
            "No recording is in use, so there is no recorded verdict.",
            advice='Use %chat record FILE, or with nbstream.record("FILE").',
        )
    counts = _asked.setdefault(tape, Counter())
    names = "; ".join(outcomes)
    counts[names] += 1
    key, verdict = f"{names} ({counts[names]})", _verdict(outcomes)
    recorded = tape.verdict(key)
    if tape.records and (recorded is None or tape.mode == "record"):
        tape.note_verdict(key, verdict)
    if recorded is None and not tape.records:
        raise StateError(
            f"{tape.path.name} has no verdict of these checks.",
            advice="Record it again: NBSTREAM_CASSETTE_MODE=record, or auto for what is missing.",
        )
    return verdict if recorded is None else recorded


def _verdict(outcomes: Mapping[str, Outcome]) -> dict[str, bool | None]:
    return {name: outcome.passed for name, outcome in outcomes.items()}


def _line(name: str, outcome: Outcome) -> str:
    mark = PASSED if outcome.passed else FAILED
    return f"{mark} {name}: {outcome.reason}" if outcome.reason else f"{mark} {name}"


def _word(passed: bool | None) -> str:
    return {True: "passed", False: "failed", None: "not decided"}[passed]


def _count(failed: int, checks: int) -> str:
    if checks == 1:
        return "The answer does not pass:"
    return f"The answer does not pass {failed} of {checks} checks:"
