"""Each command gets exactly one answer, on the loop where it belongs."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from nbstream.errors import ConfigError
from nbstream.protocol.command import Command, CommandError, Result
from nbstream.protocol.dispatch import answer
from nbstream.protocol.home_loop import HomeLoop


class Page:
    def __init__(self) -> None:
        self.received: list[tuple[dict[str, Any], list[bytes] | None]] = []

    def send(self, message: dict[str, Any], buffers: list[bytes] | None = None, /) -> None:
        self.received.append((message, buffers))


def run(command: Command) -> Result | None:
    match command.text("what"):
        case "data":
            return Result([1, None])
        case "bytes":
            return Result({}, [b"packed"])
        case "bad":
            raise CommandError("There is no such thing.")
        case "error":
            raise ConfigError("That is not possible.", advice="Do it in another way.")
        case "bug":
            raise LookupError("sk-secret")
    return None


HEAD = {"n": 3, "name": "run"}


@pytest.mark.parametrize(
    ("what", "message", "buffers"),
    [
        ("nothing", {"t": "ack"}, None),
        ("data", {"t": "result", "data": [1, None]}, None),
        ("bytes", {"t": "result", "data": {}}, [b"packed"]),
        ("bad", {"t": "refused", "message": "There is no such thing."}, None),
        ("error", {"t": "refused", "message": "That is not possible. Do it in another way."}, None),
        (5, {"t": "refused", "message": "The command 'run' needs a text 'what'."}, None),
    ],
)
def test_a_command_gets_one_answer(
    what: object, message: dict[str, Any], buffers: list[bytes] | None
) -> None:
    page = Page()
    answer({"t": "command", **HEAD, "what": what}, {"run": run}, page)
    assert page.received == [({**HEAD, **message}, buffers)]


def test_an_error_of_our_own_code_is_answered_and_raised() -> None:
    page = Page()
    with pytest.raises(LookupError):
        answer({"t": "command", **HEAD, "what": "bug"}, {"run": run}, page)
    message = "'run' failed in the kernel: LookupError."
    assert page.received == [({"t": "refused", **HEAD, "message": message}, None)]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"t": "stop"},
        {"t": "command"},
        {"t": "command", "n": "1", "name": "run"},
        {"t": "command", "n": True, "name": "run"},
        {"t": "command", "n": 1, "name": ["run"]},
        {"t": "ack", **HEAD},
    ],
)
def test_what_is_not_a_command_is_not_answered(message: dict[str, Any]) -> None:
    page = Page()
    answer(message, {"run": run}, page)
    assert page.received == []


def test_commands_act_on_the_loop_of_the_widget() -> None:
    threads: list[int] = []

    async def main() -> int:
        home = HomeLoop()
        acted = asyncio.Event()

        def act() -> None:
            threads.append(threading.get_ident())
            acted.set()

        sending = threading.Thread(target=home.run, args=(act,))
        sending.start()
        await acted.wait()
        sending.join()
        return threading.get_ident()

    assert asyncio.run(main()) == threads[0]


def test_commands_act_at_once_when_the_loop_has_closed() -> None:
    async def main() -> HomeLoop:
        return HomeLoop()

    home = asyncio.run(main())
    seen: list[str] = []
    home.run(seen.append, "closed")
    home.run(seen.append, "again")
    assert seen == ["closed", "again"]
