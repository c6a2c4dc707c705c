"""What is sent of a conversation where its length is limited."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from nbstream.conversation.context import estimate_tokens, fit
from nbstream.conversation.conversation import Conversation
from nbstream.types.messages import Message

TURNS = ["first", "second", "third!"]
ALL = [text for word in TURNS for text in (word, word.upper())]
NEXT = Message("user", "the next one.")


def answered(text: str) -> SimpleNamespace:
    return SimpleNamespace(text=text, status="finished", messages=(Message("assistant", text),))


def fitted(max_tokens: int) -> tuple[list[object], int]:
    talk = Conversation("Be terse.")
    for text in TURNS:
        talk.record(Message("user", text), answered(text.upper()))
    context = fit(talk.preface(), list(talk), NEXT, max_tokens)
    return [message.content for message in context.messages], context.left_out


def size(*texts: str) -> int:
    return estimate_tokens([Message("user", text) for text in texts])


@pytest.mark.parametrize(
    ("below", "left_out"), [(0, 0), (1, 1)], ids=["exactly at the limit", "one token below it"]
)
def test_a_conversation_at_its_limit_stays_whole(below: int, left_out: int) -> None:
    whole = ["Be terse.", *ALL, "the next one."]
    assert len("".join(whole)) == 4 * size(*whole), "no byte is left to the limit"
    contents, missing = fitted(size(*whole) - below)
    assert missing == left_out
    assert contents == ["Be terse.", *ALL[2 * left_out :], "the next one."]


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("four", 1), ("fives", 2), ("é" * 4, 2)])
def test_a_part_of_a_token_counts_as_one(text: str, tokens: int) -> None:
    assert size(text) == tokens
