"""What a server or a proxy can do to a request over TCP, and the expected result."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from nbstream.types.limits import Limits, Timeouts
from tests.faults.bodies import LOGIN_PAGE, WHOLE
from tests.faults.chunks import ANSWER, DONE, HALF, HELLO, STOP, WORLD, event
from tests.faults.outcome import Outcome, failed
from tests.loopback import (
    Close,
    Hold,
    Pause,
    Reset,
    Script,
    Send,
    json_response,
    response,
    sse_response,
    times,
)

IMPATIENT = Timeouts(connect=0.5, first_event=0.3, idle=0.3)
CUT = failed("StreamInterruptedError", "truncated", "Hello world")
GZIPPED = gzip.compress(ANSWER)
_compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
GZIPPED_HALF = _compressor.compress(HALF) + _compressor.flush(zlib.Z_SYNC_FLUSH)
USAGE = event({"choices": [], "usage": {"total_tokens": 7}})
GZIP = {"content-encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what is done to it.

    Parameters
    ----------
    script
        What the server does, to every attempt.
    outcome
        What has to come of it.
    requests
        How often the server is asked (two retries are allowed).
    timeouts, limits
        With which the request is made.
    says
        Words that have to reach the reader.
    """

    script: Script
    outcome: Outcome
    requests: int = 1
    timeouts: Timeouts = field(default_factory=Timeouts)
    limits: Limits = field(default_factory=Limits)
    says: str = ""


def _error(status: int, message: str, headers: Mapping[str, str] | None = None, code: str = "") -> Script:
    return json_response(status, {"error": {"message": message, "code": code}}, headers)


def _html(status: int) -> Script:
    return response(status, LOGIN_PAGE, {"content-type": "text/html"})


def _refusal(error: str, kind: str, status: int) -> Outcome:
    return failed(error, kind, status=status)  # type: ignore[arg-type]


