"""The texts of a row: short for the table, and the whole exchange for its reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nbstream.batching.outcome import Outcome
from nbstream.batching.plan import Plan
from nbstream.batching.row_prompt import is_null
from nbstream.errors import NbstreamError
from nbstream.types.messages import Message

__all__ = ["exchange", "found", "short_answer", "short_values"]

SHORT_CHARS = 160
MOST_CHARS = 200_000
"""Of one text of an exchange: a Jupyter server drops output above 1 MB a second."""


def short_values(plan: Plan, first: int, end: int) -> list[str]:
    """The values of some rows that the prompt uses, in one line each."""
    wanted = plan.prompt.columns
    return [_line(row, wanted) for row in plan.table.rows(first, end)]


def short_answer(outcome: Outcome | None) -> str:
    r"""The beginning of an answer, or why there is none.

    Examples
    --------
    >>> short_answer(Outcome("finished", "Oslo\n\nis mild.")), short_answer(None)
    ('Oslo is mild.', '')
    """
    if outcome is None:
        return ""
    text = str(outcome.error) if outcome.error is not None and not outcome.answered else outcome.text
    return _one_line(text)


def found(text: str, row: Mapping[str, Any], outcome: Outcome | None) -> bool:
    """Whether a text is in the values of a row, in its answer or in its error; `text` is in lower case.

    Examples
    --------
    >>> found("oslo", {"city": "Oslo"}, None), found("fjord", {}, Outcome("finished", "By a Fjord"))
    (True, True)
    """
    if any(text in str(value).casefold() for value in row.values()):
        return True
    if outcome is None:
        return False
    error = outcome.error
    return text in outcome.text.casefold() or (error is not None and text in str(error).casefold())


def exchange(plan: Plan, at: int, outcome: Outcome | None) -> dict[str, Any]:
    """What was sent for a row and the response, as JSON. A prompt that is a function is called again."""
    row = next(iter(plan.table.rows(at, at + 1)))
    label = str(plan.table.labels()[at])
    sent = {"row": at, "label": _one_line(label), "messages": _messages(plan, row)}
    if outcome is None:
        return sent
    usage, error = outcome.usage, outcome.error
    return sent | {
        "answer": _cut(outcome.text),
        "reasoning": _cut(outcome.reasoning),
        "error": None if error is None else _cut(str(error)),
        "finish_reason": outcome.finish_reason,
        "input": usage.input if usage else None,
        "output": usage.output if usage else None,
        "cached_tokens": usage.cached if usage else None,
        "cost": float(usage.cost) if usage and usage.cost is not None else None,
        "seconds": outcome.seconds,
        "attempts": outcome.attempts,
        "cached": outcome.cached,
    }


def _messages(plan: Plan, row: Mapping[str, Any]) -> list[list[str]]:
    """Role and text of each message; none if they cannot be made: the error of the row says why."""
    try:
        asked = plan.asked(row)
    except NbstreamError:
        return []
    return [[message.role, _cut("\n".join(_parts(message)))] for message in asked.messages]


def _parts(message: Message) -> Iterator[str]:
    if isinstance(message.content, str):
        yield message.content
        return
    for part in message.content:
        kind, text = str(part.get("type", "part")), part.get("text")
        yield text if isinstance(text, str) else f"[{kind.removesuffix('_url')}]"


def _line(row: Mapping[str, Any], wanted: frozenset[str]) -> str:
    used = {name: value for name, value in row.items() if name in wanted} or row
    texts = {name: "" if is_null(value) else _one_line(str(value)) for name, value in used.items()}
    if len(texts) == 1:
        return next(iter(texts.values()))
    return _one_line(" · ".join(f"{name}: {text}" for name, text in texts.items()))


def _one_line(text: str) -> str:
    begin = " ".join(text[: 4 * SHORT_CHARS].split())
    return begin if len(begin) <= SHORT_CHARS else begin[:SHORT_CHARS] + "…"


def _cut(text: str) -> str:
    left = len(text) - MOST_CHARS
    return text if left <= 0 else f"{text[:MOST_CHARS]}\n… {left:,} more characters"
