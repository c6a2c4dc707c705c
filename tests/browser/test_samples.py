"""Several answers to one prompt in a real JupyterLab."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.lab import NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer, json_response
from tests.loopback.chunks import says


def by_seed(request: Any) -> list[Any]:
    """Answers by the seed: 7 fails."""
    seed = request.json["seed"]
    if seed == 7:
        return json_response(400, {"error": {"message": "no such seed"}})
    return says("**Yes**" if seed % 2 else "No")


def test_several_answers_are_versions_of_one_and_are_saved(notebook: NotebookPage) -> None:
    with ByteServer(by_seed) as server:
        index = notebook.run(chat_cell(server, "-c samples -n 4 --seed 7"))
        output = notebook.output(index)
        pager = output.get_by_role("group", name="Version 2 of 4")
        expect(pager).to_be_visible()
        expect(output.locator(".nbs-prose")).to_have_text("No")
        expect(output.locator(".nbs-footer")).to_contain_text("3 answers, 2 distinct, 1 failed")
        notebook.shoot("samples")
        pager.get_by_role("button", name="Next version").click()
        expect(output.get_by_role("group", name="Version 3 of 4")).to_be_visible()
        expect(output.locator(".nbs-prose strong")).to_have_text("Yes")
        notebook.run(chat_cell(server, "-c samples -p seed=2", "And now?"))
        sent = [message["content"] for message in server.requests[-1].json["messages"]]
    assert sent == ["Hi", "**Yes**", "And now?"]
    notebook.reopen_without_kernel()
    output = notebook.output(index)
    expect(output.get_by_role("group", name="Version 3 of 4")).to_be_visible()
    output.get_by_role("button", name="Previous version").click()
    expect(output.locator(".nbs-prose")).to_have_text("No")
    expect(output.locator(".nbs-footer")).to_contain_text("3 answers, 2 distinct, 1 failed")
