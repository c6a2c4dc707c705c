"""`Reply.should`: what passes, what fails, and the verdict of a recording."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from nbstream import Chat, ExpectationError, StateError, record, replay
from nbstream.cassettes import cassette
from nbstream.errors import ArgumentError
from tests.cassettes.playing import chatting
from tests.loopback import ByteServer, Close, in_turn, sse_response
from tests.loopback.chunks import delta, says


class City(BaseModel):
    name: str
    people: int


def answer(text: str) -> str:
    return f"echo: {text}"


async def test_checks_that_pass_are_a_line_each() -> None:
    reply = await Chat("demo:nbstream-demo-fast").send(answer("The capital is Oslo."))
    passed = reply.should("icontains: oslo", "not-regex: [0-9]", len_below_400)
    assert repr(passed) == "✓ icontains: oslo\n✓ not-regex: [0-9]\n✓ len_below_400"
    assert "✓" in passed._repr_markdown_()
    assert passed.passed


def len_below_400(reply: object) -> bool:
    return len(str(reply)) < 400


async def test_a_check_that_fails_is_an_assertion_that_says_why() -> None:
    reply = await Chat("demo:nbstream-demo-fast").send(answer("Bergen"))
    with pytest.raises(AssertionError) as raised:
        reply.should("contains: Oslo", "contains: Bergen", "is-json")
    assert isinstance(raised.value, ExpectationError)
    assert "does not pass 2 of 3 checks" in raised.value.message
    assert "contains: Oslo: It does not contain 'Oslo'." in raised.value.message
    assert "contains: Bergen" not in raised.value.message


async def test_a_schema_is_a_check() -> None:
    with ByteServer(in_turn(says('{"name": "Oslo", "people": 700000}'), says('{"name": "Oslo"}'))) as server:
        async with chatting(server) as chat:
            assert repr((await chat.fork().send("1")).should(schema=City)) == "✓ schema: City"
            with pytest.raises(ExpectationError, match="people"):
                (await chat.fork().send("2")).should(schema=City)


async def test_only_complete_answers_are_checked() -> None:
    with ByteServer(sse_response([delta("Oslo"), Close()])) as server:
        async with chatting(server) as chat:
            reply = chat.send("Hi")
            with pytest.raises(StateError, match="has not ended"):
                reply.should("contains: Oslo")
            await reply.wait()
            with pytest.raises(ExpectationError, match="is not complete"):
                reply.should("contains: Oslo")
    with pytest.raises(ArgumentError, match="nothing to check"):
        Chat("demo:nbstream-demo-fast").send("echo: Hi").result().should()


async def test_the_verdict_of_a_recording(tmp_path: Path) -> None:
    file = tmp_path / "verdict.jsonl"
    texts = [says("Bergen"), says("Not Oslo, Bergen"), says("Oslo")]
    with ByteServer(in_turn(*texts)) as server:
        async with chatting(server) as chat:

            async def verdict() -> str:
                reply = await chat.fork().send("What is the capital?")
                return repr(reply.should("contains: Oslo", "contains: Bergen", same_verdict=True))

            with pytest.raises(StateError, match="No recording is in use"):
                await verdict()  # uses the first answer
            with record(file):
                assert await verdict() == (
                    "✓ contains: Oslo: passed, passed when it was recorded\n"
                    "✓ contains: Bergen: passed, passed when it was recorded"
                )
            with replay(file, pace=0):
                assert (await verdict()).count("✓") == 2
            with cassette(file, "off"), pytest.raises(ExpectationError) as raised:
                await verdict()
            assert "contains: Bergen: failed, passed when it was recorded" in raised.value.message
            with replay(file, pace=0), pytest.raises(StateError, match="has no verdict"):
                (await chat.fork().send("What is the capital?")).should("is-json", same_verdict=True)
    assert '"verdict"' in file.read_text("utf-8")


async def test_a_judge_is_asked(tmp_path: Path) -> None:
    from nbstream.comparison import Judge

    grades = says('{"reason": "It names the capital.", "grade": true}')
    with ByteServer(in_turn(says("Oslo"), grades)) as server:
        async with chatting(server) as chat:
            with record(tmp_path / "judged.jsonl"):
                reply = await chat.fork().send("What is the capital?")
                judge = Judge("Names the capital.", model="m", base_url=server.base_url, name="judge")
                assert repr(reply.should(judge)) == "✓ judge: It names the capital."
            with replay(tmp_path / "judged.jsonl", pace=0) as tape:
                (await chat.fork().send("What is the capital?")).should(judge)
    assert tape.replayed == 2
