"""The usage of a session as a table."""

from __future__ import annotations

from decimal import Decimal

import nbstream
from nbstream import Chat, NBStream
from nbstream.client.router import Router
from nbstream.views.usage_table import UsageTable
from tests.cost.test_budget import chat_of, costing, settings
from tests.loopback import ByteServer


async def test_rows_by_chat_and_model_and_their_sum() -> None:
    defaults = settings(5)
    with ByteServer(costing()) as server:
        mine, other = chat_of(server, defaults), chat_of(server, defaults)
        other.name_in_usage("essay | <b>")
        for chat in (mine, mine, other):
            await chat.send("Hi")
        mine.model = "unknown"
        defaults.budget = None
        await mine.send("Hi")
    await Chat("demo:nbstream-demo-fast", router=Router(defaults, {})).send("echo: Hi")
    defaults.budget = 5
    table = UsageTable(defaults.ledger, defaults.budget_limit)
    frame = table.to_frame()
    assert len(table) == 4
    assert table.cost == Decimal("0.0006")
    costs = dict(zip(zip(frame.chat, frame.model, strict=True), frame.cost, strict=True))
    assert costs["", "m"] == 0.0004
    assert costs["essay | <b>", "m"] == 0.0002
    assert costs["", "nbstream-demo-fast"] == 0
    assert frame.cost.isna().tolist() == [model == "unknown" for model in frame.model]
    text, markdown = repr(table), table._repr_markdown_()
    assert "5 requests in this session: $0.00060 and 1 unpriced." in text
    assert "Budget: $5.00, $0.00060 spent, $5.00 left." in text
    assert "cost free (this machine)" in text
    assert "cost unpriced" in text
    assert "NBStream.prices" in text
    assert "<b>" not in markdown
    assert "essay | " not in markdown


def test_an_empty_table() -> None:
    table = UsageTable(NBStream().ledger)
    assert repr(table) == table._repr_markdown_() == "No requests so far."
    assert table.to_frame().empty


def test_the_function_shows_the_session() -> None:
    before = nbstream.usage().total.requests
    Chat("demo:nbstream-demo-fast", router=Router(environ={})).send("echo: Hi").result()
    assert nbstream.usage().total.requests == before + 1
