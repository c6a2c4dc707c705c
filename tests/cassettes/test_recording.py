"""What a recording keeps, and what its file looks like."""

from __future__ import annotations

import asyncio
import difflib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nbstream import Chat, DamagedFileError, FileError, NBStream, record, replay
from nbstream.cassettes import cassette
from nbstream.cassettes.journal import read_file
from nbstream.client.router import Router
from tests.cassettes.playing import chatting, kinds, lines
from tests.loopback import ByteServer, Hold, in_turn, json_response, sse_response
from tests.loopback.chunks import END, delta, says


async def recorded(file: Path, prompt: str = "Write a summary of the red book.") -> None:
    with ByteServer(says("A ", "summary", ".")) as server:
        async with chatting(server) as chat:
            with record(file):
                await chat.send(prompt)
                await chat.send("And now in French.")


async def test_the_lines_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "summary.jsonl"
    with ByteServer(says("A ", "summary", ".")) as server:
        async with chatting(server) as chat:
            with record(file):
                reply = await chat.send("Summarise.")
    assert kinds(file) == ["nbstream_cassette", "part", "request", "response", *["data"] * 5, "end"]
    assert lines(file)[3] == {
        "response": 1,
        "status": 200,
        "headers": {"content-type": "text/event-stream"},
    }
    assert lines(file)[-1]["how"] == "complete" or lines(file)[-1]["how"] == "closed"
    assert len(lines(file)[-1]["ms"]) == 5
    assert reply.text == "A summary."


async def test_a_changed_word_changes_at_most_three_lines(tmp_path: Path) -> None:
    before, after = tmp_path / "before.jsonl", tmp_path / "summary.jsonl"
    await recorded(before)
    after.write_bytes(before.read_bytes())
    await recorded(after, "Write a summary of the blue book.")
    old, new = (_without_port(file) for file in (before, after))
    changed = [line for line in difflib.ndiff(old, new) if line.startswith("- ")]
    assert 1 <= len(changed) <= 3


async def test_recording_again_changes_nothing_where_the_answers_are_the_same(tmp_path: Path) -> None:
    file = tmp_path / "summary.jsonl"
    with ByteServer(says("A ", "summary", ".")) as server:
        async with chatting(server) as chat:
            for _ in range(2):
                with record(file):
                    await chat.fork().send("Summarise.")
                text = file.read_text("utf-8")
            with record(file):
                await chat.fork().send("Summarise.")
    assert file.read_text("utf-8") == text


