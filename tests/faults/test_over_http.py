"""Every case of both tables, over real connections."""

from __future__ import annotations

import pytest

from tests.faults.bodies import BODIES
from tests.faults.exchanges import EXCHANGES, Exchange
from tests.faults.outcome import words_of
from tests.faults.playing import KEY, over_http, play

CASES = [pytest.param(over_http(body), id=name) for name, body in BODIES.items()]
CASES += [pytest.param(exchange, id=name) for name, exchange in EXCHANGES.items()]


@pytest.mark.parametrize("exchange", CASES)
async def test_case(exchange: Exchange) -> None:
    played = await play(exchange)
    assert played.outcome == exchange.outcome
    assert played.requests == exchange.requests
    assert exchange.says in words_of(played.reply.state)
    error = played.reply.error
    if error is not None:
        assert len(error.message.encode()) <= 2000
        assert error.advice, "an error says what to do next"
        assert KEY not in repr(error) + str(error)
