"""A model that has two numbers added by the notebook's function `add`."""

from __future__ import annotations

from tests.loopback import RecordedRequest, Step, sse_response
from tests.loopback.chunks import call, says

ADD = call("add", '{"a": 1, "b": 2}')


def calling(request: RecordedRequest) -> list[Step]:
    """Call `add`, and then tell its result."""
    results = [m["content"] for m in request.json["messages"] if m["role"] == "tool"]
    return says(f"It is {results[0]}") if results else sse_response([ADD, "[DONE]"])
