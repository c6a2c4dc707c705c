"""Finds the long prefixes that prompts share, in time linear in their size.

Providers cache prompts in blocks from the beginning. A prompt is cut into blocks in the same way here, and
each block has a hash of all text up to its end: equal hashes are equal prefixes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

__all__ = ["BLOCK_TOKENS", "MIN_TOKENS", "shared_prefixes"]

MIN_TOKENS = 1024
"""Providers cache no shorter prefixes."""
BLOCK_TOKENS = 128
_BYTES_PER_TOKEN = 4
_BLOCK = BLOCK_TOKENS * _BYTES_PER_TOKEN

Messages = Sequence[Mapping[str, Any]]


def shared_prefixes(rows: Iterable[Messages], min_tokens: int = MIN_TOKENS) -> list[tuple[int, ...]]:
    """The prefixes that each row shares with other rows, the shortest first.

    Of prefixes that the same rows share, only the longest is named. A token is estimated as four bytes.

    Parameters
    ----------
    rows
        The messages of each row, as they are sent.
    min_tokens
        Tokens of the shortest prefix.

    Examples
    --------
    >>> system = {"role": "system", "content": "x" * 8000}
    >>> rows = [[system, {"role": "user", "content": text}] for text in ("a", "b")]
    >>> first, second = shared_prefixes(rows)
    >>> first == second, len(first)
    (True, 1)
    """
    chains = [tuple(_hashes(messages, min_tokens)) for messages in rows]
    counts = Counter(digest for chain in chains for digest in chain)
    return [tuple(_distinct(chain, counts)) for chain in chains]


def _distinct(chain: Sequence[int], counts: Mapping[int, int]) -> Iterator[int]:
    for index, digest in enumerate(chain):
        count = counts[digest]
        if count < 2:
            return
        if index + 1 == len(chain) or counts[chain[index + 1]] < count:
            yield digest


def _hashes(messages: Messages, min_tokens: int) -> Iterator[int]:
    """A hash of the prompt up to the end of each block, from the first that is long enough."""
    digest, size, pending = blake2b(digest_size=8), 0, b""
    least = min_tokens * _BYTES_PER_TOKEN
    for text in _texts(messages):
        data = pending + text.encode("utf-8", "surrogatepass")
        whole = len(data) - len(data) % _BLOCK
        for start in range(0, whole, _BLOCK):
            digest.update(data[start : start + _BLOCK])
            size += _BLOCK
            if size >= least:
                yield int.from_bytes(digest.digest())
        pending = data[whole:]


def _texts(messages: Messages) -> Iterator[str]:
    """The parts of a prompt in their order; roles and the kinds of parts keep equal texts apart."""
    for message in messages:
        yield f"\0{message.get('role')}\0"
        content = message.get("content")
        for part in [content] if isinstance(content, str) else content or ():
            yield part if isinstance(part, str) else _part(part)
        if message.get("tool_calls"):
            yield json.dumps(message["tool_calls"], sort_keys=True, default=str)


def _part(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    return text if isinstance(text, str) else json.dumps(part, sort_keys=True, default=str)
