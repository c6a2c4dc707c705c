"""Several answers to one prompt over real HTTP."""

from __future__ import annotations

import asyncio
import pickle
from collections import Counter
from contextlib import aclosing
from typing import Any

import pytest

from nbstream import Chat, Reply
from nbstream.conversation.options import RequestOptions
from nbstream.conversation.versions import saved_output
from nbstream.errors import ArgumentError, RequestTimeoutError, StateError, StatusError
from tests.chats import chat_on
from tests.kernel.driver import unpacked_output
from tests.loopback import ByteServer, Hold, json_response, sse_response
from tests.loopback.chunks import END, delta, says

REFUSED = json_response(400, {"error": {"message": "no such seed"}})


def by_seed(request: Any) -> list[Any]:
    """Answers by the seed: multiples of 4 fail, odd ones say No."""
    seed = request.json["seed"]
    return REFUSED if seed % 4 == 0 else says("No" if seed % 2 else "Yes")


async def begun(reply: Reply) -> None:
    """Wait for the first text of a reply."""
    async with aclosing(reply.follow()) as events:
        async for _ in events:
            if reply.text:
                return


async def test_each_is_a_request_of_its_own_with_the_next_seed() -> None:
    with ByteServer(by_seed) as server:
        samples = await chat_on(server, seed=5, n=3).sample("Hi", n=3)
        bodies = [request.json for request in server.requests]
    assert sorted(body["seed"] for body in bodies) == [5, 6, 7]
    assert all("n" not in body for body in bodies)
    assert all(body["messages"] == bodies[0]["messages"] for body in bodies)
    assert [reply.text for reply in samples] == ["No", "Yes", "No"]
    assert samples.counts == Counter(No=2, Yes=1)
    assert samples.summary == "3 answers, 2 distinct"
    assert [type(reply.events[-1]).__name__ for reply in samples] == ["Finished"] * 3


async def test_without_a_seed_none_is_sent() -> None:
    with ByteServer(says("Hello")) as server:
        assert len(await chat_on(server).sample("Hi")) == 5
        assert all("seed" not in request.json for request in server.requests)


async def test_one_that_fails_leaves_the_others_and_is_not_continued_from() -> None:
    with ByteServer(by_seed) as server:
        chat = chat_on(server)
        samples = await chat.sample("Hi", n=3, seed=4)
        assert samples.summary == "2 answers, 2 distinct, 1 failed"
        assert isinstance(samples[0].error, StatusError)
        assert samples.error is None
        assert samples.chosen is samples[1]
        samples.choose(2)
        await chat.send("And now?", seed=1)
        assert [m["content"] for m in server.requests[-1].json["messages"]] == ["Hi", "Yes", "And now?"]
    assert len(chat.conversation) == 2


async def test_an_own_choice_stays_although_the_first_failed() -> None:
    with ByteServer(by_seed) as server:
        samples = chat_on(server).sample("Hi", n=3, seed=4)
        samples.choose(2)
        assert (await samples).chosen is samples[2]


async def test_it_fails_only_if_all_do() -> None:
    with ByteServer(REFUSED) as server:
        samples = chat_on(server).sample("Hi", n=2)
        with pytest.raises(StatusError, match="no such seed"):
            await samples
    assert samples.summary == "0 answers, 2 failed"


async def test_no_more_are_sent_at_a_time_than_allowed() -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        samples = chat_on(server).sample("Hi", n=4, concurrency=2)
        await asyncio.gather(*map(begun, samples[:2]))
        assert len(server.requests) == 2
        samples[1].stop()
        await begun(samples[2])
        assert len(server.requests) == 3
        assert samples[3].status == "submitted"
        samples.stop()
        await samples


