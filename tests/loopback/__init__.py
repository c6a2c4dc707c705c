"""A real HTTP/1.1 server on loopback whose every byte, pause and break is written down by the test.

::

    with ByteServer(sse_response([{"choices": []}, Pause(0.05), "[DONE]"])) as server:
        client = AsyncOpenAI(base_url=server.base_url, api_key="none")
        ...
    assert server.requests[0].path == "/v1/chat/completions"
"""

from tests.loopback.exchanges import RecordedRequest
from tests.loopback.gate import Gate
from tests.loopback.responses import Piece, json_response, response, sse_response, times
from tests.loopback.server import ByteServer, in_turn
from tests.loopback.steps import Close, Hold, Pause, Reset, Script, Send, Step

__all__ = [
    "ByteServer",
    "Close",
    "Gate",
    "Hold",
    "Pause",
    "Piece",
    "RecordedRequest",
    "Reset",
    "Script",
    "Send",
    "Step",
    "in_turn",
    "json_response",
    "response",
    "sse_response",
    "times",
]
