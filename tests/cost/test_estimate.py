"""Estimates of a prompt's tokens, compared with a tokenizer that the estimate does not know."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from nbstream.cost.estimate import ASSUMED_OUTPUT, Calibration, measured, output_limit
from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest

ROOT = Path(__file__).parents[2]
PIECES = re.compile(r"[^\W\d_]+|\d|_|[^\w\s]+|\s+(?=\S)|\s")
SOURCES = {
    "prose": ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"],
    "code": ["nbstream/chat.py", "nbstream/reply.py", "nbstream/errors.py", "js/reply/figures.ts"],
    "data": ["js/package.json", "tests/fixtures/figures.json"],
}


def counted(text: str) -> int:
    """Tokens as a byte-pair tokenizer makes them: short words whole, long ones in parts."""
    tokens = 0
    for piece in PIECES.findall(text):
        if piece.isspace():
            tokens += piece != " "
        elif piece.isalpha():
            size = len(piece.encode())
            tokens += 1 if size <= 7 else -(-size // 5)
        else:
            tokens += -(-len(piece.encode()) // 2)
    return tokens + 11


def prompts(kinds: list[str], seed: int) -> list[ChatRequest]:
    """Excerpts of this project's texts, from a line to some pages."""
    choose = random.Random(seed)  # noqa: S311
    texts = [(ROOT / name).read_text("utf-8") for kind in kinds for name in SOURCES[kind]]
    excerpts = []
    for _ in range(60):
        text = choose.choice(texts)
        start, size = choose.randrange(len(text) - 100), choose.randint(100, 3000)
        excerpts.append(ChatRequest("m", (Message("user", text[start : start + size]),)))
    return excerpts


@pytest.mark.parametrize("kinds", [["prose"], ["code"], ["data"], ["prose", "code", "data"]], ids="+".join)
def test_after_five_calls_nine_of_ten_prompts_are_within_a_tenth(kinds: list[str]) -> None:
    near = total = 0
    for seed in range(10):
        calibration = Calibration()
        for number, request in enumerate(prompts(kinds, seed)):
            tokens = counted(str(request.messages[0].content))
            if number >= 5:
                total += 1
                near += abs(calibration.estimate(measured(request)) - tokens) <= tokens / 10
            calibration.observe(measured(request), tokens, 10)
    assert near >= 0.9 * total


def test_before_the_first_call_a_token_is_four_bytes() -> None:
    request = ChatRequest("m", (Message("user", "é" * 40),))
    assert Calibration().estimate(measured(request)) == 20


def test_what_is_reserved_covers_what_is_counted() -> None:
    calibration = Calibration()
    for request in prompts(["prose", "code", "data"], 3):
        tokens = counted(str(request.messages[0].content))
        assert calibration.most(measured(request)) >= tokens
        calibration.observe(measured(request), tokens)


def test_an_image_is_not_counted_by_its_bytes() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 1_000_000}}
    request = ChatRequest("m", (Message("user", ({"type": "text", "text": "What is it?"}, image)),))
    assert Calibration().estimate(measured(request)) < 2000


def test_a_long_prompt_is_measured_by_parts_of_it() -> None:
    text = "the quick brown fox jumps over the lazy dog; " * 20
    short, long = (measured(ChatRequest("m", (Message("user", text * times),))) for times in (1, 1000))
    assert long.size == 1000 * short.size
    assert abs(long.words - 1000 * short.words) < 0.02 * long.words


@pytest.mark.parametrize(
    ("params", "tokens"),
    [
        ({}, ASSUMED_OUTPUT),
        ({"max_tokens": 5}, 5),
        ({"max_completion_tokens": 7, "n": 3}, 21),
        ({"max_output_tokens": 9}, 9),
        ({"max_tokens": "many"}, ASSUMED_OUTPUT),
    ],
)
def test_the_limit_of_an_answer(params: dict[str, object], tokens: int) -> None:
    assert output_limit(params) == tokens


def test_a_model_with_long_answers_gets_a_higher_limit() -> None:
    assert output_limit({}, 10_000) == 12_500
