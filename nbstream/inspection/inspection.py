"""The inspection of one reply, as a public object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbstream._util.files import write_atomically
from nbstream.inspection.frame import frame
from nbstream.inspection.pages import PAGE, SAVED, Size, page
from nbstream.inspection.report import markdown, table
from nbstream.inspection.rows import EventRows, Row
from nbstream.inspection.summary import Summary
from nbstream.recording.log import EventLog
from nbstream.recording.state import ReplyState
from nbstream.types.timings import Gaps
from nbstream.wire.raw_capture import RawCapture

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["INSPECTION_MIMETYPE", "Inspection"]

INSPECTION_MIMETYPE = "application/vnd.nbstream.inspection+json"


class Inspection:
    """The events of a reply. Displayed as the value of a cell; printed as a table.

    It grows while the reply streams.

    Parameters
    ----------
    events
        The reply's log.
    state
        The state derived from the log.
    capture
        The raw response.
    params
        Parameters of the request.

    Examples
    --------
    >>> import asyncio
    >>> from nbstream import Chat
    >>> async def main():
    ...     return await Chat("demo:nbstream-demo-fast").send("echo: Hello")
    >>> inspection = asyncio.run(main()).inspect()
    >>> inspection.rows[0].type, inspection.rows[-1].type
    ('routed', 'finished')
    >>> inspection.attributes["gen_ai.response.finish_reasons"]
    ['stop']
    """

    def __init__(
        self, events: EventLog, state: ReplyState, capture: RawCapture, params: Mapping[str, Any]
    ) -> None:
        self._state = state
        self._capture = capture
        self._rows = EventRows(events, capture, lambda: state.ended)
        self._summary = Summary(events, state, capture, params)

    @property
    def id(self) -> str:
        """Unique id of the reply."""
        return self._state.id

    def serve(self) -> None:
        """Let pages of the notebook ask for the events, for as long as the reply is kept."""
        from nbstream.inspection.comm import serve

        serve(self)

    @property
    def rows(self) -> list[Row]:
        """Every event with its chunk, and the chunks without an event, in order of time."""
        return self._rows.read()

    @property
    def gaps(self) -> Gaps:
        """The gaps between deltas, in seconds."""
        return self._summary.gaps

    @property
    def attributes(self) -> dict[str, Any]:
        """The reply's attributes, named by OpenTelemetry's conventions for generative AI."""
        return self._summary.attributes

    def to_frame(self) -> pd.DataFrame:
        """The events as a pandas DataFrame, one row each.

        Its columns: `at`, seconds since the request; `type`, as in `nbstream.types.event_json.to_json`;
        `text` of a delta or a warning; `gap`, seconds since the previous delta (only for deltas); `chunk`,
        the number of its chunk, from 0, and `attempt`, the number of the response, from 1 (both missing for
        events without a chunk); `raw`, the text of that chunk, secrets masked; `details`, a dict of the other
        fields.

        Raises
        ------
        ConfigError
            If pandas is not installed.

        Examples
        --------
        >>> from nbstream import Chat
        >>> reply = Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
        >>> list(reply.inspect().to_frame().columns)
        ['at', 'type', 'text', 'gap', 'chunk', 'attempt', 'raw', 'details']
        """
        return frame(self.rows, self._capture.clean)

    def to_jsonl(self) -> str:
        """The rows as JSON lines, each with the text of its chunk as ``raw``; secrets are masked.

        Examples
        --------
        >>> from nbstream import Chat
        >>> reply = Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
        >>> json.loads(reply.inspect().to_jsonl().splitlines()[0])["type"]
        'routed'
        """
        return "".join(json.dumps(self._line(row), ensure_ascii=False) + "\n" for row in self.rows)

    def save(self, path: str | Path) -> None:
        """Write `to_jsonl` to a file atomically.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from nbstream import Chat
        >>> reply = Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "events.jsonl")
        ...     reply.inspect().save(path)
        ...     lines = path.read_text().splitlines()
        >>> len(lines) == len(reply.inspect().rows)
        True
        """
        write_atomically(Path(path), self.to_jsonl())

    def page(self, start: int, size: Size = PAGE) -> dict[str, Any]:
        """Some of the rows from the `start`-th on, as JSON for the front end."""
        rows = self._rows.read(start, size.rows)
        found = page(rows, start, size, self._capture.clean)
        after = start + len(found["rows"])
        last = len(found["rows"]) == len(rows) and not self._rows.read(after, 1)
        found |= {"id": self.id, "over": last and self._rows.complete}
        return found | {"summary": self._summary.as_json() if last else None}

    def __repr__(self) -> str:
        return table(self.rows, self._summary, self._capture.clean)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        saved = self.page(0, SAVED) | {"summary": self._summary.as_json()}
        text = markdown(self.rows, self._summary, self._capture.clean)
        return {INSPECTION_MIMETYPE: saved, "text/markdown": text, "text/plain": repr(self)}

    def _line(self, row: Row) -> dict[str, Any]:
        return row.as_json(self._capture.clean) | {"raw": None if row.chunk is None else row.chunk.data}
