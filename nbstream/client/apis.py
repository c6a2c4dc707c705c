"""The APIs that endpoints have, each as the functions that send its requests and read its answers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

from nbstream.client.completions import decoder_of_chunks, open_completion
from nbstream.client.responses import decoder_of_response, open_response, response_body
from nbstream.types.request import APIName, ChatRequest
from nbstream.wire.decoder import AnswerDecoder

__all__ = ["API", "APIS", "sent_body"]


class API(NamedTuple):
    """How one API is used.

    Parameters
    ----------
    open
        Returns a context manager that sends the request when it is entered, and closes the response.
    decoder
        Returns a decoder of the answer; its second argument takes secrets out of texts.
    body
        Returns the JSON object that is sent.
    """

    open: Callable[..., AbstractAsyncContextManager[Any]]
    decoder: Callable[[ChatRequest, Callable[[str], str]], AnswerDecoder]
    body: Callable[[ChatRequest], dict[str, Any]]


APIS: dict[APIName, API] = {
    "chat": API(open_completion, decoder_of_chunks, ChatRequest.body),
    "responses": API(open_response, decoder_of_response, response_body),
}


def sent_body(request: ChatRequest) -> dict[str, Any]:
    """The JSON object that is sent for a request, in the terms of its API."""
    return APIS[request.api].body(request)
