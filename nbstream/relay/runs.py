"""The runs of a relay: running ones, within the limits, and recently ended ones."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from nbstream.relay.chunks import ChunkEncoder
from nbstream.relay.limits import RelayLimits
from nbstream.relay.problems import RelayError
from nbstream.relay.run import Run
from nbstream.reply import Reply

__all__ = ["Runs"]


class Runs:
    """Starts runs and finds them again.

    Parameters
    ----------
    limits
        Limits of concurrent and kept runs.
    model
        Name of the model, as clients know it.
    """

    def __init__(self, limits: RelayLimits, model: str) -> None:
        self._limits = limits
        self._model = model
        self._runs: dict[str, Run] = {}

    def check_room(self, client: str) -> None:
        """Check that another answer may start.

        Raises
        ------
        RelayError
            429 if the client, 503 if all clients together have too many.
        """
        going_on = [run for run in self._runs.values() if not run.ended]
        mine = sum(run.client == client for run in going_on)
        if mine >= (most := self._limits.streams_per_client):
            message = (
                f"This relay streams at most {most} answers to one client (--streams-per-client {most}). "
                "Wait for one to end, or stop one."
            )
            raise RelayError(429, message, retry_after=1)
        if len(going_on) >= (most := self._limits.streams):
            message = (
                f"This relay streams at most {most} answers at a time (--streams {most}). Try again soon."
            )
            raise RelayError(503, message, retry_after=1)

    def start(
        self,
        client: str,
        reply: Reply,
        *,
        resumable: bool,
        include_usage: bool = True,
        on_end: Callable[[], None] = lambda: None,
    ) -> Run:
        """Relay `reply`. A run that is not resumable stops as soon as its reader leaves."""
        self._forget()
        run_id = secrets.token_urlsafe(16)

        def end() -> None:
            if not resumable:
                del self._runs[run_id]
            self._forget()
            on_end()

        encoder = ChunkEncoder(run_id, self._model, (lambda: reply.usage) if include_usage else None)
        grace = self._limits.grace_seconds if resumable else 0.0
        self._runs[run_id] = run = Run(run_id, client, reply, encoder, self._limits, grace=grace, on_end=end)
        return run

    def find(self, run_id: str) -> Run:
        """Find a run by its id.

        Raises
        ------
        RelayError
            404 if it does not exist, or no longer exists.
        """
        self._forget()
        if run_id not in self._runs:
            raise RelayError(404, "This answer no longer exists. Send the message again.")
        return self._runs[run_id]

    async def aclose(self) -> None:
        """Stop all running answers."""
        await asyncio.gather(*(run.aclose() for run in self._runs.values()))
        self._runs.clear()

    def _forget(self) -> None:
        """Drop runs that ended too long ago, and the oldest of the rest beyond the size limit."""
        oldest = asyncio.get_running_loop().time() - self._limits.kept_seconds
        ended = sorted((run for run in self._runs.values() if run.ended), key=lambda run: run.ended_at)
        kept = sum(run.size for run in ended)
        for run in ended:
            if run.ended_at >= oldest and kept <= self._limits.kept_bytes:
                break
            kept -= run.size
            del self._runs[run.id]
