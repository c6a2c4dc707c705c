"""Functions that run in a kernel: whatever they do, the kernel lives and the cell ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cells import chat_cell
from tests.kernel.adding import calling
from tests.kernel.driver import REPLY, Kernel
from tests.loopback import ByteServer

CELL = "--alone --tools add --approve always"
NESTED = "%%time\nget_ipython().run_cell_magic('chat', '--base-url {url} -m m " + CELL + "', 'Hi')"
FAILING = {
    "exits": ("import sys\n    sys.exit(2)", "SystemExit: 2"),
    "parses a command line": (
        "import argparse\n    argparse.ArgumentParser().parse_args(['--wrong'])",
        "SystemExit: 2",
    ),
    "stops an iteration": ("next(iter(()))", "StopIteration"),
    "is cancelled": ("import asyncio\n    raise asyncio.CancelledError('inner')", "CancelledError: inner"),
    "cancels its own task": (
        "import asyncio\n    asyncio.current_task().cancel('own')\n    return 1",
        "CancelledError: own",
    ),
    "closes a generator": ("raise GeneratorExit", "GeneratorExit"),
    "stops an async iteration": ("raise StopAsyncIteration", "StopAsyncIteration"),
    "raises its own": ("raise type('Odd', (BaseException,), {})('odd')", "Odd: odd"),
    "raises what cannot be shown": (
        "class E(Exception):\n        def __str__(self): raise SystemExit\n    raise E",
        "E",
    ),
    "returns what cannot be shown": (
        "class R:\n        def __str__(self): raise SystemExit(3)\n    return R()",
        "SystemExit: 3",
    ),
}


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(calling) as running:
        yield running


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize("does", FAILING)
def test_a_tool_that_ends_in_any_way_is_a_failed_call(
    kernel: Kernel, server: ByteServer, does: str, kind: str
) -> None:
    body, told = FAILING[does]
    kernel.run(f"{kind} add(a: int, b: int) -> int:\n    'Add.'\n    {body}")
    cell = kernel.run(chat_cell(server, CELL), cell="failing")
    assert cell.status == "ok"
    (call,) = cell.saved[REPLY]["tools"]
    assert call["state"] == "failed"
    if kind == "async def" and told == "StopIteration":
        told = "RuntimeError: coroutine raised StopIteration"
    assert call["result"] == told
    assert kernel.value("1 + 1") == 2


def test_a_validator_that_exits_is_a_failed_call(kernel: Kernel, server: ByteServer) -> None:
    kernel.run(
        "import sys\nfrom typing import Annotated\nfrom pydantic import AfterValidator\n"
        "def check(a: int) -> int: sys.exit(a)\n"
        "def add(a: Annotated[int, AfterValidator(check)], b: int) -> int: return a + b"
    )
    cell = kernel.run(chat_cell(server, CELL), cell="validating")
    assert cell.saved[REPLY]["tools"][0]["result"] == "The arguments could not be checked: SystemExit: 1"


def test_a_client_that_exits_ends_the_reply(kernel: Kernel, server: ByteServer) -> None:
    kernel.run(
        "import sys, httpx2, nbstream\nfrom openai import AsyncOpenAI\n"
        "async def hook(request): sys.exit(4)\n"
        "http = httpx2.AsyncClient(event_hooks={'request': [hook]})\n"
        f"client = AsyncOpenAI(base_url='{server.base_url}', api_key='k', http_client=http)\n"
        "reply = nbstream.Chat('m', client=client).send('Hi')"
    )
    cell = kernel.run("await reply", cell="hook")
    assert cell.status == "error"
    assert "SystemExit" in "".join(cell.traceback)
    assert kernel.value("reply.status") == "failed"


def test_a_listener_that_exits_is_dropped(kernel: Kernel, server: ByteServer) -> None:
    kernel.run(
        "import sys, nbstream\n"
        f"reply = nbstream.Chat('m', base_url='{server.base_url}').send('Hi')\n"
        "reply._recording.watch(lambda: sys.exit(5))"
    )
    assert kernel.run("await reply", cell="listener").status == "ok"


@pytest.mark.parametrize("nested", [False, True], ids=["awaited", "nested"])
def test_a_plain_function_uses_what_belongs_to_the_main_thread(
    kernel: Kernel, server: ByteServer, nested: bool
) -> None:
    kernel.run(
        "import sqlite3\nconnection = sqlite3.connect(':memory:')\n"
        "def add(a: int, b: int) -> int:\n"
        "    return connection.execute('select ? + ?', (a, b)).fetchone()[0]"
    )
    source = NESTED.format(url=server.base_url) if nested else chat_cell(server, CELL)
    cell = kernel.run(source, cell="sqlite")
    assert cell.saved[REPLY]["tools"][0]["result"] == "3"


def test_a_tool_of_the_notebook_runs_where_it_says(kernel: Kernel, server: ByteServer) -> None:
    kernel.run(
        "import threading\nfrom nbstream.tools.function import Tool\n"
        "def add(a: int, b: int) -> bool:\n"
        "    return threading.current_thread() is threading.main_thread()\n"
        "add = Tool.of(add, thread=True)"
    )
    cell = kernel.run(chat_cell(server, CELL), cell="threaded")
    assert cell.saved[REPLY]["tools"][0]["result"] == "false"


@pytest.mark.parametrize("nested", [False, True], ids=["awaited", "nested"])
def test_an_interrupt_ends_a_plain_function_and_the_cell(
    kernel: Kernel, server: ByteServer, nested: bool
) -> None:
    kernel.run(
        "import time\ndef add(a: int, b: int) -> int:\n    print('begun', flush=True)\n    time.sleep(100)"
    )
    source = NESTED.format(url=server.base_url) if nested else chat_cell(server, CELL)
    request = kernel.start(source, cell="slow")
    for message in kernel.messages(request):
        if "begun" in message["content"].get("text", ""):
            break
    kernel.interrupt()
    cell = kernel.end(request)
    assert cell.reply["ename"] == "KeyboardInterrupt"
    assert cell.saved[REPLY]["status"] == "stopped"
    assert cell.saved[REPLY]["tools"][0]["state"] == "unfinished"
    assert kernel.value("1 + 1") == 2


def test_an_interrupt_of_a_plain_function_ends_a_plain_await(kernel: Kernel, server: ByteServer) -> None:
    kernel.run(
        "import time, nbstream\ndef add(a: int, b: int) -> int:\n"
        "    print('begun', flush=True)\n    time.sleep(100)\n"
        f"chat = nbstream.Chat('m', base_url='{server.base_url}', tools=[add], approve='always')"
    )
    request = kernel.start("reply = chat.send('Hi')\nawait reply", cell="plain")
    for message in kernel.messages(request):
        if "begun" in message["content"].get("text", ""):
            break
    kernel.interrupt()
    assert kernel.end(request).status == "error"
    assert kernel.value("reply.status") == "stopped"