EXCHANGES: dict[str, Exchange] = {
    # --- before an answer
    "a reset before the headers": Exchange([Reset()], failed("ConnectError", "connection"), 3),
    "an end before the headers": Exchange([Close()], failed("ConnectError", "connection"), 3),
    "an end inside the headers": Exchange(
        [Send(b"HTTP/1.1 200 OK\r\ncontent-ty"), Close()], failed("ConnectError", "connection"), 3
    ),
    "a greeting that is not HTTP": Exchange(
        [Send(b"220 mail.example ESMTP\r\n\r\n"), Close()], failed("ProtocolError", "protocol")
    ),
    "headers without end": Exchange(
        [Send(b"HTTP/1.1 200 OK\r\n" + b"x-filler: %b\r\n" % (b"x" * 1000) * 200), Hold()],
        failed("ProtocolError", "protocol"),
    ),
    "silence before the headers": Exchange(
        [Hold()], failed("RequestTimeoutError", "timeout"), timeouts=IMPATIENT
    ),
    "silence after the headers": Exchange(
        sse_response([Hold()]), failed("RequestTimeoutError", "timeout"), timeouts=IMPATIENT
    ),
    "comments for long, then an answer": Exchange(
        sse_response([*times(60, b": ping\n\n", Pause(0.05)), ANSWER]),
        failed("RequestTimeoutError", "timeout"),
        timeouts=IMPATIENT,
    ),
    "a redirect": Exchange(
        response(307, b"", {"location": "http://user:secret@elsewhere.invalid/v1?key=secret"}),
        _refusal("StatusError", "redirect", 307),
    ),
    "a redirect that changes the method": Exchange(
        response(302, LOGIN_PAGE, {"location": "/login"}), _refusal("StatusError", "redirect", 302)
    ),
    "not modified": Exchange(response(304, b""), _refusal("StatusError", "redirect", 304)),
    "no content": Exchange([Send(b"HTTP/1.1 204 No Content\r\n\r\n")], failed("ProtocolError", "protocol")),
    "an early hint, then an answer": Exchange(
        [Send(b"HTTP/1.1 103 Early Hints\r\n\r\n"), *sse_response([ANSWER])], Outcome()
    ),
    "400": Exchange(_error(400, "unknown parameter"), _refusal("StatusError", "bad_request", 400)),
    "400 with an empty body": Exchange(response(400, b""), _refusal("StatusError", "bad_request", 400)),
    "401": Exchange(_error(401, "Incorrect API key"), _refusal("AuthenticationError", "auth", 401)),
    "402": Exchange(_error(402, "no credit"), _refusal("RateLimitError", "quota", 402)),
    "403 with HTML": Exchange(_html(403), _refusal("AuthenticationError", "permission", 403)),
    "404 with HTML": Exchange(_html(404), _refusal("StatusError", "not_found", 404), 2),
    "405": Exchange(response(405, b""), _refusal("StatusError", "not_found", 405), 2),
    "408": Exchange(response(408, b""), _refusal("StatusError", "timeout", 408), 3),
    "413": Exchange(response(413, b"too large"), _refusal("StatusError", "bad_request", 413)),
    "422 of FastAPI": Exchange(
        json_response(422, {"detail": [{"loc": ["body", "n"], "msg": "too many"}]}),
        _refusal("StatusError", "bad_request", 422),
    ),
    "429": Exchange(
        _error(429, "slow down", {"retry-after-ms": "5"}), _refusal("RateLimitError", "rate_limit", 429), 3
    ),
    "429 of an empty account": Exchange(
        _error(429, "You exceeded your current quota", code="insufficient_quota"),
        _refusal("RateLimitError", "quota", 429),
    ),
    "429 for an hour": Exchange(
        _error(429, "come back later", {"retry-after": "3600"}), _refusal("RateLimitError", "rate_limit", 429)
    ),
    "500 with JSON": Exchange(
        _error(500, "oops", {"retry-after-ms": "5"}), _refusal("ServerError", "server", 500), 3
    ),
    "500 that asks not to be retried": Exchange(
        _error(500, "oops", {"x-should-retry": "false"}), _refusal("ServerError", "server", 500)
    ),
    "502 with HTML": Exchange(_html(502), _refusal("ServerError", "server", 502), 3),
    "503 with an empty body": Exchange(
        response(503, b"", {"retry-after-ms": "5"}), _refusal("ServerError", "server", 503), 3
    ),
    "an error with a body of 5 MB": Exchange(
        _error(400, "x" * 5_000_000), _refusal("StatusError", "bad_request", 400)
    ),
    "an error with a body without end": Exchange(
        [Send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), *[Send(b"x" * 65536)] * 64, Hold()],
        _refusal("StatusError", "bad_request", 400),
    ),
    "an error with a body cut short": Exchange(
        [Send(b'HTTP/1.1 400 Bad Request\r\ncontent-length: 999\r\n\r\n{"error": "no'), Reset()],
        _refusal("StatusError", "bad_request", 400),
    ),
    # --- ends of the connection
    "a sound answer, framed by the connection's end": Exchange(
        sse_response([ANSWER], chunked=False), Outcome()
    ),
    "an end of the connection between events": Exchange(sse_response([HALF], chunked=False), CUT),
    "an end of the connection between HTTP chunks": Exchange(sse_response([HALF, Close()]), CUT),
    "an end inside an HTTP chunk": Exchange(sse_response([HALF, Send(b"ff\r\ndata: "), Close()]), CUT),
    "a reset in the middle": Exchange(sse_response([HALF, Pause(0.05), Reset()]), CUT),
    "a reset after the finish_reason": Exchange(
        sse_response([HALF + STOP, Pause(0.05), Reset()]), Outcome(warnings=("missing_done",))
    ),
    "a reset after [DONE]": Exchange(sse_response([ANSWER, Pause(0.05), Reset()]), Outcome()),
    "an end before any event": Exchange(
        sse_response([Close()]), failed("StreamInterruptedError", "truncated"), 3
    ),
    "an end after a comment": Exchange(
        sse_response([b": hi\n\n", Close()]), failed("StreamInterruptedError", "truncated"), 3
    ),
    "fewer bytes than promised": Exchange(
        [*response(200, HALF, {"content-type": "text/event-stream", "content-length": "9999"}), Close()], CUT
    ),
    "a whole JSON answer with fewer bytes than promised": Exchange(
        [
            *response(200, WHOLE[: WHOLE.index(b"world") + 3], {"content-length": "9999"}),
            Close(),
        ],
        failed("StreamInterruptedError", "truncated", "Hello wor", warnings=("not_streamed",)),
    ),
    # --- silence in the middle
    "silence in the middle": Exchange(
        sse_response([HALF, Hold()]),
        failed("StreamInterruptedError", "timeout", "Hello world"),
        timeouts=IMPATIENT,
    ),
    "heartbeats for long, then the rest": Exchange(
        sse_response([HALF, *times(60, b': ping\n\ndata: {"type": "ping"}\n\n', Pause(0.05)), STOP + DONE]),
        failed("StreamInterruptedError", "timeout", "Hello world", warnings=("unknown_event",)),
        timeouts=IMPATIENT,
    ),
    "rubbish for long, then the rest": Exchange(
        sse_response(
            [HALF, *times(2, b": ping\n\n", Pause(0.05)), *times(60, b"data\n\n", Pause(0.05)), STOP + DONE]
        ),
        failed("StreamInterruptedError", "timeout", "Hello world"),
        timeouts=IMPATIENT,
    ),
    "no end after [DONE]": Exchange(sse_response([ANSWER, Hold()]), Outcome()),
    "no end after the finish_reason": Exchange(
        sse_response([HALF + STOP, Hold()]), Outcome(warnings=("end_not_awaited",))
    ),
    "token counts that come late": Exchange(
        sse_response([HALF + STOP, Pause(1.5), USAGE, Hold()]),
        Outcome(warnings=("end_not_awaited",), tokens=7),
    ),
    "[DONE] that comes late": Exchange(
        sse_response([HALF + STOP + USAGE, Pause(0.5), DONE]), Outcome(tokens=7)
    ),
    "more and more after [DONE]": Exchange(
        sse_response([ANSWER, *times(100, WORLD, Pause(0.02))]), Outcome(warnings=("trailing_data",))
    ),
    # --- encodings and sizes
    "gzip": Exchange(sse_response([GZIPPED], headers=GZIP), Outcome()),
    "gzip cut short": Exchange(sse_response([GZIPPED_HALF], headers=GZIP, chunked=False), CUT),
    "rubbish called gzip": Exchange(
        sse_response([ANSWER], headers=GZIP), failed("ProtocolError", "protocol")
    ),
    "gzip that turns into rubbish": Exchange(
        sse_response([gzip.compress(HALF)[:-8], Pause(0.05), b"\xff" * 500], headers=GZIP),
        failed("ProtocolError", "protocol", "Hello world"),
    ),
    "an unknown encoding": Exchange(
        sse_response([ANSWER], headers={"content-encoding": "x-none"}), Outcome()
    ),
    "a gzip bomb": Exchange(
        sse_response([gzip.compress(HALF + b"data: " + b" " * (64 << 20))], headers=GZIP),
        failed("ProtocolError", "limit", "Hello world"),
        limits=Limits(event_bytes=1 << 20),
    ),
    "a line without end": Exchange(
        sse_response([HALF, b"data: ", *[b"x" * 65536] * 64]),
        failed("ProtocolError", "limit", "Hello world"),
        limits=Limits(event_bytes=1 << 20),
    ),
    "an event without end": Exchange(
        sse_response([HALF, *[b"data: " + b"x" * 65000 + b"\n"] * 64]),
        failed("ProtocolError", "limit", "Hello world"),
        limits=Limits(event_bytes=1 << 20),
    ),
    "a page without end": Exchange(
        sse_response([b"<html>\n" + b"<p>x</p>\n" * 9000] * 16, headers={"content-type": "text/html"}),
        failed("ProtocolError", "limit"),
        limits=Limits(event_bytes=1 << 20),
    ),
    "an answer without end": Exchange(
        sse_response([HELLO * 30]),
        failed("ProtocolError", "limit", "Hello" * 30),
        limits=Limits(answer_chars=100),
    ),
    "a large answer in one event": Exchange(
        sse_response(
            [
                b"data: "
                + json.dumps({"choices": [{"delta": {"content": "x" * 2_000_000}}]}).encode()
                + b"\n\n"
                + STOP
                + DONE
            ]
        ),
        Outcome(text="x" * 2_000_000),
    ),
}
