"""The whole fault table: recorded and replayed, every case has the outcome that it has live."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbstream.cassettes import record, replay
from nbstream.client.request_policy import RequestPolicy
from tests.faults.bodies import BODIES
from tests.faults.exchanges import EXCHANGES, Exchange
from tests.faults.outcome import Outcome, words_of
from tests.faults.playing import KEY, QUICK, asked, opened, over_http
from tests.loopback import ByteServer

CASES = [pytest.param(over_http(body), id=name) for name, body in BODIES.items()]
CASES += [pytest.param(exchange, id=name) for name, exchange in EXCHANGES.items()]


@pytest.mark.parametrize("case", CASES)
async def test_a_fault_is_replayed_as_the_same_fault(case: Exchange, tmp_path: Path) -> None:
    file = tmp_path / "case.jsonl"
    policy = RequestPolicy(case.timeouts, case.limits, QUICK)
    with ByteServer(case.script) as server:
        async with opened(server.base_url) as client:
            with record(file) as tape:
                live = await asked(client, policy)
            assert tape.recorded == len(server.requests) == case.requests
            assert Outcome.of(live.state) == case.outcome
            with replay(file, pace=0) as tape:
                again = await asked(client, policy)
            assert tape.replayed == len(server.requests) == case.requests
    assert Outcome.of(again.state) == case.outcome
    assert words_of(again.state) == words_of(live.state)
    assert case.says in words_of(again.state)
    assert KEY not in file.read_text("utf-8")
