"""What a reader can do about the end of an answer, added to its last event."""

from __future__ import annotations

from dataclasses import replace

from nbstream.client.catalog import Catalog
from nbstream.client.continuation import Continuation
from nbstream.errors import ErrorKind, NbstreamError
from nbstream.types.events import Failed, Finished

__all__ = ["EndAdvice"]

_CONNECTION_LOST: frozenset[ErrorKind] = frozenset(
    {"connection", "timeout", "truncated", "server", "rate_limit"}
)
"""Errors that say nothing about an answer which the server writes in the background: it can be resumed."""
_CONTINUE = "Continue (%chat continue, chat.continue_reply()) requests the rest."


class EndAdvice:
    """Completes the last event of an answer.

    Parameters
    ----------
    catalog
        Knows which models the endpoint has.
    continuation
        Decides whether the rest of the answer can be asked for.
    model
        The model that was asked for.
    """

    def __init__(self, catalog: Catalog, continuation: Continuation, model: str) -> None:
        self._catalog = catalog
        self._continuation = continuation
        self._model = model

    async def complete(self, end: Finished | Failed, position: tuple[str, int] | None) -> Finished | Failed:
        """The same end, with whether it can be continued and what to do; may list the endpoint's models.

        Parameters
        ----------
        end
            The last event.
        position
            Where the server resumes an answer that it writes in the background.
        """
        if isinstance(end, Failed) and _lost_connection(end.error):
            end = replace(end, position=position)
        continuable = await self._continuation.can_continue(end)
        if isinstance(end, Failed):
            error = end.error
            if error.kind == "not_found" and (near := await self._catalog.near(self._model)):
                error.advice = f"Did you mean {', '.join(near)}? {error.advice}"
            if continuable:
                error.advice = f"{error.advice} {_CONTINUE}".strip()
        return replace(end, continuable=continuable)


def _lost_connection(error: NbstreamError) -> bool:
    return error.retryable is not False and error.kind in _CONNECTION_LOST
