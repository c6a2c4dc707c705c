"""The chat completions API, which nearly every model server supports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from nbstream.types.request import ChatRequest
from nbstream.wire.chunks import ChunkDecoder

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["decoder_of_chunks", "open_completion"]


def open_completion(
    sdk: AsyncOpenAI, request: ChatRequest, **options: Any
) -> AbstractAsyncContextManager[Any]:
    """``POST /chat/completions``, sent on entering the returned context manager."""
    body = request.body()
    named: Mapping[str, Any] = {name: body.pop(name) for name in ("model", "messages", "stream")}
    create = sdk.chat.completions.with_streaming_response.create
    return create(**named, extra_body=body, **options)


def decoder_of_chunks(request: ChatRequest, clean: Callable[[str], str]) -> ChunkDecoder:
    """The reader of the answer."""
    return ChunkDecoder(clean, logprobs=bool(request.params.get("logprobs")))
