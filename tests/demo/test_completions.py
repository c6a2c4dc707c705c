"""The demo's answers through the real SDK: streamed and whole, cut, counted, and always the same."""

from __future__ import annotations

import ast
import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI, BadRequestError

from nbstream import Chat
from nbstream.demo import DEMO_MODELS, create_app
from nbstream.transports.asgi import ASGITransport

BANNER = "*Demo answer: scripted text, no language model.*"
WITH_USAGE: Any = {"stream": True, "stream_options": {"include_usage": True}}

Ask = Callable[..., Any]


def text_of(answer: Any) -> str:
    return str(answer.choices[0].message.content)


async def chunks_of(stream: Any) -> list[Any]:
    async with stream:
        return [chunk async for chunk in stream]


def streamed_text(chunks: list[Any]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


async def test_models_are_listed_and_found(client: AsyncOpenAI) -> None:
    listed = [model.id async for model in client.models.list()]
    assert listed == list(DEMO_MODELS)
    assert listed[0] == "nbstream-demo"
    assert (await client.models.retrieve("nbstream-demo-fast")).owned_by == "nbstream"


async def test_a_stream_says_what_the_whole_answer_says(ask: Ask) -> None:
    whole = await ask("Write a poem about coding")
    chunks = await chunks_of(await ask("Write a poem about coding", **WITH_USAGE))
    assert streamed_text(chunks) == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage
    assert {chunk.id for chunk in chunks} == {whole.id}


async def test_an_answer_goes_on_from_its_beginning(client: AsyncOpenAI) -> None:
    async def answer(*messages: Any, **flags: bool) -> str:
        asked: dict[str, Any] = {"model": "nbstream-demo-fast", "messages": messages, "extra_body": flags}
        return text_of(await client.chat.completions.create(**asked))

    question = {"role": "user", "content": "Write a poem about coding"}
    whole = await answer(question)
    beginning = {"role": "assistant", "content": whole[:80]}
    rest = await answer(question, beginning, continue_final_message=True, add_generation_prompt=False)
    assert whole[:80] + rest == whole
    assert (await answer(question, beginning)).startswith(BANNER), "without the flag it is a turn of its own"


async def test_a_chat_continues_what_the_demo_broke_off() -> None:
    chat = Chat("demo:nbstream-demo-fast")
    cut = chat.send("echo: " + "word " * 30 + "demo:cut")
    await cut.wait()
    assert (cut.status, cut.state.continuable) == ("failed", True)
    reply = await chat.continue_reply()
    assert reply.text.startswith(cut.text)
    assert reply.text.endswith("demo:cut")


async def test_chunks_have_the_shape_of_openais(ask: Ask) -> None:
    chunks = [
        chunk.model_dump(exclude_unset=True) for chunk in await chunks_of(await ask("hi", **WITH_USAGE))
    ]
    *answer, finish, usage = chunks
    common = {
        "id": answer[0]["id"],
        "object": "chat.completion.chunk",
        "created": 1_735_689_600,
        "model": "nbstream-demo-fast",
        "system_fingerprint": "nbstream-demo",
    }
    role = {"role": "assistant", "content": "", "refusal": None}
    choice = {"index": 0, "logprobs": None, "finish_reason": None}
    assert answer[0] == common | {"usage": None, "choices": [choice | {"delta": role}]}
    assert all(chunk["choices"] == [choice | {"delta": chunk["choices"][0]["delta"]}] for chunk in answer)
    assert finish["choices"] == [choice | {"delta": {}, "finish_reason": "stop"}]
    assert usage["choices"] == []
    assert usage["usage"]["completion_tokens"] == len(answer) - 1


async def test_usage_is_streamed_only_where_it_was_asked_for(ask: Ask) -> None:
    chunks = await chunks_of(await ask("hi", stream=True))
    assert all(chunk.choices and "usage" not in chunk.model_fields_set for chunk in chunks)


async def test_the_wire_format_is_server_sent_events_to_the_letter() -> None:
    body = {
        "model": "nbstream-demo-fast",
        "stream": True,
        "messages": [{"role": "user", "content": "echo: ü"}],
    }
    async with httpx2.AsyncClient(transport=ASGITransport(create_app())) as http:
        answer = await http.post("http://demo/v1/chat/completions", json=body)
    events = answer.text.split("\n\n")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["x-request-id"].startswith("req_demo_")
    assert events[-2:] == ["data: [DONE]", ""]
    assert all(json.loads(event.removeprefix("data: ")) for event in events[:-2])


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_a_limit_cuts_the_answer_and_says_so(ask: Ask, name: str) -> None:
    whole = await ask("Make a table")
    cut = await ask("Make a table", **{name: 7})
    assert whole.choices[0].message.content.startswith(cut.choices[0].message.content)
    assert (cut.choices[0].finish_reason, cut.usage.completion_tokens) == ("length", 7)
    assert whole.choices[0].finish_reason == "stop"
    exact = await ask("Make a table", **{name: whole.usage.completion_tokens})
    assert exact.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("stop", ["two", ["never there", "two"], ["three", "two"]])
async def test_the_answer_ends_before_the_first_stop_text(ask: Ask, stop: str | list[str]) -> None:
    answer = await ask("echo: one two three two", stop=stop)
    assert text_of(answer) == f"{BANNER}\n\none "
    assert answer.choices[0].finish_reason == "stop"


async def test_reasoning_comes_first_and_is_counted(client: AsyncOpenAI) -> None:
    params: Any = {
        "model": "nbstream-demo-reasoning",
        "messages": [{"role": "user", "content": "a list, please"}],
    }
    chunks = await chunks_of(await client.chat.completions.create(**params, **WITH_USAGE))
    kinds = [
        "reasoning" if getattr(chunk.choices[0].delta, "reasoning_content", None) else "text"
        for chunk in chunks[1:-2]
    ]
    reasoning = kinds.count("reasoning")
    assert kinds == ["reasoning"] * reasoning + ["text"] * (len(kinds) - reasoning)
    assert 0 < reasoning < len(kinds)
    assert chunks[-1].usage.completion_tokens_details.reasoning_tokens == reasoning
    assert chunks[-1].usage.completion_tokens == len(kinds)
    whole = await client.chat.completions.create(**params)
    assert "a list, please" in whole.choices[0].message.reasoning_content
    assert whole.choices[0].message.content == streamed_text(chunks)


async def test_usage_counts_prompt_and_answer(ask: Ask) -> None:
    short, long = await ask("echo: a"), await ask("echo: a b c d")
    assert long.usage.prompt_tokens - short.usage.prompt_tokens == 3
    assert long.usage.completion_tokens - short.usage.completion_tokens == 3
    assert long.usage.total_tokens == long.usage.prompt_tokens + long.usage.completion_tokens


async def raw_answer(body: dict[str, Any]) -> tuple[bytes, str]:
    async with httpx2.AsyncClient(transport=ASGITransport(create_app(pace=0))) as http:
        answer = await http.post("http://demo/v1/chat/completions", content=json.dumps(body))
    return answer.content, answer.headers["x-request-id"]


async def run_python(*arguments: str) -> bytes:
    command = [sys.executable, *arguments]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)
    return done.stdout


