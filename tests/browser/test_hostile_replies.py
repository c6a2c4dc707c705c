"""The hostile corpus as answers: streamed into the live view, and saved for the rich one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.kernel.driver import REPLY
from tests.loopback import ByteServer, response
from tests.loopback.chunks import says
from tests.views.hostile import payloads

SAVED = """
import json
from IPython.display import display
for text in json.load(open({file!r})):
    reply = {{"v": 1, "status": "finished", "text": text, "reasoning": text, "finish_reason": text,
              "notices": [{{"kind": "x", "text": text}}], "demo": False,
              "error": {{"kind": "x", "type": text, "message": text, "advice": text}}}}
    about = {{"model": text, "host": text, "versions": [{{"reply": reply, "nbstream": {{}}}}]}}
    display({{{mimetype!r}: reply, "text/plain": "fallback"}}, metadata={{"nbstream": about}}, raw=True)
"""
HARM = """
area => [...area.querySelectorAll(".nbstream *")].flatMap(element => {
    const found = [];
    if (/^(script|iframe|object|embed|form|style|link|base|meta|svg:script)$/.test(element.localName))
        found.push(element.localName);
    for (const { name, value } of element.attributes) {
        if (/^(on|srcdoc|data-commandlinker)/.test(name)) found.push(name);
        if (name === "href" && !/^(https?|mailto):/.test(element.protocol ?? "https:")) found.push(value);
        if (name === "src" && !/^data:image\\/(png|jpeg|gif|webp)/.test(value)) found.push(value);
    }
    return found;
})
"""


@pytest.fixture
def canary() -> Iterator[ByteServer]:
    """A server that nothing on a page may call."""
    with ByteServer(response(200, b"")) as server:
        yield server


def assert_harmless(notebook: NotebookPage, index: int, canary: ByteServer) -> None:
    assert notebook.output(index).evaluate(HARM) == []
    assert notebook.page.evaluate("() => window.__pwned ?? window.pwned") is None
    assert canary.requests == []


def test_streamed_into_the_live_view(notebook: NotebookPage, canary: ByteServer) -> None:
    texts = payloads(canary.url).values()
    assert len(texts) > 300
    whole = "\n\n".join(texts) + "\n\n```\n\nthe very end"
    pieces = [whole[at : at + 40] for at in range(0, len(whole), 40)]
    with ByteServer(says(*pieces)) as server:
        index = notebook.run(chat_cell(server, "--alone"))
    expect(notebook.output(index)).to_contain_text("the very end")
    assert_harmless(notebook, index, canary)


def test_saved_for_the_rich_view(lab: Lab, notebook: NotebookPage, canary: ByteServer) -> None:
    hostile = payloads(canary.url).values()  # a lone surrogate cannot be saved, and never gets that far
    texts = [*(text.encode("utf-8", "replace").decode() for text in hostile), "the very end"]
    (lab.root / "hostile.json").write_text(json.dumps(texts))
    index = notebook.run(SAVED.format(file="hostile.json", mimetype=REPLY))
    drawn = notebook.output(index).locator(".nbstream")
    notebook.draw_all()
    expect(drawn).to_have_count(len(texts))
    expect(drawn.last).to_contain_text("the very end")
    assert_harmless(notebook, index, canary)
    notebook.save()
    notebook.reload()
    notebook.draw_all()
    expect(drawn).to_have_count(len(texts))
    expect(drawn.last).to_contain_text("the very end")
    assert_harmless(notebook, index, canary)
