"""Prices and budgets in cells: in the footer, in the notebook file, and before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.cells import chat_cell
from tests.cost.test_budget import costing
from tests.kernel.driver import Kernel
from tests.loopback import ByteServer

PRICES = '%config NBStream.prices = {"m": {"input": 1, "output": 10}}'


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(costing(answer=200)) as running:
        yield running


def shown(kernel: Kernel, source: str) -> str:
    """The value of a cell, as plain text."""
    return str(kernel.run(source).of("execute_result")[0]["data"]["text/plain"])


def test_a_session_with_prices_and_a_budget(kernel: Kernel, server: ByteServer) -> None:
    assert kernel.run(PRICES).status == "ok"
    cell = kernel.run(chat_cell(server, "--max-tokens 200 --into reply"), cell="first")
    assert cell.status == "ok"
    assert cell.provenance["usage"]["cost"] == 0.0021
    assert shown(kernel, "reply.cost") == "Decimal('0.0021')"

    assert shown(kernel, "%chat budget 0.003") == "Budget: $0.0030, $0.0021 spent, $0.00090 left."
    refused = kernel.run(chat_cell(server, "--max-tokens 200"), cell="second")
    assert refused.status == "error"
    assert refused.reply["ename"] == "BudgetExceededError"
    assert "%chat budget AMOUNT" in refused.reply["evalue"]
    assert len(server.requests) == 1

    preview = shown(kernel, chat_cell(server, "--dry-run --max-tokens 200"))
    assert re.search(r"≈\d+ tokens \(≈\$0\.00\d+ without the answer\)", preview)
    table = shown(kernel, "%chat usage")
    assert "main, 127.0.0.1" in table
    assert "requests 1, input 100, output 200, cost $0.0021" in table
    assert "no budget" in shown(kernel, "%chat budget off")
    assert kernel.run(chat_cell(server, "--max-tokens 200"), cell="second").status == "ok"
    wrong = kernel.run("%chat budget two")
    assert wrong.reply["ename"] == "ArgumentError"
