"""The routes of a relay: its own ``/chat``, and those of OpenAI's API."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response

from nbstream.relay.bodies import ChatBody, CompletionBody
from nbstream.relay.problems import RelayError
from nbstream.relay.responses import CompletionResponse, CompletionStream, RunStream
from nbstream.relay.run import Run
from nbstream.relay.service import Relay

__all__ = ["CONVERSATION_HEADER", "routes"]

CONVERSATION_HEADER = "x-conversation-id"

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Chunks as server-sent events", "content": {"text/event-stream": {}}}
}


# A dependency that is not a coroutine would run in a thread.
async def _relay(request: Request) -> Relay:
    relay: Relay = request.app.state.relay
    return relay


async def _client(request: Request) -> str:
    return request.client.host if request.client else "local"


async def _run(run: str, relay: AnyRelay) -> Run:
    return relay.runs.find(run)


AnyRelay = Annotated[Relay, Depends(_relay)]
Client = Annotated[str, Depends(_client)]

routes = APIRouter()


@routes.post("/chat", responses=_EVENTS)
async def ask(body: ChatBody, relay: AnyRelay, client: Client) -> Response:
    """Send a message and stream the answer: `chat.completion.chunk` objects, then `[DONE]`."""
    begun = relay.ask(body, client)
    headers = {CONVERSATION_HEADER: begun.conversation} if begun.conversation else {}
    return RunStream(begun.run, headers=headers)


@routes.get("/chat/{run}", responses=_EVENTS)
async def resume(
    known: Annotated[Run, Depends(_run)],
    relay: AnyRelay,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Read an answer again, or continue after the event in `Last-Event-ID`.

    If nothing is left to read, the status is 204, which stops a browser's `EventSource`.
    """
    place = 0 if last_event_id is None else _place(known, last_event_id)
    if known.readers >= relay.limits.readers:
        raise RelayError(429, "Too many readers of this answer.", retry_after=1)
    if known.ended and place == len(known):
        return Response(status_code=204)
    return RunStream(known, place)


@routes.delete("/chat/{run}", status_code=204)
async def stop(known: Annotated[Run, Depends(_run)]) -> Response:
    """Stop the model. The partial answer is kept."""
    await known.aclose()
    return Response(status_code=204)


@routes.post("/v1/chat/completions")
async def complete(body: CompletionBody, relay: AnyRelay, client: Client) -> Response:
    """A chat completion, streamed or not, as in OpenAI's API."""
    begun = relay.complete(body, client)
    if body.stream:
        return CompletionStream(begun.run, begun.reply)
    return CompletionResponse(begun.run, begun.reply, relay.model)


@routes.get("/v1/models")
async def models(relay: AnyRelay) -> dict[str, Any]:
    """The one model that is served."""
    return {"object": "list", "data": [_model(relay)]}


@routes.get("/v1/models/{name}")
async def model(name: str, relay: AnyRelay) -> dict[str, Any]:
    """The model with this name."""
    relay.check_model(name)
    return _model(relay)


def _model(relay: Relay) -> dict[str, Any]:
    return {"id": relay.model, "object": "model", "created": relay.created, "owned_by": "nbstream"}


def _place(run: Run, last_event_id: str) -> int:
    """How many events of the run a reader has received, by the id of the last one."""
    run_id, _, number = last_event_id.rpartition(":")
    if run_id != run.id or not number.isdecimal() or len(number) > 9 or int(number) > len(run):
        message = "This is not an event id of this answer. Omit it to read from the beginning."
        raise RelayError(400, message, param="Last-Event-ID")
    return int(number)
