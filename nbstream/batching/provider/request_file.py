"""Files of requests for a Batch API, and the lines of its results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nbstream.batching.row_request import RowRequest
from nbstream.client.batch_api import path_of
from nbstream.errors import ArgumentError

__all__ = ["MOST_BYTES", "MOST_LINES", "RequestFile", "ResultLine", "files_of", "line_of", "result_of"]

MOST_LINES = 50_000
MOST_BYTES = 200_000_000
"""What OpenAI accepts in one file."""


@dataclass(frozen=True, slots=True)
class RequestFile:
    """The requests of one job, each in a line.

    Parameters
    ----------
    requests, lines
        The requests, and the same as lines of JSON.
    """

    requests: Sequence[RowRequest]
    lines: Sequence[bytes]

    @property
    def content(self) -> bytes:
        """What is uploaded."""
        return b"".join(self.lines)


@dataclass(frozen=True, slots=True)
class ResultLine:
    """What the provider says of one request.

    Parameters
    ----------
    key
        Fingerprint of the request.
    status, body
        Of the response; None and empty if there was none.
    code, message
        Why there was no response.
    """

    key: bytes
    status: int | None = None
    body: bytes = b""
    code: str = ""
    message: str = ""


def line_of(request: RowRequest) -> bytes:
    """A request as a line of a file.

    Raises
    ------
    ArgumentError
        When it is longer than a file may be.
    """
    body = request.template.body(request.messages, request.text)
    head = json.dumps(
        {"custom_id": request.key.hex(), "method": "POST", "url": path_of(request.template.api)},
        separators=(",", ":"),
    )
    line = head[:-1].encode() + b',"body":' + body + b"}\n"
    if len(line) > MOST_BYTES:
        raise ArgumentError(
            f"The request has {len(line):,} bytes, and a file of a Batch API at most {MOST_BYTES:,}.",
            advice="Shorten it.",
        )
    return line


def files_of(lines: Iterable[tuple[RowRequest, bytes]]) -> list[RequestFile]:
    """Requests in as few files as possible, in their order, each file of one model and within the limits."""
    files: list[tuple[list[RowRequest], list[bytes]]] = []
    open_files: dict[int, tuple[list[RowRequest], list[bytes]]] = {}
    sizes: dict[int, int] = {}
    for request, line in lines:
        lane = id(request.lane)
        file = open_files.get(lane)
        if file is None or len(file[1]) >= MOST_LINES or sizes[lane] + len(line) > MOST_BYTES:
            file = open_files[lane] = ([], [])
            files.append(file)
            sizes[lane] = 0
        file[0].append(request)
        file[1].append(line)
        sizes[lane] += len(line)
    return [RequestFile(requests, part) for requests, part in files]


def result_of(line: bytes) -> ResultLine | None:
    """A line of results; None if it cannot be read, as one that was cut off."""
    try:
        result = json.loads(line)
        key = bytes.fromhex(result["custom_id"])
        return _read(key, result.get("response"), result.get("error"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _read(key: bytes, response: Any, error: Any) -> ResultLine | None:
    if response and isinstance(response["status_code"], int):
        return ResultLine(key, response["status_code"], json.dumps(response["body"]).encode("utf-8"))
    if not error:
        return None
    return ResultLine(key, code=str(error.get("code") or ""), message=str(error.get("message") or ""))
