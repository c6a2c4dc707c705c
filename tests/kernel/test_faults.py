"""Every case of the fault tables through `%%chat` in a real kernel: the same outcomes, kept in the notebook.

One kernel and one server for all, so that whatever a case left behind would show in those after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from tests.faults.bodies import BODIES
from tests.faults.exchanges import EXCHANGES, Exchange
from tests.faults.outcome import Outcome
from tests.faults.playing import over_http
from tests.kernel.driver import REPLY, Execution, Kernel, loaded
from tests.loopback import ByteServer, RecordedRequest, Script, Step

CASES = {name: over_http(body) for name, body in BODIES.items()} | EXCHANGES
WARM_UP = ("a sound answer", "400", "an early hint, then an answer")
"""Of these one connection is kept for the next request."""

SETTINGS = """
from nbstream import NBStream, Timeouts, Limits
from tests.faults.outcome import Outcome
import asyncio, os

settings = NBStream.instance()

def configure(timeouts, limits):
    for field in ("connect", "first_event", "idle", "total"):
        setattr(settings, field + "_timeout", getattr(timeouts, field))
    settings.event_bytes, settings.answer_chars = limits.event_bytes, limits.answer_chars

def files():
    # but for what IPython opens as it likes: its history, and what wakes its threads
    found = []
    for name in os.listdir("/dev/fd"):
        try:
            found.append(os.readlink("/dev/fd/" + name))
        except OSError:
            pass  # the folder's own
    return sum("history.sqlite" not in link and "eventfd" not in link for link in found)

async def left(before=(0, 0)):
    # what the loop was told to close is closed in its next turns
    for _ in range(200):
        now = len(asyncio.all_tasks()), files()
        if now[0] <= before[0] and now[1] <= before[1]:
            break
        await asyncio.sleep(0.01)
    return now
"""


class Stage:
    """A kernel that asks, and the server that it asks."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.server = ByteServer(self.answer)
        self.script: Script = ()

    def answer(self, _request: RecordedRequest) -> Iterable[Step]:
        return self.script

    def ask(self, exchange: Exchange) -> Execution:
        """Run a `%%chat` cell against what the exchange says, as JupyterLab does."""
        self.script = exchange.script
        self.kernel.run(f"configure({exchange.timeouts}, {exchange.limits})\nreply = None")
        url = self.server.base_url
        return self.kernel.run(f"%%chat --base-url {url} -m m --alone --into reply\nHi", cell="faults")

    def outcome(self) -> Outcome:
        """What the reply in the kernel says."""
        found = self.kernel.value("(lambda o: [getattr(o, n) for n in o.__slots__])(Outcome.of(reply.state))")
        return Outcome(*found)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with loaded() as kernel:
        assert kernel.run(SETTINGS).status == "ok"
        stage = Stage(kernel)
        with stage.server:
            for name in WARM_UP:
                stage.ask(CASES[name])
            assert kernel.run("before = await left()").status == "ok"
            yield stage


@pytest.mark.parametrize("name", CASES)
def test_case(stage: Stage, name: str) -> None:
    exchange = CASES[name]
    expected = exchange.outcome
    before = len(stage.server.requests)
    cell = stage.ask(exchange)
    assert stage.outcome() == expected
    assert len(stage.server.requests) - before == exchange.requests

    saved = cell.saved[REPLY]
    assert (saved["status"], saved["text"]) == (expected.status, expected.text)
    assert shown(expected.text)[:40] in shown(cell.saved["text/plain"])
    assert shown(exchange.says) in shown(cell.saved["text/plain"] + str(saved.get("error")))
    assert cell.saved["text/markdown"] or not expected.text
    if expected.error is None:
        assert (cell.status, saved.get("error")) == ("ok", None)
    else:
        error, kind, _status = expected.error
        assert (cell.status, cell.reply["ename"]) == ("error", error), "Run All stops here"
        assert (saved["error"]["type"], saved["error"]["kind"]) == (error, kind)
        assert saved["error"]["advice"], "an error says what to do next"
        assert len(cell.traceback) == 1

    after = stage.kernel.run(
        "after = await left(before)\nprint(after[0] <= before[0], after[1] <= before[1])"
    )
    assert after.printed == "True True\n", "no task, socket or file is left"


def shown(text: str) -> str:
    return " ".join(text.split())


def test_after_all_of_them_the_kernel_is_sound(stage: Stage) -> None:
    """The last one in the file: the next answer comes as if nothing had happened."""
    assert stage.ask(CASES["a sound answer"]).status == "ok"
    assert stage.outcome() == Outcome()
