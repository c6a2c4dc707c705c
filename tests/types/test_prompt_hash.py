"""The hash of a prompt is the same, however much of it was hashed before."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle

import pytest

from nbstream.types.messages import Message
from nbstream.types.prompt_hash import PromptHasher

CHAT = (
    Message("system", "Be terse."),
    Message("user", "Grüße"),
    Message("assistant", "", tool_calls=({"id": "1", "type": "function"},)),
    Message("tool", "3", tool_call_id="1"),
    Message("user", [{"type": "text", "text": "Hi"}]),
)


def plain(messages: tuple[Message, ...]) -> str:
    """The definition: SHA-256 of the canonical JSON."""
    told = [message.as_dict() for message in messages]
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@pytest.mark.parametrize(
    "prompts",
    [
        pytest.param([CHAT[:end] for end in range(6)], id="a growing conversation"),
        pytest.param([CHAT, CHAT[:2], CHAT], id="a shorter one"),
        pytest.param([CHAT, CHAT], id="the same again"),
        pytest.param([CHAT, (*CHAT[:1], Message("user", "Other"), *CHAT[2:])], id="an edited message"),
        pytest.param([CHAT, CHAT[1:]], id="the oldest message left out"),
    ],
)
def test_the_hash_depends_on_the_messages_alone(prompts: list[tuple[Message, ...]]) -> None:
    hasher = PromptHasher()
    assert [hasher.hash(prompt) for prompt in prompts] == [plain(prompt) for prompt in prompts]


def test_copies_begin_again() -> None:
    hasher = PromptHasher()
    hasher.hash(CHAT)
    pickled = pickle.loads(pickle.dumps(hasher))  # noqa: S301
    for copied in (copy.copy(hasher), copy.deepcopy(hasher), pickled):
        assert copied.hash(CHAT[:2]) == plain(CHAT[:2])
