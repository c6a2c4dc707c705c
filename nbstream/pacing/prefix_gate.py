"""`PrefixGate`: the order in which rows are sent whose prompts share a long prefix.

A provider keeps the beginning of a prompt that it has read, and reads it faster and cheaper the next time.
But many requests with the same beginning at the same time all find it missing. The first token of an answer
shows that the prompt has been read: so one row of each prefix is sent first, and the others when its first
token has arrived.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Iterable

from nbstream.pacing.prefixes import MIN_TOKENS, Messages, shared_prefixes

__all__ = ["PrefixGate", "Turn"]

TTL = 240.0
"""Seconds without use after which a prefix may be gone; providers keep it for 5 minutes or more."""


class PrefixGate:
    """Decides which row is sent next.

    Rows that share a prefix are kept together. Rows without one are sent while others wait.

    Parameters
    ----------
    rows
        The messages of each row, as they are sent.
    min_tokens
        Estimated tokens of the shortest prefix that counts.
    most_cold
        For how many prefixes at a time a first row is in flight. With few, groups finish one after another,
        as small caches need it.

    Attributes
    ----------
    groups : int
        How many prefixes are shared.

    Examples
    --------
    >>> async def main():
    ...     system = {"role": "system", "content": "x" * 8000}
    ...     gate = PrefixGate([system, {"role": "user", "content": text}] for text in "ab")
    ...     first = await gate.next()
    ...     first.warm()  # its first token has arrived
    ...     second = await gate.next()
    ...     first.done(), second.done()
    ...     return first.row, first.leads, second.row, second.leads, await gate.next()
    >>> asyncio.run(main())
    (0, True, 1, False, None)
    """

    def __init__(self, rows: Iterable[Messages], *, min_tokens: int = MIN_TOKENS, most_cold: int = 8) -> None:
        paths = shared_prefixes(rows, min_tokens)
        found: dict[int, _Prefix] = {}
        self._free: deque[int] = deque()
        for row, path in enumerate(paths):
            prefixes = [found.setdefault(digest, _Prefix()) for digest in path]
            if not prefixes:
                self._free.append(row)
                continue
            for parent, child in itertools.pairwise(prefixes):
                child.parent = parent
            prefixes[-1].rows.append(row)
        self.groups = len(found)
        # In the order of their first rows: small caches hold few prefixes.
        self._unread = deque(prefix for prefix in found.values() if prefix.rows)
        self._ready: deque[_Prefix] = deque()
        self._most_cold = most_cold
        self._cold = 0
        self._changed = asyncio.Event()

    async def next(self) -> Turn | None:
        """The next row that may be sent; None when all have been sent or given back.

        Waits while every row that is left depends on the first token of another.
        """
        while True:
            turn = self._take()
            if turn is not None or not self._left:
                return turn
            self._changed.clear()
            await self._changed.wait()

    @property
    def _left(self) -> bool:
        return bool(self._free or self._ready or self._unread or self._cold)

    def _take(self) -> Turn | None:
        now = asyncio.get_running_loop().time()
        return self._follow(now) or self._lead(now) or self._take_free()

    def _follow(self, now: float) -> Turn | None:
        """A row whose prefix is in the cache."""
        while self._ready:
            prefix = self._ready[0]
            if prefix.rows and not prefix.cold(now):
                prefix.use(now)
                return Turn(self, prefix.rows.popleft(), prefix, [])
            self._ready.popleft()
            if prefix.rows:
                self._unread.appendleft(prefix)
        return None

    def _lead(self, now: float) -> Turn | None:
        """The first row of a prefix, unless it depends on one in flight."""
        if self._cold >= self._most_cold:
            return None
        for index, prefix in enumerate(self._unread):
            cold = prefix.cold(now)
            if any(each.led for each in cold):
                continue
            del self._unread[index]
            if not cold:  # a row of a longer prefix was sent
                self._ready.append(prefix)
                return self._follow(now)
            self._cold += 1
            for each in cold:
                each.led = True
            return Turn(self, prefix.rows.popleft(), prefix, cold)
        return None

    def _take_free(self) -> Turn | None:
        return Turn(self, self._free.popleft(), None, []) if self._free else None

    def warmed(self, prefix: _Prefix, cold: list[_Prefix]) -> None:
        """The first token of a leading row has arrived."""
        prefix.use(asyncio.get_running_loop().time())
        self._ready.append(prefix)
        self._end_lead(cold)

    def failed(self, prefix: _Prefix, cold: list[_Prefix]) -> None:
        """A leading row has ended without a token."""
        if prefix.rows:
            self._unread.appendleft(prefix)
        self._end_lead(cold)

    def _end_lead(self, cold: list[_Prefix]) -> None:
        self._cold -= 1
        for each in cold:
            each.led = False
        self._changed.set()


class _Prefix:
    """A shared prefix, with the rows for which it is the longest.

    Attributes
    ----------
    parent : _Prefix or None
        The longest shorter prefix.
    rows : deque of int
        What is left to be sent.
    used_at : float or None
        When it was last sent; None if never.
    led : bool
        Whether a row is in flight that is the first with this prefix.
    """

    __slots__ = ("led", "parent", "rows", "used_at")

    def __init__(self) -> None:
        self.parent: _Prefix | None = None
        self.rows: deque[int] = deque()
        self.used_at: float | None = None
        self.led = False

    def cold(self, now: float) -> list[_Prefix]:
        """The prefixes, from the shortest to this one, that are not in the provider's cache."""
        above = self.parent.cold(now) if self.parent is not None else []
        warm = not above and self.used_at is not None and now - self.used_at <= TTL
        return above if warm else [*above, self]

    def use(self, now: float) -> None:
        """Note that it is sent."""
        prefix: _Prefix | None = self
        while prefix is not None:
            prefix.used_at = now
            prefix = prefix.parent


class Turn:
    """One row that may be sent now, from `PrefixGate.next`.

    Call `done` when its request has ended, in any way.

    Attributes
    ----------
    row : int
        Its index.
    leads : bool
        Whether others wait for its first token: it should be streamed, so that they wait no longer.
    """

    def __init__(self, gate: PrefixGate, row: int, prefix: _Prefix | None, cold: list[_Prefix]) -> None:
        self.row = row
        self.leads = bool(cold)
        self._gate = gate
        self._prefix = prefix
        self._cold = cold

    def warm(self) -> None:
        """The first token has arrived or, if it is not streamed, the answer. A second call does nothing."""
        cold, self._cold = self._cold, []
        if cold and self._prefix is not None:
            self._gate.warmed(self._prefix, cold)

    def done(self) -> None:
        """The request has ended. If it led and had no first token, another row of its prefix leads."""
        cold, self._cold = self._cold, []
        if self._prefix is None:
            return
        if cold:
            self._gate.failed(self._prefix, cold)
        else:
            self._prefix.use(asyncio.get_running_loop().time())