KILLED = """
import asyncio, os, signal, sys
from nbstream import Chat, record

async def main():
    with record(sys.argv[1]):
        seen = ""
        async for text in Chat("m", base_url=sys.argv[2]).send("Hi"):
            seen += text
            if len(seen) == 40:
                os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_a_killed_process_leaves_every_event_that_it_received(tmp_path: Path) -> None:
    file = tmp_path / "killed.jsonl"
    pieces = [delta(f"{number:02}") for number in range(20)]
    with ByteServer(sse_response([*pieces, Hold()])) as server:
        program = [sys.executable, "-c", KILLED, str(file), server.base_url]
        ended = await asyncio.to_thread(
            subprocess.run, program, env=dict(os.environ), check=False, timeout=60
        )
        assert ended.returncode == -9
        with replay(file, pace=0):
            async with chatting(server) as chat:
                reply = chat.send("Hi")
                await reply.wait()
    assert reply.text == "".join(f"{number:02}" for number in range(20))
    assert reply.error is not None
    assert "The recording ends here: it was interrupted." in str(reply.error)
    assert read_file(file).exchanges[0].ending.how == "lost"


async def test_auto_records_what_is_missing_and_completes_what_was_killed(tmp_path: Path) -> None:
    file = tmp_path / "auto.jsonl"
    with ByteServer(in_turn(says("one"), says("two"), says("three"))) as server:
        async with chatting(server) as chat:
            with cassette(file) as tape:
                await chat.fork().send("1")
            assert (tape.recorded, tape.replayed) == (1, 0)
            with cassette(file) as tape:
                assert (await chat.fork().send("1")).text == "one"
                assert (await chat.fork().send("2")).text == "two"
            assert (tape.recorded, tape.replayed) == (1, 1)
            text = file.read_text("utf-8")
            file.write_text(text[: text.rindex('{"end"') + 9], "utf-8")  # as if the process had been killed
            with cassette(file) as tape:
                assert (await chat.fork().send("2")).text == "three"
            assert (tape.recorded, tape.replayed) == (1, 0)
        assert len(server.requests) == 3
    assert [exchange.number for exchange in read_file(file).exchanges] == [1, 2, 3]


async def test_an_answer_that_outlives_its_block_is_recorded_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "summary.jsonl"
    with ByteServer(says("A ", "summary", ".")) as server:
        async with chatting(server) as chat:
            with record(file):
                reply = chat.send("Summarise.")
            await reply
            await chat.send("This is not recorded.")
    assert len(read_file(file).exchanges) == 1
    assert "".join(read_file(file).exchanges[0].pieces).endswith("data: [DONE]\n\n")


async def test_answers_at_the_same_time_are_in_the_order_of_their_requests(tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    with ByteServer(says("A ", "summary", ".")) as server:
        async with chatting(server) as chat:
            with record(file):
                await asyncio.gather(*(chat.fork().send(f"Number {number}") for number in range(20)))
    order = [line.get("request", line.get("data", line.get("end"))) for line in lines(file)]
    numbers = [number for number in order if number is not None]
    assert numbers == sorted(numbers)
    assert len(read_file(file).exchanges) == 20


async def test_the_innermost_block_counts_and_a_block_covers_threads(tmp_path: Path) -> None:
    outer, inner = tmp_path / "outer.jsonl", tmp_path / "inner.jsonl"
    with ByteServer(says("Hello")) as server:

        def in_a_thread() -> None:
            Chat("m", base_url=server.base_url, router=Router(NBStream(), {})).send("from a thread").result()

        async with chatting(server) as chat:
            with record(outer):
                with record(inner):
                    await chat.fork().send("inner")
                thread = threading.Thread(target=in_a_thread)
                thread.start()
                await asyncio.to_thread(thread.join)
    assert "from a thread" in outer.read_text("utf-8")
    assert "inner" in inner.read_text("utf-8")
    assert len(read_file(outer).exchanges) == len(read_file(inner).exchanges) == 1


async def test_large_images_are_kept_as_a_hash(tmp_path: Path) -> None:
    file = tmp_path / "image.jsonl"
    image = "data:image/png;base64," + "iVBORw0KGgo" * 100
    part = {"type": "image_url", "image_url": {"url": image}}
    with ByteServer(says("A cat.")) as server:
        async with chatting(server) as chat:
            with record(file):
                await chat.fork().send([part, "What is this?"])
            with replay(file, pace=0):
                assert (await chat.fork().send([part, "What is this?"])).text == "A cat."
    assert image not in file.read_text("utf-8")
    assert "sha256" in file.read_text("utf-8")


async def test_bytes_that_are_not_text_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "odd.jsonl"
    word = "data: " + '{"choices": [{"delta": {"content": "größe"}}]}' + "\n\n"
    body = word.encode()
    cut = body.index("ö".encode()) + 1
    with ByteServer(sse_response([body[:cut], body[cut:], b": \xff\xfe\n\n", *END])) as server:
        async with chatting(server) as chat:
            with record(file):
                await chat.fork().send("Hi")
            with replay(file, pace=0):
                assert (await chat.fork().send("Hi")).text == "größe"


async def test_a_later_version_and_other_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "odd.jsonl"
    for text, words in {
        '{"nbstream_cassette": 2}\n': "version 2",
        '{"a": 1}\n': "is not a cassette",
        "Hello\n": "line 1",
        '{"nbstream_cassette": 1}\n{"data": 7, "text": "x"}\n': "line 2",
        '{"nbstream_cassette": 1}\n{oops\n{"part": 1, "value": {}}\n': "line 2",
    }.items():
        file.write_text(text, "utf-8")
        with pytest.raises(DamagedFileError, match=words), replay(file):
            pass


def test_a_file_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", "utf-8")
    with record(tmp_path / "taken" / "summary.jsonl"), pytest.raises(FileError, match="cannot be"):
        Chat("demo:nbstream-demo-fast").send("echo: Hi").result()


async def test_a_refusal_keeps_its_retry_after_without_its_date(tmp_path: Path) -> None:
    file = tmp_path / "refused.jsonl"
    late = {"retry-after": "Fri, 31 Dec 2060 23:59:59 GMT", "set-cookie": "a=b", "server": "nginx"}
    with ByteServer(json_response(429, {"error": {"message": "slow down"}}, late)) as server:
        async with chatting(server) as chat:
            with record(file):
                await chat.send("Hi").wait()
    headers = lines(file)[3]["headers"]
    assert headers.keys() == {"content-type", "retry-after"}
    assert int(headers["retry-after"]) > 1_000_000


def _without_port(file: Path) -> list[str]:
    return [line.split("http://127.0.0.1:")[0] for line in file.read_text("utf-8").splitlines()]
