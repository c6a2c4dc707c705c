"""The demo model's server: an OpenAI-compatible ASGI app using only the standard library.

It has ``POST /v1/chat/completions`` (streamed or not), ``GET /v1/models`` and ``GET /v1/models/{id}``,
errors in OpenAI's format, and no memory: the same request gets the same bytes in every process.
Every answer starts by saying that it is scripted.

It calls tools only for a prompt ``call: NAME {…}``: the named tool with these arguments.
For a JSON Schema (``response_format``) it invents values of that shape, or repeats what follows ``echo:``.
Not supported, and ignored: ``tool_choice``, ``n`` above 1, ``logprobs``, images.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nbstream.demo.call import Call, parse_call
from nbstream.demo.completing import complete, stream
from nbstream.demo.cors import answer_preflight, cors_headers
from nbstream.demo.errors import APIError
from nbstream.demo.exchange import ClientGoneError, HTTPExchange, Receive, Scope, Send
from nbstream.demo.faults import fault_in, refusal
from nbstream.demo.generation import generate
from nbstream.demo.models import DEMO_MODELS, model_named
from nbstream.demo.objects import model_list, model_object

__all__ = ["App", "create_app"]

App = Callable[[Scope, Receive, Send], Awaitable[None]]

COMPLETIONS = "/v1/chat/completions"
MODELS = "/v1/models"


@dataclass(frozen=True, slots=True)
class _Settings:
    pace: float
    any_model: bool
    cors: bool


def create_app(*, pace: float = 1.0, any_model: bool = False, cors: bool = False) -> App:
    """Create the demo's ASGI app.

    Parameters
    ----------
    pace
        Factor for all waits: 1 for the speed of a real model, 0 for no waits.
    any_model
        Whether every other name means the default model, so that code written for a real model runs.
    cors
        Whether pages of any origin may use it from a browser.

    Examples
    --------
    ::

        transport = ASGITransport(create_app(pace=0))
        client = AsyncOpenAI(
            base_url="http://demo/v1", api_key="none", http_client=httpx2.AsyncClient(transport=transport)
        )
    """
    if pace < 0:
        raise ValueError(f"pace is {pace}; use 0 for no waits, 1 for real speed, 2 for half of it.")
    settings = _Settings(pace, any_model, cors)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"The demo accepts only HTTP requests, not {scope['type']!r}.")
        exchange = HTTPExchange(scope, receive, send)
        try:
            await _answer(exchange, settings)
        except (ClientGoneError, OSError):
            pass  # the client has disconnected
        finally:
            await exchange.close()

    return app


async def _answer(exchange: HTTPExchange, settings: _Settings) -> None:
    if settings.cors:
        exchange.headers = cors_headers()
        if await answer_preflight(exchange):
            return
    try:
        body = await exchange.body()
        exchange.request_id = _request_id(exchange, body)
        await _route(exchange, body, settings)
    except APIError as error:
        await exchange.send_json(error.status, error.body(), error.headers)


async def _route(exchange: HTTPExchange, body: bytes, settings: _Settings) -> None:
    if exchange.path == COMPLETIONS:
        _check_method(exchange, "POST")
        await _completion(exchange, parse_call(body, any_model=settings.any_model), settings.pace)
    elif exchange.path == MODELS:
        _check_method(exchange, "GET")
        await exchange.send_json(200, model_list(DEMO_MODELS.values()))
    elif exchange.path.startswith(f"{MODELS}/"):
        _check_method(exchange, "GET")
        name = exchange.path.removeprefix(f"{MODELS}/")
        await exchange.send_json(200, model_object(model_named(name, any_name=settings.any_model)))
    else:
        message = f"There is nothing at {exchange.path}. The demo has POST {COMPLETIONS} and GET {MODELS}."
        raise APIError(404, message, code="unknown_url")


def _check_method(exchange: HTTPExchange, method: str) -> None:
    if exchange.method != method:
        message = f"{exchange.path} takes {method}, not {exchange.method}."
        raise APIError(405, message, code="method_not_allowed", headers={"allow": method})


async def _completion(exchange: HTTPExchange, call: Call, pace: float) -> None:
    error = refusal(fault_in(call.prompt), attempt=_attempt(exchange), streamed=call.stream)
    if error is not None:
        raise error
    send = stream if call.stream else complete
    await send(exchange, call, generate(call), pace)


def _attempt(exchange: HTTPExchange) -> int:
    count = exchange.header("x-stainless-retry-count")
    return int(count) if count.isdecimal() else 0


def _request_id(exchange: HTTPExchange, body: bytes) -> str:
    """An id derived from the request, so that running a notebook again changes nothing."""
    seen = f"{exchange.method} {exchange.path}\n".encode() + body
    return f"req_demo_{hashlib.sha256(seen).hexdigest()[:24]}"
