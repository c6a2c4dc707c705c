"""Converts the answer to output: tokens within the limits, the fault, and counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nbstream.demo.call import Call
from nbstream.demo.faults import Fault, fault_in
from nbstream.demo.script import answer
from nbstream.demo.tokens import count_tokens, tokenise

__all__ = ["Field", "FinishReason", "Generation", "Token", "generate"]

FinishReason = Literal["stop", "length", "tool_calls"]
Field = Literal["content", "reasoning_content", "arguments"]

SLOW_FIRST_TOKEN = 2.0
SLOW_PER_TOKEN = 0.2


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the answer, and its field."""

    field: Field
    text: str


@dataclass(frozen=True, slots=True)
class Generation:
    """The complete answer, before its first byte is sent.

    Parameters
    ----------
    tokens
        The pieces in the order in which they are sent.
    finish_reason
        Why the answer ends.
    prompt_tokens
        Demo tokens in the messages.
    first_token, per_token
        Seconds before the first token, and from one to the next, at a pace of 1.
    fault
        The injected fault.
    tool
        Name of the called tool; empty if there is none.
    """

    tokens: tuple[Token, ...]
    finish_reason: FinishReason
    prompt_tokens: int
    first_token: float
    per_token: float
    fault: Fault | None = None
    tool: str = ""

    @property
    def half(self) -> int:
        """Number of tokens before a fault."""
        return len(self.tokens) // 2

    @property
    def duration(self) -> float:
        """Seconds from the request to the last token, at a pace of 1."""
        return self.first_token + self.per_token * (len(self.tokens) - 1)

    def text(self, field: Field) -> str:
        """All of one field."""
        return "".join(token.text for token in self.tokens if token.field == field)

    def usage(self) -> dict[str, object]:
        """The API's ``usage`` object. Reasoning counts as completion tokens, as in the API."""
        completion = len(self.tokens)
        reasoning = sum(token.field == "reasoning_content" for token in self.tokens)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": reasoning, "audio_tokens": 0},
        }


def generate(call: Call) -> Generation:
    """Compute the complete answer to `call`."""
    said = answer(call)
    text = until_stop(said.text.removeprefix(call.begun), call.stop)
    reasoning = "" if call.begun else said.reasoning
    tokens = [Token("reasoning_content", piece) for piece in tokenise(reasoning)]
    tokens += [Token("arguments" if said.tool else "content", piece) for piece in tokenise(text)]
    is_cut = call.max_tokens is not None and len(tokens) > call.max_tokens
    fault = None if call.begun else fault_in(call.prompt)
    slow = fault is Fault.SLOW
    return Generation(
        tokens=tuple(tokens[: call.max_tokens]),
        finish_reason="length" if is_cut else "tool_calls" if said.tool else "stop",
        prompt_tokens=sum(count_tokens(turn.text) for turn in call.messages),
        first_token=SLOW_FIRST_TOKEN if slow else call.model.first_token,
        per_token=SLOW_PER_TOKEN if slow else call.model.per_token,
        fault=fault,
        tool=said.tool,
    )


def until_stop(text: str, stops: tuple[str, ...]) -> str:
    """The part of `text` before the first of `stops`."""
    found = [at for at in (text.find(stop) for stop in stops) if at >= 0]
    return text[: min(found, default=len(text))]
