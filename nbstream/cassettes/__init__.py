"""Recordings of requests and their responses: record once, replay without network and key.

`record` and `replay` are the blocks that users need. `CassetteTransport` and `SyncCassetteTransport` do the
same for code that uses the `openai` package or `httpx2` directly. `nbstream.cassettes.lines` describes the
file.

Importing this package is cheap: what needs HTTP is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbstream.cassettes.cassette import Cassette, Mode
from nbstream.cassettes.scope import active, cassette, in_use, nearest, opened, record, replay, use

if TYPE_CHECKING:
    from nbstream.cassettes.transport import CassetteTransport, SyncCassetteTransport

__all__ = [
    "Cassette",
    "CassetteTransport",
    "Mode",
    "SyncCassetteTransport",
    "active",
    "cassette",
    "in_use",
    "nearest",
    "opened",
    "record",
    "replay",
    "use",
]


if not TYPE_CHECKING:  # with it, type checkers would accept every name

    def __getattr__(name: str) -> Any:
        if name not in {"CassetteTransport", "SyncCassetteTransport"}:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from nbstream.cassettes import transport

        return getattr(transport, name)
