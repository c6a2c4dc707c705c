"""What a `ByteServer` can do, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Send:
    """Write these bytes in one go, waiting where the client does not read."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for this many seconds, or until the client disconnects."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Do nothing until the client disconnects or the server is closed."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection in order (FIN)."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Break the connection (RST)."""


Step = Send | Pause | Hold | Close | Reset
Script = Sequence[Step]
