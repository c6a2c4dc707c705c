"""The expected result of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from nbstream.errors import ErrorKind, NbstreamError
from nbstream.recording.state import ReplyState, Status


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a reply, as far as a reader can tell.

    Parameters
    ----------
    status, finish_reason
        Of the reply.
    text
        All of it: what a reader has paid for and must not lose.
    error
        Name of the error's class, its kind, and its HTTP status.
    warnings
        Their kinds, in alphabetical order.
    skipped
        Number of chunks.
    reasoning
        All of it.
    images
        Number of images.
    sources
        Addresses of the sources.
    tokens
        Number of all tokens, where the server counted them.
    """

    status: Status = "finished"
    text: str = "Hello world"
    finish_reason: str | None = "stop"
    error: tuple[str, ErrorKind, int | None] | None = None
    warnings: tuple[str, ...] = ()
    skipped: int = 0
    reasoning: str = ""
    images: int = 0
    sources: tuple[str, ...] = ()
    tokens: int | None = None

    @classmethod
    def of(cls, state: ReplyState) -> Self:
        """What a reply's state says."""
        return cls(
            state.status,
            state.text,
            state.finish_reason,
            _named(state.error),
            tuple(sorted(warning.kind for warning in state.warnings)),
            len(state.skipped),
            state.reasoning,
            len(state.images),
            tuple(source.url for source in state.citations),
            state.usage.total if state.usage else None,
        )


def failed(
    error: str, kind: ErrorKind, text: str = "", *, status: int | None = None, warnings: tuple[str, ...] = ()
) -> Outcome:
    """An outcome without a whole answer."""
    return Outcome("failed", text, None, (error, kind, status), warnings)


def words_of(state: ReplyState) -> str:
    """The notices and errors shown with the answer."""
    said = [warning.text for warning in state.warnings]
    return " ".join([*said, str(state.error or "")])


def _named(error: NbstreamError | None) -> tuple[str, ErrorKind, int | None] | None:
    return None if error is None else (type(error).__name__, error.kind, error.status)
