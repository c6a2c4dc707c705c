"""Bodies of a response with status 200 to a request for a stream, and the expected result of each."""

from __future__ import annotations

import json

from tests.faults.body import Body
from tests.faults.chunks import ANSWER, DONE, HALF, HELLO, STOP, WORLD, completion, delta, event
from tests.faults.outcome import Outcome, failed
from tests.faults.shapes import SHAPES

JSON = "application/json"
HTML = "text/html; charset=utf-8"

LOGIN_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in to Cafe WiFi</title></head><body>Hi</body></html>\n"
)
WHOLE = json.dumps(completion("Hello world")).encode()
CUT = failed("StreamInterruptedError", "truncated", "Hello world")
NO_ANSWER = failed("ProtocolError", "protocol")
REPORTED = failed("ModelError", "provider", "Hello world")


def _odd(*warnings: str, **fields: object) -> Outcome:
    """A finished answer with warnings."""
    return Outcome(warnings=tuple(sorted(warnings)), **fields)  # type: ignore[arg-type]


BODIES: dict[str, Body] = {
    "a sound answer": Body(ANSWER, Outcome()),
    # --- the silent faults: no chunk, and no exception from the SDK
    "an HTML page": Body(LOGIN_PAGE, NO_ANSWER, HTML),
    "an HTML page called a stream": Body(LOGIN_PAGE, NO_ANSWER),
    "a whole JSON answer": Body(WHOLE, _odd("not_streamed"), JSON),
    "a whole JSON answer called a stream": Body(WHOLE, _odd("not_streamed")),
    "a whole JSON answer, indented": Body(
        json.dumps(completion("Hello world"), indent=2).encode(), _odd("not_streamed"), JSON
    ),
    "a whole JSON answer without finish_reason": Body(
        json.dumps(completion("Hello world", None)).encode(),
        _odd("not_streamed", "no_finish_reason", finish_reason=None),
        JSON,
    ),
    "a JSON error": Body(
        b'{"error": {"message": "model is loading"}}',
        failed("ModelError", "provider", warnings=("not_streamed",)),
        JSON,
    ),
    "a JSON error in a list": Body(
        b'[{"error": {"code": 400, "message": "API key not valid", "status": "INVALID_ARGUMENT"}}]',
        failed("ModelError", "provider", status=400, warnings=("not_streamed",)),
        JSON,
    ),
    "a JSON detail": Body(
        b'{"detail": "Not authenticated"}', failed("ModelError", "provider", warnings=("not_streamed",)), JSON
    ),
    "JSON that is something else": Body(
        b'{"status": "ok"}',
        failed("ProtocolError", "protocol", warnings=("not_streamed", "unknown_event")),
        JSON,
    ),
    "JSON null": Body(b"null", NO_ANSWER, JSON),
    "an empty body": Body(b"", NO_ANSWER),
    "blank lines only": Body(b"\n\r\n\n", failed("StreamInterruptedError", "truncated")),
    "plain text": Body(b"Bad Gateway", NO_ANSWER, "text/plain"),
    "binary rubbish": Body(bytes(range(256)) * 4, NO_ANSWER, "application/octet-stream"),
    "JSON lines": Body(
        b"\n".join(
            json.dumps(c).encode() for c in (delta("Hello"), delta(" world"), delta(finish_reason="stop"))
        ),
        _odd("not_streamed", "missing_done"),
        "application/x-ndjson",
    ),
    "events without blank lines between them": Body(ANSWER.replace(b"\n\n", b"\n"), Outcome()),
    "an error in a field of its own": Body(
        HALF + b'error: {"code": 500, "message": "context shift is disabled", "type": "server_error"}\n\n',
        failed("ModelError", "provider", "Hello world", status=500),
    ),
    "an error in a field of its own, and nothing else": Body(
        b'error: {"code": 500, "message": "no", "type": "server_error"}\n\n',
        failed("ModelError", "provider", status=500),
    ),
    "comments only": Body(b": ping\n\n" * 5, failed("StreamInterruptedError", "truncated")),
    "[DONE] and nothing else": Body(
        DONE, Outcome(text="", finish_reason=None, warnings=("empty", "no_finish_reason"))
    ),
    "a finish_reason and nothing else": Body(STOP + DONE, Outcome(text="", warnings=("empty",))),
    # --- incomplete ends
    "an end between two events": Body(HALF, CUT),
    "an end inside an event": Body(
        HALF + b'data: {"choices": [{"de',
        Outcome("failed", "Hello world", None, CUT.error, ("malformed_chunk",), 1),
    ),
    "an end inside a field name": Body(HALF + b"dat", CUT),
    "a JSON answer cut in its text": Body(
        WHOLE[: WHOLE.index(b"world") + 3],
        failed("StreamInterruptedError", "truncated", "Hello wor", warnings=("not_streamed",)),
        JSON,
    ),
    "[DONE] without finish_reason": Body(HALF + DONE, _odd("no_finish_reason", finish_reason=None)),
    "no [DONE]": Body(HALF + STOP, _odd("missing_done")),
    "a last event without blank line": Body(HALF + STOP + b"data: [DONE]", Outcome()),
    "bytes after [DONE]": Body(ANSWER + WORLD + b"rubbish", _odd("trailing_data")),
    "finish_reason error": Body(
        HALF + event(delta(finish_reason="error")),
        Outcome("failed", "Hello world", None, ("ModelError", "provider", None)),
    ),
    # --- errors inside the stream, in eight forms
    "an error object": Body(
        HALF + event({"error": {"message": "overloaded", "code": 529}}),
        failed("ModelError", "provider", "Hello world", status=529),
    ),
    "an error text": Body(HALF + event({"error": "CUDA out of memory"}) + DONE, REPORTED),
    "an object called error": Body(
        HALF + event({"object": "error", "message": "EngineCore died", "code": 500}) + DONE,
        failed("ModelError", "provider", "Hello world", status=500),
    ),
    "an error detail": Body(HALF + event({"detail": "Internal Server Error"}), REPORTED),
    "an event called error": Body(HALF + b"event: error\n" + event({"message": "upstream"}), REPORTED),
    "an event called error, of text": Body(HALF + b"event: error\n" + event(b"upstream timed out"), REPORTED),
    "an error beside choices": Body(
        HALF + event(delta("", "error") | {"error": {"code": 502, "message": "upstream"}}),
        failed("ModelError", "provider", "Hello world", status=502),
    ),
    "an error before any text": Body(
        event({"error": {"message": "context length exceeded"}}), failed("ModelError", "provider")
    ),
    # --- chunks that cannot be read
    "a malformed chunk": Body(
        HELLO + b'data: {"choices": [{"delta"\n\n' + WORLD + STOP + DONE, _odd("malformed_chunk", skipped=1)
    ),
    "data that is no object": Body(
        HELLO + b"".join(event(v) for v in (b"null", b"123", b'"x"', b"[]", b"true")) + WORLD + STOP + DONE,
        _odd("malformed_chunk", skipped=5),
    ),
    "heartbeats of data": Body(
        event(b"ping") + HELLO + event({"type": "ping"}) + WORLD + STOP + DONE,
        _odd("unknown_event"),
    ),
    "an integer of 5,000 digits": Body(
        HELLO + event(b'{"choices": [], "created": ' + b"9" * 5000 + b"}") + WORLD + STOP + DONE,
        _odd("malformed_chunk", skipped=1),
    ),
    "JSON nested 100,000 deep": Body(
        HELLO + event(b'{"choices": ' + b"[" * 100_000 + b"}") + WORLD + STOP + DONE,
        _odd("malformed_chunk", skipped=1),
    ),
    "NaN in a chunk": Body(
        HELLO
        + event(b'{"choices": [{"index": 0, "delta": {"content": " world"}, "logprobs": NaN}]}')
        + STOP
        + DONE,
        Outcome(),
    ),
    "invalid UTF-8": Body(
        HELLO + event(b'{"choices": [{"delta": {"content": " w\xffrld"}}]}') + STOP + DONE,
        _odd("bad_utf8", text="Hello w\ufffdrld"),
    ),
    "halves of a character": Body(
        event(b'{"choices": [{"delta": {"content": "\\ud83d"}}]}')
        + event(b'{"choices": [{"delta": {"content": "\\ude00"}}]}')
        + STOP
        + DONE,
        Outcome(text="😀"),
    ),
    "half of a character at the end": Body(
        event(b'{"choices": [{"delta": {"content": "Hi \\ud83d"}}]}') + STOP + DONE, Outcome(text="Hi \ufffd")
    ),
    "half of a character at the end of a whole answer": Body(
        json.dumps(completion("Hello world\ud83d")).encode(),
        _odd("not_streamed", text="Hello world\N{REPLACEMENT CHARACTER}"),
        JSON,
    ),
    "halves of characters in names": Body(
        event({"model": "\ud83d", "id": "a\udc00b", "choices": []}) + ANSWER, Outcome()
    ),
    "retry and event fields without data": Body(
        b"retry: 3000\n\nevent: heartbeat\n\nid: 1\n: comment\n\n" + ANSWER, Outcome()
    ),
    "null for every field": Body(
        event({"id": None, "model": None, "choices": None, "usage": None})
        + event({"choices": [{"index": None, "delta": None, "finish_reason": None}]})
        + ANSWER,
        Outcome(),
    ),
    "fields of the wrong type": Body(
        event({"id": 1, "model": [], "choices": {"delta": 3}, "usage": "many"})
        + event({"choices": ["x", {"index": [1], "delta": {"content": 7, "tool_calls": 3, "refusal": {}}}]})
        + ANSWER,
        _odd("malformed_chunk", skipped=2),
    ),
    # --- unusual, but valid
    "a byte order mark": Body(b"\xef\xbb\xbf" + ANSWER, Outcome()),
    "carriage returns": Body(ANSWER.replace(b"\n", b"\r"), Outcome()),
    "carriage returns and line feeds": Body(ANSWER.replace(b"\n", b"\r\n"), Outcome()),
    "a stream called plain text": Body(ANSWER, _odd("wrong_content_type"), "text/plain"),
    "a stream called JSON": Body(ANSWER, _odd("wrong_content_type"), JSON),
    "a stream called nothing": Body(ANSWER, _odd("wrong_content_type"), ""),
    "several choices": Body(
        HELLO
        + event({"choices": [{"index": 1, "delta": {"content": "Bonjour"}, "finish_reason": "length"}]})
        + WORLD
        + STOP
        + DONE,
        _odd("extra_choices"),
    ),
    "cut by length": Body(
        HALF + event(delta(finish_reason="length")) + DONE, _odd("length", finish_reason="length")
    ),
    "cut by a filter": Body(
        HALF + event(delta(finish_reason="content_filter")) + DONE,
        _odd("content_filter", finish_reason="content_filter"),
    ),
    "a refusal": Body(event(delta(refusal="No.")) + STOP + DONE, _odd("refusal", text="No.")),
    "a tool call": Body(
        event(delta(tool_calls=[{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}]))
        + event(delta(finish_reason="tool_calls"))
        + DONE,
        _odd("tool_calls", text="", finish_reason="tool_calls"),
    ),
}
BODIES |= SHAPES
