"""Tokens with their probabilities in a real JupyterLab."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.lab import NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer, sse_response
from tests.wire.test_logprobs import PARIS


def test_tokens_are_shaded_and_name_their_alternatives(notebook: NotebookPage) -> None:
    with ByteServer(sse_response(PARIS)) as server:
        notebook.run(chat_cell(server, "--logprobs=2 --into reply --alone"))
    index = notebook.run("reply.logprobs")
    output = notebook.output(index)
    tokens = output.locator(".nbs-token")
    expect(output.locator(".nbs-tokens")).to_have_text("Paris é!")
    expect(output.get_by_role("status")).to_have_text("Point at a token, or use the arrow keys.")
    tokens.nth(1).hover()
    expect(output.get_by_role("status")).to_have_text('"is" 30.0 %; alternatives: "is" 30.1 %, "ma" 13.5 %')
    output.get_by_role("group", name="Tokens").focus()
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("ArrowRight")
    expect(output.get_by_role("status")).to_have_text('"é" 10.0 %')
    notebook.shoot("logprobs")
    shades = tokens.evaluate_all("tokens => tokens.map(t => getComputedStyle(t).backgroundColor)")
    assert len(set(shades)) == len(shades)
    notebook.reopen_without_kernel()
    expect(notebook.output(index).locator(".nbs-tokens")).to_have_text("Paris é!")


def test_the_answer_itself_is_shaded_on_demand(notebook: NotebookPage) -> None:
    with ByteServer(sse_response(PARIS)) as server:
        index = notebook.run(chat_cell(server, "--logprobs=2 --alone"))
    output = notebook.output(index)
    shading = output.get_by_role("button", name="Token probabilities")
    expect(output.locator(".nbs-prose")).to_have_text("Paris é!")
    expect(output.locator(".nbs-tokens")).to_have_count(0)
    shading.click()
    expect(shading).to_have_attribute("aria-pressed", "true")
    expect(output.locator(".nbs-prose")).to_be_hidden()
    output.locator(".nbs-token").nth(1).hover()
    facts = output.locator(".nbs-token-facts")
    expect(facts).to_have_text('"is" 30.0 %; alternatives: "is" 30.1 %, "ma" 13.5 %')
    output.get_by_role("group", name="Tokens").focus()
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("ArrowRight")
    expect(facts).to_have_text('"é" 10.0 %')
    notebook.shoot("shaded-answer")
    shading.click()
    expect(output.locator(".nbs-prose")).to_be_visible()
    notebook.reopen_without_kernel()
    notebook.output(index).get_by_role("button", name="Token probabilities").click()
    expect(notebook.output(index).locator(".nbs-tokens")).to_have_text("Paris é!")
