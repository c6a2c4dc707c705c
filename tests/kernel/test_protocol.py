"""Every command of the protocol's fixtures, carried out by a real kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cells import chat_cell
from tests.kernel.driver import Kernel
from tests.loopback import ByteServer
from tests.protocol.test_examples import examples
from tests.test_continuing import CUT, REST, server_of

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def server(kernel: Kernel) -> Iterator[ByteServer]:
    kernel.run("%config NBStream.retries = 0\n%chat use fresh\n%chat reset")
    with server_of("vllm", CUT, REST, REST, REST, REST, REST) as running:
        yield running


def on_widget(kernel: Kernel, comm: str) -> Ask:
    """Sends a command to a widget, and returns its one answer."""

    def ask(name: str, **arguments: Any) -> dict[str, Any]:
        number = kernel.command(comm, name, **arguments)
        return next(m for m in kernel.customs(comm) if m.get("n") == number)

    return ask


def reply(kernel: Kernel, server: ByteServer) -> tuple[Ask, dict[str, str]]:
    cell = kernel.run(chat_cell(server, "--alone"), cell="protocol")
    return on_widget(kernel, cell.of("comm_open")[-1]["comm_id"]), {}


def chat(kernel: Kernel, server: ByteServer) -> tuple[Ask, dict[str, str]]:
    made = f"Chat('m', base_url='{server.base_url}')"
    cell = kernel.run(f"from nbstream import Chat, ChatWidget\nw = ChatWidget({made})\nw", cell="protocol")
    kernel.run("await w.send('Hi').wait()")
    comm = [m["comm_id"] for m in cell.of("comm_open") if "snapshot" in m["data"].get("state", {})][-1]
    ask = on_widget(kernel, comm)

    def idle(name: str, **arguments: Any) -> dict[str, Any]:
        answer = ask(name, **arguments)
        kernel.run("import asyncio\nwhile w.busy:\n    await asyncio.sleep(0.01)")
        return answer

    turn = "next(iter(w.chat.conversation))"
    return idle, {"$turn": kernel.value(f"{turn}.id"), "$reply": kernel.value(f"{turn}.answer.state.id")}


def cells(kernel: Kernel, server: ByteServer) -> tuple[Ask, dict[str, str]]:
    cell = kernel.run(chat_cell(server), cell="protocol")
    return kernel.ask, {"$cell": "protocol", "$reply": cell.provenance["id"]}


def grid(kernel: Kernel, server: ByteServer) -> tuple[Ask, dict[str, str]]:
    arguments = f"'Hi', models=['m', 'n'], base_url={server.base_url!r}"
    cell = kernel.run(f"from nbstream import compare\ng = compare({arguments})\ng", cell="protocol")
    kernel.run("await g.wait()")
    return on_widget(kernel, cell.of("comm_open")[-1]["comm_id"]), {}


def batch(kernel: Kernel, server: ByteServer) -> tuple[Ask, dict[str, str]]:
    rows = "[{'city': 'Oslo'}, {'city': 'Rome'}]"
    arguments = f"'{{{{ city }}}}', {rows}, model='m', base_url={server.base_url!r}, store=store"
    store = "import nbstream, tempfile\nstore = tempfile.mkdtemp() + '/answers.sqlite'"
    cell = kernel.run(f"{store}\ntable = await nbstream.batch({arguments})", cell="protocol")
    return on_widget(kernel, cell.of("comm_open")[-1]["comm_id"]), {}


@pytest.mark.parametrize("channel", [reply, chat, grid, batch, cells])
def test_the_kernel_answers_as_the_fixtures_say(
    kernel: Kernel, server: ByteServer, channel: Callable[[Kernel, ByteServer], tuple[Ask, dict[str, str]]]
) -> None:
    ask, ids = channel(kernel, server)
    assert "does not have the command 'unknown'" in ask("unknown")["message"]
    for name, example in examples(channel.__name__).items():
        for wrong in example.get("refused", []):
            refused = ask(name, **filled(wrong, ids))
            assert (refused["t"], refused["name"]) == ("refused", name), (wrong, refused)
            assert refused["message"].endswith("."), refused
        answer = ask(name, **filled(example["args"], ids))
        returns = example["returns"]
        assert answer["t"] == ("ack" if returns is None else "result"), answer
        assert set(answer.get("data", {})) == set(returns or {}), answer


def filled(value: Any, ids: dict[str, str]) -> Any:
    """Arguments with real ids."""
    if isinstance(value, dict):
        return {name: filled(part, ids) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, ids) for part in value]
    return ids.get(value, value) if isinstance(value, str) else value
