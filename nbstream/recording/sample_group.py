"""Answers that were requested together."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from operator import add
from typing import Any

from nbstream.recording.state import ReplyState
from nbstream.types.usage import Usage

__all__ = ["SampleGroup"]


class SampleGroup:
    """The answers of one group of parallel requests with the same prompt.

    Examples
    --------
    >>> from nbstream.types.events import Finished, TextDelta
    >>> group = SampleGroup()
    >>> for text in ("Yes", "No", "Yes "):
    ...     state = ReplyState()
    ...     state.extend([TextDelta(0.1, text), Finished(0.2, "stop")])
    ...     group.states.append(state)
    >>> group.summary
    '3 answers, 2 distinct'
    """

    def __init__(self) -> None:
        self.states: list[ReplyState] = []

    @property
    def counts(self) -> Counter[str]:
        """How often each text was the answer, white space at its ends aside; of finished answers."""
        return Counter(state.text.strip() for state in self.states if state.status == "finished")

    @property
    def usage(self) -> Usage | None:
        """The tokens of all answers; None if no server reported any."""
        reported = [state.usage for state in self.states if state.usage is not None]
        return reduce(add, reported) if reported else None

    @property
    def summary(self) -> str:
        """How many answers there are, and how many of them are distinct."""
        of = len(self.states)
        statuses = Counter(state.status for state in self.states)
        finished, running = statuses["finished"], sum(not state.ended for state in self.states)
        parts = (
            [f"{of - running} of {of} answers so far"] if running else [f"{finished} {_answers(finished)}"]
        )
        if finished > 1:
            parts.append(f"{len(self.counts)} distinct")
        parts += [f"{statuses[name]} {name}" for name in ("failed", "stopped") if statuses[name]]
        return ", ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """What a notebook saves of the group."""
        usage = self.usage
        return {"text": self.summary, "usage": usage.as_dict() if usage else None}


def _answers(count: int) -> str:
    return "answer" if count == 1 else "answers"
