"""A body of a response, and its expected result."""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.outcome import Outcome

EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Body:
    """What a server sends after its headers, up to the end of the connection.

    Parameters
    ----------
    data
        The bytes.
    outcome
        What has to come of them.
    content_type
        What the server calls them.
    says
        Words that have to reach the reader, in the error or in a warning.
    """

    data: bytes
    outcome: Outcome
    content_type: str = EVENT_STREAM
    says: str = ""
