"""The real model through the whole of nbstream: what any other endpoint can do, it can."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from nbstream import Chat
from nbstream.errors import ArgumentError, StatusError
from nbstream.local import DEFAULT_MODEL, Installed
from nbstream.local.process import running_process
from tests.faults.shapes import PICTURE
from tests.relay.conftest import serve

__all__ = ["serve"]

Chats = Callable[..., Chat]
PROMPT = "Write a Python function that checks whether a word is a palindrome."
LONG = "Write a long story about the sea."
SCHEMA = {
    "type": "object",
    "properties": {"mood": {"enum": ["good", "bad"]}, "score": {"type": "integer"}},
    "required": ["mood", "score"],
    "additionalProperties": False,
}


async def test_an_answer_streams_with_its_usage_and_its_badge(chat: Chats) -> None:
    reply = chat().send(PROMPT, max_tokens=60)
    deltas = [delta async for delta in reply]
    assert len(deltas) > 10
    assert "".join(deltas) == reply.text
    assert "def " in reply.text
    assert reply.usage is not None
    assert reply.usage.output is not None
    assert reply.usage.output > 10
    assert reply.state.route is not None
    assert reply.state.route.provider == "local"
    assert reply.state.route.badge == "local · SmolLM2 135M: a very small model, often wrong"


async def test_an_image_is_refused_before_anything_is_sent(chat: Chats) -> None:
    reply = chat().send(["What is it?", PICTURE])
    with pytest.raises(ArgumentError, match="does not accept images"):
        await reply
    assert reply.state.request_id is None


async def test_a_stop_ends_the_generation_at_the_server(chat: Chats, weights: Installed) -> None:
    reply = chat().send(LONG, max_tokens=2000)
    async for _ in reply:
        reply.stop()
    assert reply.status == "stopped"
    assert reply.text
    stopped_at = reply.text
    # The next answer needs one of the four slots: were the stopped one still written, its log would go on.
    await chat().send("Hi", max_tokens=2)
    assert reply.text == stopped_at
    process = running_process(weights)
    assert process is not None
    written = process.log.read_text("utf-8", "replace")
    assert "cancel task" in written


async def test_four_answers_stream_at_once(chat: Chats) -> None:
    replies = [chat().send(f"Count from {n} to {n + 9}.", max_tokens=24) for n in range(4)]
    begun: list[int] = []

    async def read(index: int) -> int:
        async for _ in replies[index]:
            if index not in begun:
                begun.append(index)
        return len(begun)

    begun_by_the_end = await asyncio.gather(*(read(index) for index in range(4)))
    assert begun_by_the_end == [4, 4, 4, 4]


async def test_the_same_seed_says_the_same(chat: Chats, own_process: None) -> None:
    """One after another: answers that are computed together differ in the last bits of a sum."""

    async def said(seed: int) -> str:
        return (await chat(temperature=1.0, seed=seed).send(LONG, max_tokens=16)).text

    first, again, other = await said(7), await said(7), await said(8)
    assert first == again
    assert first != other


async def test_a_schema_holds_exactly(chat: Chats) -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "mood", "strict": True, "schema": SCHEMA}}
    reply = await chat().send("How was the film? It was dull.", response_format=schema)
    found = json.loads(reply.text)
    assert found.keys() == {"mood", "score"}
    assert found["mood"] in {"good", "bad"}
    assert isinstance(found["score"], int)


async def test_probabilities_are_in_the_raw_stream(chat: Chats) -> None:
    reply = await chat().send("Hi", max_tokens=4, logprobs=True, top_logprobs=2, debug=True)
    raw = reply.inspect().to_jsonl()
    assert "top_logprobs" in raw


async def test_an_answer_that_was_cut_is_continued(chat: Chats) -> None:
    whole = await chat().send(PROMPT, max_tokens=40)
    talk = chat()
    cut = await talk.send(PROMPT, max_tokens=8)
    assert cut.finish_reason == "length"
    assert cut.state.continuable
    rest = await talk.continue_reply()
    assert rest.text.startswith(cut.text)
    assert len(rest.text) > len(cut.text)
    assert whole.text.startswith(cut.text)


async def test_a_model_that_repeats_itself_is_ended(chat: Chats) -> None:
    """Without a limit of the user's there is one: this prompt makes the model write table rows forever."""
    prompt = "Write a short table of three planets and their colours in Markdown."
    reply = await chat().send(prompt)
    assert reply.finish_reason == "length"
    assert reply.usage is not None
    assert reply.usage.output == DEFAULT_MODEL.max_tokens
    assert reply.state.continuable


async def test_a_prompt_over_the_context_is_refused_with_advice(chat: Chats) -> None:
    with pytest.raises(StatusError, match="exceeds the available context") as caught:
        await chat().send("word " * (DEFAULT_MODEL.context + 100))
    assert "shorten the prompt" in caught.value.advice


async def test_tools_may_be_offered_to_a_model_that_knows_none(chat: Chats) -> None:
    def weather(city: str) -> str:
        """Weather of a city."""
        return f"Sun in {city}"

    reply = await chat(tools=[weather]).send("Say hello.", max_tokens=8)
    assert reply.status == "finished"


async def test_a_relay_serves_it(chat: Chats, serve: object) -> None:
    async with serve(chat(max_tokens=8)) as client:  # type: ignore[operator]
        body = {"model": "nbstream", "messages": [{"role": "user", "content": "Hi"}]}
        answer = await client.post("/v1/chat/completions", json=body)
    assert answer.json()["choices"][0]["message"]["content"]


async def test_its_models_are_listed_without_loading_any(chat: Chats) -> None:
    assert DEFAULT_MODEL.name in await chat().models()


async def test_tokens_have_probabilities_and_alternatives(chat: Chats) -> None:
    reply = await chat().send("Name a colour.", max_tokens=20, logprobs=True, top_logprobs=3)
    logprobs = reply.logprobs
    assert logprobs is not None
    assert reply.text
    assert reply.text in logprobs.text
    assert all(0 <= token.probability <= 1 and len(token.top) == 3 for token in logprobs)
    assert all(span.text == logprobs.text[span.start : span.end] for span in logprobs.low(0.9))
