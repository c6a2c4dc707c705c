"""The rows of an answer as an asynchronous iterator."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, Protocol

from nbstream.structured.answer import StructuredAnswer

__all__ = ["RowStream", "list_of"]


class _State(Protocol):
    structured: StructuredAnswer | None


class RowReply(Protocol):
    """The interface of a reply that the iterator needs."""

    @property
    def state(self) -> _State:
        """Its state."""

    @property
    def error(self) -> BaseException | None:
        """What it failed with."""

    @property
    def status(self) -> str:
        """Its status."""

    @property
    def parsed(self) -> Any:
        """Its value."""

    def follow(self) -> AsyncGenerator[Any, None]:
        """Its events."""

    def leave(self) -> None:
        """Stop it, unless it is read elsewhere."""

    def _ipython_display_(self) -> None:
        """Show it as the value of a cell."""


class RowStream:
    """The rows of a reply, each as soon as it is complete and validated: what `Chat.rows` returns.

    Parameters
    ----------
    reply
        The reply.

    Attributes
    ----------
    reply : Reply
        The reply, with `rows`, `row_errors` and `to_frame`.
    """

    def __init__(self, reply: Any) -> None:
        self.reply = reply

    def __repr__(self) -> str:
        return f"<rows of {self.reply!r}: use async for>"

    async def __aiter__(self) -> AsyncIterator[Any]:
        reply: RowReply = self.reply
        place = 0
        try:
            async with aclosing(reply.follow()) as events:
                async for _ in events:
                    answer = reply.state.structured
                    while answer is not None and place < len(answer.changed):
                        row = answer.rows[answer.changed[place]]
                        place += 1
                        if not row.errors:
                            yield row.value
        except GeneratorExit:
            reply.leave()
            raise
        if reply.error is not None:
            raise reply.error
        if reply.status == "finished":
            _ = reply.parsed  # raises what does not match

    def _ipython_display_(self) -> None:
        self.reply._ipython_display_()


def list_of(row: Any) -> Any:
    """The schema of a list of rows."""
    if isinstance(row, Mapping):
        return {"type": "array", "items": row}
    return list[row]
