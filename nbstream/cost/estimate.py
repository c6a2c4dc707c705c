"""Estimates how many tokens a prompt has, before it is sent.

At first a token is four bytes. From the first usage that the server reports on, each model has its own
`Calibration`: tokens are a sum of the prompt's words, symbols, digits, other bytes and messages, with weights
that follow what the server counted (recursive least squares). No vocabulary is needed and none is downloaded.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest

__all__ = ["ASSUMED_OUTPUT", "Calibration", "Measure", "measured", "measured_messages", "output_limit"]

ASSUMED_OUTPUT = 4096
"""Tokens of an answer without ``max_tokens``, unless the model has written a longer one."""
IMAGE_TOKENS = 1500

_BYTES_PER_TOKEN = 4
_SAMPLE, _SLICES = 16_384, 16
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_WORD = re.compile(r"[^\W\d_]+")
_SYMBOLS = re.compile(r"[!-/:-@\[-^`{-~]+")
_DIGIT = re.compile(r"[0-9]")
_MARGIN = 1.25
_SHORT = 5
_ENOUGH = 500
_PER_MESSAGE, _PER_REQUEST = 16, 256


@dataclass(frozen=True, slots=True)
class Measure:
    """What of a prompt can be counted without the model's vocabulary.

    Parameters
    ----------
    words
        Runs of letters.
    letters
        ASCII letters of words beyond the fifth: long words have several tokens.
    symbols
        Runs of punctuation.
    digits
        Digits.
    foreign
        Bytes of characters outside ASCII.
    lines
        Line breaks.
    messages
        Messages.
    size
        Bytes of all texts, in UTF-8.
    images
        Images; their tokens cannot be counted from text.
    """

    words: float = 0
    letters: float = 0
    symbols: float = 0
    digits: float = 0
    foreign: float = 0
    lines: float = 0
    messages: int = 0
    size: int = 0
    images: int = 0


_FEATURES = 7
_PRIOR = (1.0, 0.3, 1.2, 0.9, 0.4, 0.6, 6.0, 10.0)
_SPREAD = (0.2, 0.15, 0.3, 0.3, 0.3, 0.4, 6.0, 20.0)
_NOISE = 0.05


class Calibration:
    """How one model counts tokens. Its methods may be called from any thread.

    Attributes
    ----------
    longest : int
        Tokens of the longest answer so far.

    Examples
    --------
    >>> calibration, prompt = Calibration(), Measure(words=60, symbols=10, messages=1, size=400)
    >>> calibration.estimate(prompt)
    100
    >>> for _ in range(5):
    ...     calibration.observe(prompt, 80, 20)
    >>> calibration.estimate(prompt)
    80
    """

    def __init__(self) -> None:
        self.longest = 0
        self._lock = threading.Lock()
        self._seen = 0
        self._highest = 0.0
        self._weights = list(_PRIOR)
        self._spread = [
            [own**2 if row == column else 0.0 for column, own in enumerate(_SPREAD)]
            for row in range(len(_SPREAD))
        ]

    def estimate(self, prompt: Measure) -> int:
        """Estimated tokens of a prompt."""
        known = self._known(prompt)
        plain = -(-prompt.size // _BYTES_PER_TOKEN)
        return (max(1, round(known)) if known > 0 else plain) + IMAGE_TOKENS * prompt.images

    def most(self, prompt: Measure) -> int:
        """Tokens that a prompt hardly exceeds: one per byte until the model is known, then with a margin."""
        likely = _MARGIN * max(self._highest * prompt.size, _MARGIN * self._known(prompt))
        text = min(prompt.size, likely) if likely else prompt.size
        others = _PER_MESSAGE * prompt.messages + 2 * IMAGE_TOKENS * prompt.images
        return int(text) + _PER_REQUEST + others

    @property
    def is_settled(self) -> bool:
        """Whether another prompt would hardly change it, so that measuring one is not worth its time."""
        return self._seen >= _ENOUGH

    def note_output(self, tokens: int) -> None:
        """Take the length of an answer."""
        with self._lock:
            self.longest = max(self.longest, tokens)

    def observe(self, prompt: Measure, tokens: int, output: int | None = None) -> None:
        """Take the counts that the server reported."""
        with self._lock:
            self.longest = max(self.longest, output or 0)
            if prompt.images or not prompt.size:
                return
            self._seen += 1
            self._highest = max(self._highest, (tokens - _PER_REQUEST) / prompt.size)
            self._learn([value / tokens for value in _features(prompt)])

    def _known(self, prompt: Measure) -> float:
        """Tokens of a text by the weights; 0 before the first observation."""
        with self._lock:
            return sum(map(_product, self._weights, _features(prompt))) if self._seen else 0.0

    def _learn(self, share: list[float]) -> None:
        """One step of recursive least squares, for a prompt whose weighted features should add up to 1."""
        turned = [sum(map(_product, row, share)) for row in self._spread]
        scale = _NOISE**2 + sum(map(_product, share, turned))
        error = 1.0 - sum(map(_product, self._weights, share))
        self._weights = [weight + t * error / scale for weight, t in zip(self._weights, turned, strict=True)]
        self._spread = [
            [cell - t * other / scale for cell, other in zip(row, turned, strict=True)]
            for row, t in zip(self._spread, turned, strict=True)
        ]


def measured(request: ChatRequest) -> Measure:
    """Measure the prompt of a request, with the descriptions of its tools."""
    tools = [
        json.dumps(request.params[name]) for name in ("tools", "response_format") if request.params.get(name)
    ]
    beginning = [str(request.prefill.get("content", ""))] if request.prefill else []
    return measured_messages(request.messages, [*tools, *beginning])


def measured_messages(messages: Iterable[Message], more: Iterable[str] = ()) -> Measure:
    """Measure messages, and texts that are sent with them."""
    messages = tuple(messages)
    texts = [text for message in messages for text in _texts(message)]
    text = "\n".join([*texts, *more])
    images = sum(_images(message) for message in messages)
    return _of_text(text, len(messages), images)


def output_limit(params: Mapping[str, Any], longest: int = 0) -> int:
    """Tokens that an answer hardly exceeds: the limit of the request, or else an assumption."""
    named = [value for name in _LIMITS if type(value := params.get(name)) is int and value > 0]
    assumed = max(ASSUMED_OUTPUT, int(longest * _MARGIN))
    choices = params.get("n")
    return (min(named) if named else assumed) * (choices if type(choices) is int and choices > 0 else 1)


def _of_text(text: str, messages: int, images: int) -> Measure:
    size = len(text.encode("utf-8", "replace"))
    part = text if len(text) <= _SAMPLE else _sampled(text)
    scale = len(text) / len(part) if part else 1.0
    words = _WORD.findall(part)
    return Measure(
        words=len(words) * scale,
        letters=sum(len(word) - _SHORT for word in words if len(word) > _SHORT) * scale,
        symbols=len(_SYMBOLS.findall(part)) * scale,
        digits=len(_DIGIT.findall(part)) * scale,
        foreign=(0 if part.isascii() else len(part.encode("utf-8", "replace")) - sum(map(str.isascii, part)))
        * scale,
        lines=part.count("\n") * scale,
        messages=messages,
        size=size,
        images=images,
    )


def _sampled(text: str) -> str:
    """Slices of a long text, at equal distances."""
    length, step = _SAMPLE // _SLICES, len(text) // _SLICES
    return "".join(text[start : start + length] for start in range(0, step * _SLICES, step))


def _features(prompt: Measure) -> tuple[float, ...]:
    return (*astuple(prompt)[:_FEATURES], 1.0)


def _texts(message: Message) -> list[str]:
    others = [json.dumps([message.tool_calls, message.extra])] if message.tool_calls or message.extra else []
    if isinstance(message.content, str):
        return [message.content, *others]
    return [text for part in message.content if isinstance(text := part.get("text"), str)] + others


def _images(message: Message) -> int:
    """Parts of a message that are not text."""
    return 0 if isinstance(message.content, str) else sum("text" not in part for part in message.content)


def _product(one: float, other: float) -> float:
    return one * other
