"""Data of a reply besides its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nbstream.recording.sample_group import SampleGroup
from nbstream.types.attachments import Attachment

__all__ = ["ReplyInfo"]


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class ReplyInfo:
    """Data of a reply besides its events.

    Parameters
    ----------
    params
        Parameters of the request.
    version
        Number of this answer among the versions of its turn, from 0.
    others
        Other versions of the same turn, oldest first, as JSON: `nbstream.views.snapshot.saved_version` of
        each, with its number.
    created
        Time of the request, in ISO 8601; now by default.
    raised
        Whether the cell also raises the error of a failed reply: its output must not repeat the error.
    stale
        Whether an earlier turn has changed since the reply was requested.
    attachments
        Images, files and cells that were sent with the prompt.
    group
        The answers that were requested together with this one.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0
    others: Sequence[Mapping[str, Any]] = ()
    created: str = field(default_factory=_now)
    raised: bool = False
    stale: bool = False
    attachments: tuple[Attachment, ...] = ()
    group: SampleGroup | None = None
