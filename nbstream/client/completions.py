"""The chat completions API, which nearly every model server supports."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from nbstream.types.request import ChatRequest
from nbstream.wire.chunks import ChunkDecoder

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["decoder_of_chunks", "open_completion"]


def open_completion(
    sdk: AsyncOpenAI, request: ChatRequest, *, transformed: bool, **options: Any
) -> AbstractAsyncContextManager[Any]:
    """``POST /chat/completions``, sent on entering the returned context manager.

    Parameters
    ----------
    sdk
        Sends it.
    request
        What to send.
    transformed
        Whether the SDK sees the messages as its own argument: what instruments a user's client reads them
        there. The SDK then takes them through its transformation of types, which changes nothing in them and
        costs 0.1 ms a message on the event loop.
    **options
        Headers and timeout, for the SDK.
    """
    body = request.body()
    named: dict[str, Any] = {name: body.pop(name) for name in ("model", "messages", "stream")}
    if not transformed:
        body["messages"], named["messages"] = named["messages"], ()
    create = sdk.chat.completions.with_streaming_response.create
    return create(**named, extra_body=body, **options)


def decoder_of_chunks(request: ChatRequest, clean: Callable[[str], str]) -> ChunkDecoder:
    """The reader of the answer."""
    return ChunkDecoder(clean, logprobs=bool(request.params.get("logprobs")))
