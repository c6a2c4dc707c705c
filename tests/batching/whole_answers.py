"""Answers in one piece, as a batch requests them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from tests.loopback import Pause, RecordedRequest, Step, json_response

__all__ = ["Held", "echoes", "prompt_of", "whole"]


def whole(text: str, reason: str = "stop", **message: Any) -> list[Step]:
    """A whole answer with its usage."""
    said = {"role": "assistant", "content": text, **message}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    choice = {"index": 0, "message": said, "finish_reason": reason}
    return json_response(200, {"model": "m", "choices": [choice], "usage": usage})


def prompt_of(request: RecordedRequest) -> str:
    """The last message of a request."""
    content = request.json["messages"][-1]["content"]
    return content if isinstance(content, str) else content[0]["text"]


def echoes(request: RecordedRequest) -> list[Step]:
    """Answers every prompt with itself."""
    return whole(prompt_of(request))


class Held:
    """Answers only once the test lets it."""

    def __init__(self, answer: Callable[[RecordedRequest], list[Step]] = echoes) -> None:
        self._answer = answer
        self._released = threading.Event()

    def release(self) -> None:
        self._released.set()

    def __call__(self, request: RecordedRequest) -> Iterable[Step]:
        while not self._released.is_set():
            yield Pause(0.01)
        yield from self._answer(request)
