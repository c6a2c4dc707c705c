"""What is replayed: which exchange for which request, in which order and at which pace."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI, OpenAI

from nbstream import CassetteMissError, Chat, FileError, NBStream, SettingsError, record, replay
from nbstream.cassettes import CassetteTransport, SyncCassetteTransport, in_use, opened, transport, use
from nbstream.cassettes.exchange import Ending, Exchange, RecordedRequest
from nbstream.cassettes.playing import Playing
from nbstream.client.router import Router
from nbstream.client.target import Target
from nbstream.errors import RateLimitError, RequestTimeoutError, StreamInterruptedError
from nbstream.types.limits import Timeouts
from tests.cassettes.playing import chatting, lines
from tests.faults.test_responses import HELLO, Background
from tests.loopback import ByteServer, Hold, in_turn, json_response, sse_response
from tests.loopback.chunks import call, delta, says


async def test_equal_requests_are_answered_in_their_recorded_order(tmp_path: Path) -> None:
    file = tmp_path / "dice.jsonl"
    with ByteServer(in_turn(says("4"), says("2"), says("6"))) as server:
        async with chatting(server) as chat:
            with record(file):
                live = [(await chat.fork().send("Roll a die.")).text for _ in range(3)]
            with replay(file, pace=0):
                again = [(await chat.fork().send("Roll a die.")).text for _ in range(3)]
                with pytest.raises(CassetteMissError, match="has this request 3 times"):
                    await chat.fork().send("Roll a die.")
        assert len(server.requests) == 3
    assert live == again == ["4", "2", "6"]


async def test_a_miss_names_the_nearest_request_and_the_difference(tmp_path: Path) -> None:
    file = tmp_path / "summary.jsonl"
    with ByteServer(says("ok")) as server:
        async with chatting(server) as chat:
            with record(file):
                await chat.fork().send("Translate this sentence.")
                await chat.fork().send("Write a summary of the red book, in a hundred words.", temperature=0)
            with replay(file), pytest.raises(CassetteMissError) as missed:
                await chat.fork().send("Write a summary of the blue book, in a hundred words.", seed=7)
    text = str(missed.value)
    assert "request 2" in text
    assert "of the red book" in text
    assert "of the blue book" in text
    assert "temperature: recorded 0, not sent" in text
    assert "seed: not recorded, sent 7" in text
    assert f"%chat record {file}" in text


async def test_no_key_and_no_environment_are_needed(tmp_path: Path) -> None:
    file = tmp_path / "keys.jsonl"
    key = "a-key-without-any-known-format"
    with ByteServer(says("ok")) as server:
        environ = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": key}
        live = Router(NBStream(model="my-model"), environ)
        with record(file):
            await Chat(router=live).send(f"Is {key} a key?")
        await live.aclose()
    assert key not in file.read_text("utf-8")
    bare = Router(NBStream(model="my-model"), {"NBSTREAM_NO_PROBE": "1"})
    with replay(file, pace=0):
        assert (await Chat(router=bare).send(f"Is {key} a key?")).text == "ok"
        route = await bare.route(Target())
    assert route.model == "my-model"
    with pytest.raises(SettingsError):
        await bare.route(Target(model="gpt-5"))
    await bare.aclose()


async def test_the_demo_model_is_replayed_as_the_demo_model(tmp_path: Path) -> None:
    file = tmp_path / "demo.jsonl"
    chat = Chat("demo:nbstream-demo-fast")
    with record(file):
        live = await chat.fork().send("echo: Hello")
    with replay(file, pace=0) as tape:
        again = await chat.fork().send("echo: Hello")
    assert (again.text, again.usage, tape.replayed) == (live.text, live.usage, 1)
    assert (await chat.fork().send("echo: live again")).text.endswith("live again")


async def test_a_stall_ends_by_the_timeout_that_ended_it(tmp_path: Path) -> None:
    file = tmp_path / "stall.jsonl"
    with ByteServer(in_turn([Hold()], sse_response([delta("Hel"), Hold()]))) as server:
        async with chatting(server) as chat:
            with record(file):
                await chat.fork().send("1", timeouts=Timeouts(first_event=0.2)).wait()
                await chat.fork().send("2", timeouts=Timeouts(idle=0.2)).wait()
            assert [line["how"] for line in lines(file) if "end" in line] == ["timeout"] * 2
            with replay(file, pace=0):  # the default timeouts are minutes
                silent, stalled = chat.fork().send("1"), chat.fork().send("2")
                await asyncio.wait_for(asyncio.gather(silent.wait(), stalled.wait()), 60)
    assert isinstance(silent.error, RequestTimeoutError)
    assert isinstance(stalled.error, StreamInterruptedError)
    assert (stalled.error.kind, stalled.text) == ("timeout", "Hel")


async def test_a_stopped_answer_can_be_stopped_again_or_says_why_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stopped.jsonl"
    with ByteServer(sse_response([delta("Hel"), Hold()])) as server:
        async with chatting(server) as chat:
            with record(file):
                reply = chat.fork().send("Hi")
                async for _ in reply:
                    reply.stop()
                await reply.wait()
            monkeypatch.setattr(transport, "PATIENCE", 60.0)
            with replay(file, pace=0):
                stopped = chat.fork().send("Hi")
                async for _ in stopped:
                    stopped.stop()
                await stopped.wait()
            monkeypatch.setattr(transport, "PATIENCE", 0.0)
            with replay(file, pace=0):
                again = chat.fork().send("Hi")
                await again.wait()
    assert reply.status == "stopped"
    assert (stopped.status, stopped.text, stopped.error) == ("stopped", "Hel", None)
    assert again.text == "Hel"
    assert "because the answer was stopped" in str(again.error)


async def test_a_retry_waits_less_where_the_pace_is_faster(tmp_path: Path) -> None:
    file = tmp_path / "busy.jsonl"
    busy = json_response(429, {"error": {"message": "slow down"}}, {"retry-after-ms": "50"})
    with ByteServer(in_turn(busy, says("ok"))) as server:
        async with chatting(server) as chat:
            with record(file):
                await chat.fork().send("Hi")
            changed = file.read_text("utf-8").replace('"retry-after-ms": "50"', '"retry-after": "50"')
            file.write_text(changed, "utf-8")
            with replay(file, pace=0) as tape:
                reply = await asyncio.wait_for(chat.fork().send("Hi"), 40)
    assert (reply.text, tape.replayed) == ("ok", 2)
    assert "retrying" in [row.type for row in reply.inspect().rows]


async def test_a_final_refusal_is_replayed_with_its_wait(tmp_path: Path) -> None:
    file = tmp_path / "refused.jsonl"
    refused = json_response(429, {"error": {"message": "come back"}}, {"retry-after": "3600"})
    with ByteServer(refused) as server:
        async with chatting(server) as chat:
            with record(file):
                await chat.fork().send("Hi").wait()
            with replay(file, pace=0), pytest.raises(RateLimitError) as raised:
                await chat.fork().send("Hi")
    assert raised.value.retry_after == 3600


@pytest.mark.parametrize(
    ("pace", "due"), [(1, [10.5, 11.0, 11.2]), (4, [10.125, 10.25, 10.3]), (0, [10, 10, 10])]
)
def test_chunks_are_due_at_the_recorded_times_divided_by_the_pace(pace: float, due: list[float]) -> None:
    exchange = Exchange(1, RecordedRequest("POST", "http://a/v1/x"), 200, {}, ["a", "b"], 500, [1000, 1200])
    exchange.ending = Ending("complete", 1200)
    playing = Playing(exchange, pace, clock=lambda: 10.0)
    times = [playing.head_due, *(moment.due for moment in playing.moments())]
    assert times == pytest.approx(due)
    assert playing.end_due == pytest.approx(due[-1])


async def test_tools_are_called_again_with_the_recorded_arguments(tmp_path: Path) -> None:
    file = tmp_path / "tools.jsonl"
    calls: list[int] = []

    def double(n: int) -> int:
        """Double a number."""
        calls.append(n)
        return 2 * n

    with ByteServer(in_turn(sse_response([call("double", '{"n": 21}'), "[DONE]"]), says("42"))) as server:
        async with chatting(server, tools=[double], approve="always") as chat:
            with record(file):
                await chat.fork().send("Double 21.")
            with replay(file, pace=0):
                reply = await chat.fork().send("Double 21.")
    assert (reply.text, calls) == ("42", [21, 21])


async def test_the_responses_api_with_a_cut_that_is_resumed(tmp_path: Path) -> None:
    file = tmp_path / "responses.jsonl"
    server = ByteServer(Background(HELLO, breaks=[2]))
    with server:
        async with chatting(server, api="responses", background=True) as chat:
            with record(file):
                live = await chat.fork().send("Hi")
            with replay(file, pace=0):
                again = await chat.fork().send("Hi")
        assert len(server.requests) == 2
    assert again.text == live.text == "Hello world"
    assert any("starting_after=" in line.get("url", "") for line in lines(file))
    assert any(line.get("url", "").endswith("/responses") for line in lines(file))


async def own_of_the_sdk(base_url: str) -> AsyncOpenAI:
    return AsyncOpenAI(
        base_url=base_url, api_key="a-key-that-must-not-show", default_headers={"x-own": "header-secret"}
    )


async def own_of_the_older_httpx(base_url: str) -> AsyncOpenAI:
    httpx = pytest.importorskip("httpx")
    http: Any = httpx.AsyncClient(trust_env=False, headers={"x-own": "header-secret"})
    return AsyncOpenAI(base_url=base_url, api_key="a-key-that-must-not-show", http_client=http)


@pytest.mark.parametrize("make", [own_of_the_sdk, own_of_the_older_httpx])
async def test_a_client_of_the_user(tmp_path: Path, make: Any) -> None:
    file = tmp_path / "own.jsonl"
    with ByteServer(says("ok")) as server:
        async with await make(server.base_url) as own:
            router = Router(NBStream(), {})
            chat = Chat("m", client=own, router=router)
            with record(file):
                await chat.fork().send("My header is header-secret.")
            with replay(file, pace=0):
                assert (await chat.fork().send("My header is header-secret.")).text == "ok"
            assert (await chat.fork().send("live")).text == "ok"
            await router.aclose()
        assert [request.headers["x-own"] for request in server.requests] == ["header-secret"] * 2
    text = file.read_text("utf-8")
    assert "header-secret" not in text
    assert "must-not-show" not in text


async def test_code_that_uses_the_sdk_directly(tmp_path: Path) -> None:
    file = tmp_path / "direct.jsonl"
    asked: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    with ByteServer(says("Hel", "lo")) as server:
        http = httpx2.AsyncClient(transport=CassetteTransport())
        async with AsyncOpenAI(base_url=server.base_url, api_key="k", http_client=http, max_retries=0) as sdk:

            async def text() -> str:
                stream = await sdk.chat.completions.create(**asked)
                return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

            with record(file):
                assert await text() == "Hello"
            with replay(file, pace=0):
                assert await text() == "Hello"
        with httpx2.Client(transport=SyncCassetteTransport()) as sync:
            plain = OpenAI(base_url=server.base_url, api_key="k", http_client=sync, max_retries=0)

            def texts() -> str:
                chunks = plain.chat.completions.create(**asked)
                return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

            with replay(file, pace=0):
                assert await asyncio.to_thread(texts) == "Hello"
            with record(file):
                assert await asyncio.to_thread(texts) == "Hello"
            with replay(file, pace=0):
                assert await asyncio.to_thread(texts) == "Hello"
        assert len(server.requests) == 2


def test_the_environment_names_file_mode_and_pace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "env.jsonl"
    chat = Chat("demo:nbstream-demo-fast")
    monkeypatch.setenv("NBSTREAM_CASSETTE", str(file))
    live = chat.fork().send("echo: Hello").result()
    monkeypatch.setenv("NBSTREAM_CASSETTE_PACE", "0")
    monkeypatch.setenv("NBSTREAM_MODE", "replay")
    assert chat.fork().send("echo: Hello").result().text == live.text
    with pytest.raises(CassetteMissError):
        chat.fork().send("echo: Goodbye").result()
    monkeypatch.setenv("NBSTREAM_CASSETTE_MODE", "off")
    assert chat.fork().send("echo: Goodbye").result().text.endswith("Goodbye")
    with record(tmp_path / "never.jsonl"):
        chat.fork().send("echo: Goodbye").result()
    assert not (tmp_path / "never.jsonl").exists()
    monkeypatch.setenv("NBSTREAM_CASSETTE_MODE", "loud")
    with pytest.raises(SettingsError, match="'loud', which is not a mode"):
        chat.fork().send("echo: Goodbye").result()


def test_a_session_uses_a_cassette_until_another_one_is_used(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    chat = Chat("demo:nbstream-demo-fast")
    use(opened(file, "record"))
    try:
        chat.fork().send("echo: Hello").result()
        use(opened(file, "replay", 0))
        assert chat.fork().send("echo: Hello").result().text.endswith("Hello")
    finally:
        use(None)
    assert in_use() is None
    assert chat.fork().send("echo: live").result().text.endswith("live")


@pytest.mark.parametrize("pace", [-1, float("inf"), True])
def test_a_pace_is_a_speed(tmp_path: Path, pace: float) -> None:
    with pytest.raises(ValueError, match="pace is"), replay(tmp_path / "x.jsonl", pace=pace):
        pass


def test_a_missing_file_says_how_to_record_it(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="There is no recording"), replay(tmp_path / "x.jsonl"):
        pass