async def test_stop_stops_all_also_those_that_wait() -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        samples = chat_on(server).sample("Hi", n=3, concurrency=2)
        await asyncio.gather(*map(begun, samples[:2]))
        samples.stop()
        await samples
        assert len(server.requests) == 2
    assert samples.summary == "0 answers, 3 stopped"
    assert [reply.text for reply in samples] == ["so far", "so far", ""]


async def test_cancelling_the_wait_stops_all() -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        samples = chat_on(server).sample("Hi", n=2)
        waiting = asyncio.create_task(samples)
        await asyncio.gather(*map(begun, samples))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await samples.wait()
    assert all(reply.state.interrupted for reply in samples)


def test_in_a_script() -> None:
    with ByteServer(by_seed) as server:
        chat = chat_on(server)
        samples = chat.sample("Hi", n=2, seed=1).result(timeout=60)
        assert [reply.text for reply in samples] == ["No", "Yes"]
        with pytest.raises(StatusError):
            chat.sample("Hi", n=1, seed=4, alone=True)[0].result()
        chat.close()


def test_a_timeout_stops_them_and_keeps_their_text() -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        chat = chat_on(server)
        samples = chat.sample("Hi", n=2)
        with pytest.raises(RequestTimeoutError, match="2 stopped"):
            samples.result(timeout=0.5)
        chat.close()
    assert samples.done


async def test_result_would_block_a_running_loop() -> None:
    with ByteServer(says("Hello")) as server:
        samples = chat_on(server).sample("Hi", n=2)
        with pytest.raises(StateError, match="await samples"):
            samples.result()
        await samples


async def test_those_that_stand_alone_leave_the_conversation() -> None:
    with ByteServer(says("Hello")) as server:
        chat = chat_on(server)
        samples = await chat.sample("Hi", n=2, alone=True)
        with pytest.raises(StateError, match="not part of the conversation"):
            samples.choose(1)
    assert len(chat.conversation) == 0


async def test_they_are_further_versions_of_a_turn_that_is_asked_again() -> None:
    with ByteServer(says("Hello")) as server:
        chat = chat_on(server)
        first = await chat.sample("Hi", n=2)
        again = await chat.sample("Hi", n=2, alone=False)
        assert again.turn is not first.turn
        assert len(server.requests[-1].json["messages"]) == 3


@pytest.mark.parametrize("n", [0, -1, 51, True, "three", 2.0])
async def test_a_count_that_makes_no_sense_sends_nothing(n: Any) -> None:
    with ByteServer(says("Hello")) as server:
        with pytest.raises(ArgumentError, match="not a number from 1 to 50"):
            chat_on(server).sample("Hi", n=n)
        assert not server.requests


async def test_usage_is_the_sum_of_what_was_reported() -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}}
    finish, done = END

    def answer(request: Any) -> list[Any]:
        counted = [usage] if request.json["seed"] else []
        return sse_response([delta("Hello"), finish, *counted, done])

    with ByteServer(answer) as server:
        samples = await chat_on(server).sample("Hi", n=3, seed=0)
    assert samples.usage is not None
    assert (samples.usage.total, samples.usage.output) == (14, 4)


async def test_all_of_them_are_saved_also_beside_a_later_version() -> None:
    with ByteServer(says("Hello")) as server:
        chat = chat_on(server)
        samples = await chat.sample("Hi", n=12)
        later = chat.send_with("Hi", RequestOptions(turn=samples.turn))
        await later
    for active, others in (0, [*range(1, 13)]), (12, [*range(12)]):
        chat.conversation.choose(samples.turn, active)
        data, metadata = saved_output(samples.turn) or ({}, {})
        _, about = unpacked_output({"data": data, "metadata": metadata})
        assert [version["version"] for version in about["versions"]] == others


async def test_a_reply_of_several_can_be_pickled_alone() -> None:
    samples = await Chat("demo:nbstream-demo-fast").sample("echo: Yes", n=2)
    copied = pickle.loads(pickle.dumps(samples[0]))  # noqa: S301 - our own
    assert copied.text == samples[0].text