async def test_the_same_request_gets_the_same_bytes_in_every_process() -> None:
    body = {"model": "nbstream-demo", "stream": True, "messages": [{"role": "user", "content": "long"}]}
    script = (
        "import asyncio, json, sys\n"
        "from tests.demo.test_completions import raw_answer\n"
        "sys.stdout.buffer.write(asyncio.run(raw_answer(json.loads(sys.argv[1])))[0])"
    )
    here = await raw_answer(body)
    assert here == await raw_answer(body)
    assert here[0] == await run_python("-c", script, json.dumps(body))


async def test_the_seed_chooses_the_text(ask: Ask) -> None:
    texts = {text_of(await ask("a poem", seed=seed)) for seed in range(20)}
    assert len(texts) == 2
    assert text_of(await ask("a poem", seed=1, max_tokens=9999)) == text_of(await ask("a poem", seed=1))


PROMPTS = {
    "Write a poem about coding": "### ",
    "A table of languages": "|--",
    "Some python code": "```python",
    "Show me math": "$$",
    "List the steps": "- ",
    "Give me JSON": "```json",
    "Show me everything": "# Everything at once",
    "Who are you?": "%%chat -m ollama:llama3.2",
    "Write a haiku": "Haiku",
    "": "an empty prompt",
}


@pytest.mark.parametrize("prompt", PROMPTS)
async def test_every_answer_says_that_it_is_scripted_and_fits_the_prompt(ask: Ask, prompt: str) -> None:
    for seed in range(5):
        text = text_of(await ask(prompt, seed=seed))
        assert text.startswith(BANNER + "\n\n")
        assert PROMPTS[prompt] in text


@pytest.mark.parametrize("prompt", ["python code", "json", "everything"])
async def test_the_code_in_answers_is_valid(ask: Ask, prompt: str) -> None:
    texts = [text_of(await ask(prompt, seed=seed)) for seed in range(10)]
    for language, code in re.findall(r"```(\w+)\n(.*?)```", "\n".join(texts), re.DOTALL):
        if language == "python":
            ast.parse(code)
        if language == "json":
            json.loads(code)


