"""Choose by a seed, the same in every process and every version of Python."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["pick"]


def pick(options: Sequence[str], *seed: object) -> str:
    """One of `options`. The `random` module is not stable across versions."""
    digest = hashlib.sha256("/".join(map(str, seed)).encode()).digest()
    return options[int.from_bytes(digest[:8]) % len(options)]
