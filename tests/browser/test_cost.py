"""Prices and budgets, as a reader sees them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.cost.test_budget import costing
from tests.loopback import ByteServer

PRICES = '%config NBStream.prices = {"m": {"input": 1, "output": 10}}'


@pytest.fixture
def priced() -> Iterator[ByteServer]:
    with ByteServer(costing(answer=200)) as running:
        yield running


def test_the_price_is_shown_and_a_budget_refuses(
    lab: Lab, notebook: NotebookPage, priced: ByteServer
) -> None:
    notebook.run(PRICES)
    answer = notebook.run_to(chat_cell(priced, "--max-tokens 200"), "$0.0021")
    expect(notebook.output(answer).locator(".nbs-footer")).to_contain_text("200 tokens (100 in)$0.0021")

    notebook.run_to("%chat budget 0.003", "Budget: $0.0030, $0.0021 spent, $0.00090 left.")
    refused = notebook.run_to(chat_cell(priced, "--max-tokens 200"), "does not cover this request")
    expect(notebook.output(refused)).to_contain_text("Raise it with %chat budget AMOUNT")
    usage = notebook.run_to("%chat usage", "1 request in this session: $0.0021.")
    expect(notebook.output(usage).get_by_role("table")).to_contain_text("127.0.0.1")

    notebook.shoot("cost")

    notebook.reopen_without_kernel()
    expect(notebook.output(answer).locator(".nbs-footer")).to_contain_text("$0.0021")
