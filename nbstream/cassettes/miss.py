"""What is reported if a request has no recorded answer: the nearest recorded request, and how it differs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from nbstream.cassettes.exchange import Exchange, RecordedRequest
from nbstream.errors import CassetteMissError

__all__ = ["differences", "miss"]

_MOST_DIFFERENCES = 5
_COMPARED_CHARS = 4000
_AROUND = 24
_MOST_CHARS = 60


def miss(request: RecordedRequest, exchanges: Sequence[Exchange], name: str) -> CassetteMissError:
    """The error for a request without a recorded answer.

    Parameters
    ----------
    request
        The request.
    exchanges
        All of the cassette.
    name
        Of the file.
    """
    again = (
        f"Record it again: %chat record {name}, with nbstream.record({name!r}), or "
        "NBSTREAM_CASSETTE_MODE=record; auto records only what is missing."
    )
    same = [exchange for exchange in exchanges if exchange.request.fingerprint == request.fingerprint]
    if same:
        times = "once" if len(same) == 1 else f"{len(same)} times"
        message = f"{name} has this request {times}, and it was sent once more."
        return CassetteMissError(message, advice=f"Replay from the start, or record more. {again}")
    nearest = _nearest(request, exchanges)
    if nearest is None:
        return CassetteMissError(f"{name} has no recorded requests.", advice=again)
    lines = list(differences(nearest.request, request))
    more = f"\n  and {len(lines) - _MOST_DIFFERENCES} more" if len(lines) > _MOST_DIFFERENCES else ""
    shown = "\n".join(f"  {line}" for line in lines[:_MOST_DIFFERENCES])
    return CassetteMissError(
        f"{name} has no answer to this request. The nearest one, request {nearest.number}, differs in:\n"
        f"{shown}{more}",
        advice=again,
    )


def differences(recorded: RecordedRequest, sent: RecordedRequest) -> Iterator[str]:
    """One line for each field that differs.

    Examples
    --------
    >>> url = "http://host.example/v1/x"
    >>> one = RecordedRequest("POST", url, {"messages": [{"content": "a red fox"}]})
    >>> two = RecordedRequest("POST", url, {"messages": [{"content": "a big fox"}]})
    >>> print(*differences(one, two))
    messages[0].content: recorded 'a red fox', sent 'a big fox'
    """
    before = dict(_fields({"path": f"{recorded.method} {recorded.path}"})) | dict(_fields(recorded.body))
    after = dict(_fields({"path": f"{sent.method} {sent.path}"})) | dict(_fields(sent.body))
    for place in dict.fromkeys([*before, *after]):
        if place not in after:
            yield f"{place}: recorded {_shown(before[place])}, not sent"
        elif place not in before:
            yield f"{place}: not recorded, sent {_shown(after[place])}"
        elif before[place] != after[place]:
            old, new = _around(before[place], after[place])
            yield f"{place}: recorded {old}, sent {new}"


def _nearest(request: RecordedRequest, exchanges: Sequence[Exchange]) -> Exchange | None:
    """The exchange with the most similar request, preferring the same path."""
    if not exchanges:
        return None
    wanted = request.canonical[:_COMPARED_CHARS]
    matcher = difflib.SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(wanted)
    best, best_score = exchanges[0], (False, -1.0)
    for exchange in exchanges:
        same_path = exchange.request.path == request.path
        matcher.set_seq1(exchange.request.canonical[:_COMPARED_CHARS])
        if (same_path, matcher.quick_ratio()) <= best_score:
            continue
        score = (same_path, matcher.ratio())
        if score > best_score:
            best, best_score = exchange, score
    return best


def _fields(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """The values without children, by their place."""
    if isinstance(value, dict) and value:
        for name, held in value.items():
            yield from _fields(held, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list) and value:
        for number, held in enumerate(value):
            yield from _fields(held, f"{place}[{number}]")
    else:
        yield place or "body", value


def _around(old: Any, new: Any) -> tuple[str, str]:
    """Both values; of long texts what is around the first difference."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return _shown(old), _shown(new)
    start = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    begin = max(0, start - _AROUND)
    return _shown(old[begin:], cut=begin > 0), _shown(new[begin:], cut=begin > 0)


def _shown(value: Any, *, cut: bool = False) -> str:
    text = repr(value)
    text = f"{text[: _MOST_CHARS - 1]}…{text[-1]}" if len(text) > _MOST_CHARS else text
    return f"{text[0]}…{text[1:]}" if cut else text
