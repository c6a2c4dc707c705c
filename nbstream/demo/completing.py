"""Send a completion at the model's pace, streamed or not, with a fault if requested."""

from __future__ import annotations

from nbstream.demo.call import Call
from nbstream.demo.exchange import HTTPExchange, dump, encoded
from nbstream.demo.faults import Fault, server_error
from nbstream.demo.generation import Generation
from nbstream.demo.objects import Completion

__all__ = ["complete", "stream"]

EVENT_STREAM = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
JSON = {"content-type": "application/json"}
MALFORMED_CHUNK = '{"id":"chatcmpl-demo","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"con'


async def stream(exchange: HTTPExchange, call: Call, generation: Generation, pace: float) -> None:
    """Send one event per token, and the final events of the API."""
    completion = Completion(call, generation)
    await exchange.start(200, EVENT_STREAM)
    await exchange.pause(generation.first_token * pace)
    await exchange.send_event(dump(completion.role_chunk()))
    for index, token in enumerate(generation.tokens):
        if index == generation.half and await _ended_by(generation.fault, exchange):
            return
        await exchange.send_event(dump(completion.token_chunk(token)))
        await exchange.pause(generation.per_token * pace)
    for chunk in completion.last_chunks():
        await exchange.send_event(dump(chunk))
    await exchange.send_event("[DONE]")
    await exchange.send(b"", more=False)


async def _ended_by(fault: Fault | None, exchange: HTTPExchange) -> bool:
    """Inject a fault in mid-stream; return whether it ended the stream."""
    if fault is Fault.STALL:
        await exchange.pause(None)
    if fault is Fault.MALFORMED:
        await exchange.send_event(MALFORMED_CHUNK)
    if fault is Fault.ERROR_IN_STREAM:
        await exchange.send_event(dump(server_error(fault.trigger).body()))
        await exchange.send(b"", more=False)
    return fault in (Fault.CUT, Fault.ERROR_IN_STREAM)


async def complete(exchange: HTTPExchange, call: Call, generation: Generation, pace: float) -> None:
    """Send the complete response when the model would have written it."""
    if generation.fault is Fault.STALL:
        await exchange.pause(None)
    await exchange.pause(generation.duration * pace)
    body = encoded(dump(Completion(call, generation).whole()))
    half = body[: len(body) // 2]
    sent = half if generation.fault is Fault.MALFORMED else body
    await exchange.start(200, JSON | {"content-length": str(len(sent))})
    if generation.fault is Fault.CUT:
        await exchange.send(half)
    else:
        await exchange.send(sent, more=False)