async def test_the_python_in_answers_prints_what_they_say(ask: Ask) -> None:
    for text in {text_of(await ask("python code", seed=seed)) for seed in range(20)}:
        (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        promised = re.findall(r"`([^`]+)`", text.rpartition("It prints")[2])
        assert (await run_python("-c", code)).decode().splitlines() == promised


async def test_a_long_answer_is_long_and_in_short_tokens(ask: Ask) -> None:
    answer = await ask("A long answer, please")
    length = len(text_of(answer))
    assert length >= 20_000
    assert 3.5 < length / answer.usage.completion_tokens < 4.5


@pytest.mark.parametrize("prompt", ["How long is it?", "a long-term plan", "as long as you like", "belong"])
async def test_not_every_long_asks_for_a_long_answer(ask: Ask, prompt: str) -> None:
    assert len(text_of(await ask(prompt))) < 2_000


@pytest.mark.parametrize(
    "text", ["plain", "  two\n\nlines ", "<script>alert(1)</script>", "👩‍💻 {braces} %s \\n"]
)
async def test_echo_gives_the_text_back_as_it_is(ask: Ask, text: str) -> None:
    assert text_of(await ask(f"Echo: {text}")) == f"{BANNER}\n\n{text}"


async def test_half_a_surrogate_pair_does_no_harm() -> None:
    body = {"model": "nbstream-demo-fast", "messages": [{"role": "user", "content": "echo: \ud83c!"}]}
    content, _ = await raw_answer(body)
    assert json.loads(content)["choices"][0]["message"]["content"].endswith("\n\n?!")


async def test_history_and_system_prompt_are_seen(ask: Ask) -> None:
    messages = [
        {"role": "system", "content": "You are terse."},
        {"role": "user", "content": "First of all"},
        {"role": "assistant", "content": "…"},
        {"role": "user", "content": "and then"},
        {"role": "assistant", "content": "…"},
        {"role": "user", "content": [{"type": "text", "text": "now a table"}, {"type": "image_url"}]},
    ]
    text = text_of(await ask("", messages=messages))
    assert "“You are terse.”" in text
    assert "turn 3 of our conversation; you first asked “First of all”" in text
    assert "|--" in text


@pytest.mark.parametrize(
    ("prompt", "quoted"),
    [
        ("two\nlines", "“two lines”"),
        ("x" * 200, f"“{'x' * 79}…”"),
        ("<b>bold</b>", "`<b>bold</b>`"),
        ("a `b` and ``c``", "``` a `b` and ``c`` ```"),
        ("{connect}", "“{connect}”"),
    ],
)
async def test_the_question_is_quoted_so_that_markdown_leaves_it_alone(
    ask: Ask, prompt: str, quoted: str
) -> None:
    assert quoted in text_of(await ask(prompt))


async def test_a_json_answer_is_json_alone_and_still_labelled(ask: Ask) -> None:
    text = text_of(await ask("anything", response_format={"type": "json_object"}))
    assert json.loads(text)["note"] == BANNER.strip("*")


ADD: Any = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}


async def test_a_tool_that_is_asked_for_is_called_and_its_result_said(ask: Ask, client: AsyncOpenAI) -> None:
    prompt = 'call: add {"a": 1, "b": 2}'
    whole = (await ask(prompt, tools=[ADD])).choices[0]
    (call,) = whole.message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("add", {"a": 1, "b": 2})
    assert (whole.finish_reason, whole.message.content) == ("tool_calls", None)
    chunks = await chunks_of(await ask(prompt, tools=[ADD], stream=True))
    parts = [part for chunk in chunks for part in chunk.choices[0].delta.tool_calls or ()]
    assert (parts[0].id, parts[0].function.name) == (call.id, "add")
    assert "".join(part.function.arguments for part in parts) == call.function.arguments
    assert len(parts) > 2
    said = [
        {"role": "user", "content": prompt},
        whole.message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "3"},
    ]
    answer = await client.chat.completions.create(model="nbstream-demo-fast", messages=said, tools=[ADD])
    assert text_of(answer) == f"{BANNER}\n\nThe tool answered: 3"


async def test_a_tool_that_is_not_there_is_not_called(ask: Ask) -> None:
    for tools in ([], [ADD]):
        answer = await ask("call: remove {}", tools=tools)
        assert answer.choices[0].finish_reason == "stop"
    with pytest.raises(BadRequestError, match="tools"):
        await ask("call: add {}", tools=5)
