"""An answer that is read again: after a cut, by many at once, after its end."""

from __future__ import annotations

import asyncio

import httpx2

from tests.chats import chat_on
from tests.loopback import ByteServer, Gate, Pause
from tests.loopback.chunks import END, delta, says
from tests.relay.conftest import Serve
from tests.relay.readers import RawReader, events_in, text_of, unchunked
from tests.relay.upstream import WORDS


async def test_a_reader_that_was_cut_off_goes_on_where_it_was(serve: Serve) -> None:
    gate = Gate()
    script = gate.script(map(delta, WORDS[:8]), [*map(delta, WORDS[8:]), *END])
    with ByteServer(lambda _: script) as server:
        async with serve(chat_on(server)) as client:
            async with RawReader(str(client.base_url), "POST", "/chat", {"message": "Hi"}) as reader:
                received = await reader.read_until(b"word6 ")
                received += await reader.read_until(b":8\n\n")
                reader.reset()
            begun = events_in(unchunked(received))
            run, number = begun[-1].id.split(":")
            gate.open()
            resumed = await client.get(f"/chat/{run}", headers={"last-event-id": f"{run}:{number}"})
            whole = await client.get(f"/chat/{run}")
        assert len(server.requests) == 1
    rest, everything = events_in(resumed.content), events_in(whole.content)
    assert rest[0].id == f"{run}:{int(number) + 1}"
    assert text_of(begun) + text_of(rest) == text_of(everything) == "".join(WORDS)
    assert [*begun, *rest] == everything


async def test_fifty_readers_get_the_same_bytes(serve: Serve) -> None:
    pieces = [piece for word in WORDS for piece in (delta(word), Pause(0.002))]
    gate = Gate()
    with ByteServer(lambda _: gate.script(pieces[:4], [*pieces[4:], *END])) as server:
        async with (
            serve(chat_on(server)) as client,
            client.stream("POST", "/chat", json={"message": "Hi"}) as asked,
        ):
            body = b""
            async for block in asked.aiter_raw():
                body += block
                if not gate.is_open:
                    run = events_in(body)[0].id.partition(":")[0]
                    readers = [asyncio.create_task(client.get(f"/chat/{run}")) for _ in range(50)]
                    gate.open()
            bodies = {(await reader).content for reader in readers}
        assert len(server.requests) == 1
    assert bodies == {body}
    assert text_of(events_in(body)) == "".join(WORDS)


async def test_an_ended_answer_can_be_read_from_any_place(serve: Serve) -> None:
    with ByteServer(says(*WORDS)) as server:
        async with serve(chat_on(server)) as client:
            events = events_in((await client.post("/chat", json={"message": "Hi"})).content)
            run = events[0].id.partition(":")[0]
            for place in range(len(events)):
                headers = {"last-event-id": f"{run}:{place}"} if place else {}
                response = await client.get(f"/chat/{run}", headers=headers)
                assert events_in(response.content) == events[place:]
            at_the_end = await client.get(f"/chat/{run}", headers={"last-event-id": events[-1].id})
            assert (at_the_end.status_code, at_the_end.content) == (204, b"")


async def test_a_place_that_does_not_exist_is_refused(serve: Serve) -> None:
    with ByteServer(says("Hello")) as server:
        async with serve(chat_on(server)) as client:
            events = events_in((await client.post("/chat", json={"message": "Hi"})).content)
            run = events[0].id.partition(":")[0]
            numbers = [str(len(events) + 1), "-1", "x", "²", "9" * 5000]
            for wrong in (*(f"{run}:{number}" for number in numbers), run, "other:1"):
                response = await client.get(f"/chat/{run}", headers={b"last-event-id": wrong.encode()})
                assert response.status_code == 400, wrong
                assert response.json()["error"]["param"] == "Last-Event-ID"
            for method in ("GET", "DELETE"):
                assert (await client.request(method, "/chat/unknown")).status_code == 404


async def until_gone(client: httpx2.AsyncClient, runs: list[str]) -> list[int]:
    """Statuses of runs once the first is forgotten, which is a moment after the last byte of the newest."""
    for _ in range(200):
        found = [(await client.get(f"/chat/{run}")).status_code for run in runs]
        if found[0] == 404:
            break
        await asyncio.sleep(0.02)
    return found


async def test_what_is_kept_of_ended_answers_is_limited(serve: Serve) -> None:
    with ByteServer(says("Hello")) as server:
        async with serve(chat_on(server), limits={"kept_bytes": 1500}) as client:
            runs = []
            for _ in range(3):
                events = events_in((await client.post("/chat", json={"message": "Hi"})).content)
                runs.append(events[0].id.partition(":")[0])
            assert await until_gone(client, runs) == [404, 200, 200]
        async with serve(chat_on(server), limits={"kept_seconds": 1e-9}) as client:
            events = events_in((await client.post("/chat", json={"message": "Hi"})).content)
            assert await until_gone(client, [events[0].id.partition(":")[0]]) == [404]


async def test_one_that_can_not_be_resumed_is_not_kept(serve: Serve) -> None:
    with ByteServer(says("Hello")) as server:
        async with serve(chat_on(server)) as client:
            response = await client.post("/chat", json={"message": "Hi", "resumable": False})
            run = events_in(response.content)[0].id.partition(":")[0]
            assert (await client.get(f"/chat/{run}")).status_code == 404
