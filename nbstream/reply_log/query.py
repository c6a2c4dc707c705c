"""What is looked for in the log, and the SQL that finds it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from nbstream.errors import ArgumentError

__all__ = ["Query", "parse_since"]

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d|w)")
_INDEXED_WORD = re.compile(r"[\w.:/-]+")
# Written without spaces, so that the index has whole sentences as words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
# A word in the prompt counts as much as this many in the answer.
_JOIN = (
    "LEFT JOIN (SELECT rowid, rank FROM words WHERE words MATCH ? AND rank MATCH 'bm25(10.0, 1.0)') AS hit "
    "ON hit.rowid = number"
)


class Sql(NamedTuple):
    """Parts of a statement: join and conditions, the order, and the values of their marks."""

    conditions: str
    order: str
    values: list[Any]
    order_values: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for; None for what does not matter.

    Parameters
    ----------
    words
        Words that all occur in the prompt or the answer, in any order; each may be the beginning of one.
    model
        Part of the model's name.
    chat
        Name of the chat.
    since
        Time of the oldest reply.
    rating
        1, -1, or 0 for replies without a rating.
    status
        Status of the reply.
    """

    words: str = ""
    model: str | None = None
    chat: str | None = None
    since: datetime | None = None
    rating: int | None = None
    status: str | None = None

    def sql(self, *, indexed: bool) -> Sql:
        """The parts of a statement on the table ``replies``.

        Parameters
        ----------
        indexed
            Whether the table ``words`` can be searched. Rows that it does not have yet are scanned.
        """
        words = self.words.split()
        in_index = [word for word in words if indexed and _is_indexed(word)]
        join, values, found = "", [], [*self._filters()]
        order = "number"
        if in_index:
            join = _JOIN
            values.append(" ".join(f'"{word}"*' for word in in_index))
            scanned = " AND ".join([_LIKE] * len(in_index))
            found.append((f"(hit.rowid IS NOT NULL OR (indexed = 0 AND {scanned}))", _likes(in_index)))
        others = [word for word in words if word not in in_index]
        found += [(_LIKE, _likes([word])) for word in others]
        where = " AND ".join(condition for condition, _ in found)
        values += [value for _, marks in found for value in marks]
        if words:
            in_prompt = " + ".join([r"(prompt LIKE ? ESCAPE '\')"] * len(words))
            order = f"coalesce({'hit.rank' if in_index else 'NULL'}, 0), {in_prompt} DESC, number DESC"
        return Sql(f"{join} WHERE {where or 'true'}", order, values, list(map(_pattern, words)))

    def _filters(self) -> list[tuple[str, list[Any]]]:
        since = f"{self.since:%Y-%m-%dT%H:%M:%SZ}" if self.since else None
        rows = (
            (self.model, r"model LIKE ? ESCAPE '\'", _pattern(self.model or "")),
            (self.chat, "chat = ?", self.chat),
            (since, "time >= ?", since),
            (self.rating, "coalesce(rating, 0) = ?", self.rating),
            (self.status, "status = ?", self.status),
        )
        return [(condition, [value]) for given, condition, value in rows if given is not None]


_LIKE = r"(prompt LIKE ? ESCAPE '\' OR text LIKE ? ESCAPE '\')"


def parse_since(since: str | datetime | timedelta | None) -> datetime | None:
    """The time that an age or a date stands for, in UTC.

    Examples
    --------
    >>> parse_since("2026-11-30T12:00+00:00")
    datetime.datetime(2026, 11, 30, 12, 0, tzinfo=datetime.timezone.utc)

    Raises
    ------
    ArgumentError
        If it is neither.
    """
    now = datetime.now(UTC)
    try:
        match since:
            case None:
                return None
            case datetime():
                return since.astimezone(UTC)
            case timedelta():
                return now - since
            case str() if age := _AGE.fullmatch(since.strip()):
                return now - timedelta(seconds=float(age[1]) * _UNITS[age[2]])
        return datetime.fromisoformat(since).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(
            f"{since!r} is neither an age nor a date.",
            advice="For example: 30min, 12h, 2d, 1w or 2026-11-30.",
        ) from None


def _is_indexed(word: str) -> bool:
    """Whether the index finds a word: others, such as ``c++``, would lose their signs."""
    return bool(_INDEXED_WORD.fullmatch(word) and re.search(r"\w", word) and not _UNSPACED.search(word))


def _pattern(word: str) -> str:
    return "%" + re.sub(r"([%_\\])", r"\\\1", word) + "%"


def _likes(words: list[str]) -> list[str]:
    return [_pattern(word) for word in words for _ in range(2)]
