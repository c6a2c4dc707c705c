"""One request of a batch, for one row or several equal ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbstream.types.messages import Message

if TYPE_CHECKING:
    from nbstream.batching.lanes import Lane
    from nbstream.batching.request_template import RequestTemplate
    from nbstream.pacing import Turn

__all__ = ["RowRequest"]


@dataclass(slots=True, eq=False)
class RowRequest:
    """One request of a batch.

    Parameters
    ----------
    key
        Its fingerprint in the store.
    lane
        Where it goes, and all of it but its messages.
    messages, text
        Its messages, and the same as JSON.
    rows
        Places of the rows that wait for its answer.
    turn
        Its place among requests with the same prefix, once it may be sent.
    """

    key: bytes
    lane: Lane
    messages: tuple[Message, ...]
    text: str
    rows: list[int] = field(default_factory=list)
    turn: Turn | None = None

    @property
    def template(self) -> RequestTemplate:
        """All of it but its messages."""
        return self.lane.template
