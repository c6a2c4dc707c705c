"""The hash of the messages of a request, for what is saved with an answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from nbstream.types.messages import Message

__all__ = ["PromptHasher", "canonical_json"]


class PromptHasher:
    """Hashes the messages of requests: only what a request adds to the one before is read.

    A copy of it, and one that was pickled, begins again.

    Examples
    --------
    >>> hasher = PromptHasher()
    >>> question = Message("user", "Hi")
    >>> hasher.hash((question,)) == PromptHasher().hash((question,))
    True
    """

    def __init__(self) -> None:
        # One attribute, so that a thread never sees the messages of one request with the hash of another.
        self._last: tuple[tuple[Message, ...], hashlib._Hash] = ((), hashlib.sha256(b"["))

    def hash(self, messages: Sequence[Message]) -> str:
        """SHA-256 of the messages as a canonical JSON array, in hexadecimal.

        It does not depend on the model and the parameters of the request.
        """
        known, digest = self._last
        if tuple(messages[: len(known)]) != known:
            known, digest = (), hashlib.sha256(b"[")
        digest = digest.copy()
        for number, message in enumerate(messages[len(known) :], len(known)):
            digest.update(b"," if number else b"")
            digest.update(canonical_json(message.as_dict()))
        self._last = tuple(messages), digest.copy()
        digest.update(b"]")
        return digest.hexdigest()

    def __reduce__(self) -> tuple[type[PromptHasher], tuple[()]]:
        return PromptHasher, ()  # hashes of the standard library cannot be copied deeply


def canonical_json(value: object) -> bytes:
    r"""The same bytes for the same value: keys in order, no white space, only ASCII.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": "é"})
    b'{"a":"\\u00e9","b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
