"""What an answer has beside its text, in a real JupyterLab: images, sources, the words of an error."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

from playwright.sync_api import expect

from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer, Gate, response, sse_response
from tests.loopback.chunks import END, delta

THOUGHT = "I wonder a lot"


def picture(width: int, height: int) -> str:
    """A PNG with a gradient, as a URL."""
    rows = b"".join(
        b"\0" + bytes(v for x in range(width) for v in (x * 255 // width, y * 255 // height, 160))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


PICTURE = picture(360, 200)


def image(url: str) -> dict[str, Any]:
    images = [{"type": "image_url", "image_url": {"url": url}}]
    return {"choices": [{"index": 0, "delta": {"content": "", "images": images}}]}


def test_an_image_is_shown_while_the_answer_streams_and_kept_in_the_file(
    lab: Lab, notebook: NotebookPage, name: str
) -> None:
    gate = Gate()
    with ByteServer(
        lambda _: gate.script([delta("Here it is: "), image(PICTURE)], [delta("done"), *END])
    ) as server:
        index = notebook.run_to(chat_cell(server), "Here it is")
        output = notebook.output(index)
        expect(output.get_by_role("img", name="Image 1")).to_be_visible()
        gate.open()
        expect(output).to_contain_text("done")
        notebook.wait_until_done(index)
    notebook.reopen_without_kernel()
    saved = notebook.output(index)
    expect(saved.get_by_role("img", name="Image 1")).to_be_visible()
    expect(saved.locator("img")).to_have_count(1)
    expect(saved.locator("img")).to_have_js_property("naturalWidth", 360)
    [kept] = lab.read_notebook(name).cells[index].outputs
    assert str(kept).count(PICTURE) == 1, "once, in the Markdown that every reader shows"
    assert PICTURE in kept.data["text/markdown"]


def test_an_image_on_the_web_waits_for_a_click(notebook: NotebookPage) -> None:
    with (
        ByteServer(response(200, base64.b64decode(PICTURE.partition(",")[2]))) as elsewhere,
        ByteServer(sse_response([image(f"{elsewhere.base_url}/1.png"), *END])) as server,
    ):
        output = notebook.output(notebook.run(chat_cell(server)))
        button = output.get_by_role("button", name="Load image from")
        expect(button).to_be_visible()
        assert elsewhere.requests == []
        button.click()
        expect(output.locator("img")).to_be_visible()


def test_sources_stand_below_the_answer(lab: Lab, notebook: NotebookPage, name: str) -> None:
    cited = {
        "citations": ["https://a.example/x", "https://b.example/"],
        "search_results": [{"title": "The first", "url": "https://a.example/x"}],
    }
    with ByteServer(sse_response([delta("A fact [1].") | cited, *END])) as server:
        index = notebook.run(chat_cell(server))
    notebook.reopen_without_kernel()
    sources = notebook.output(index).get_by_role("region", name="Sources")
    expect(sources.get_by_role("listitem")).to_have_text(["1 The first a.example", "2 b.example"])
    link = sources.get_by_role("link", name="The first")
    expect(link).to_have_attribute("href", "https://a.example/x")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    markdown = lab.read_notebook(name).cells[index].outputs[0].data["text/markdown"]
    assert "Sources: 1. [The first](https://a.example/x) · 2. [b.example](https://b.example/)" in markdown


def test_the_words_of_an_error_inside_a_choice_reach_the_reader(notebook: NotebookPage) -> None:
    error = {"code": 502, "message": "Upstream idle timeout"}
    ended = {"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error", "error": error}]}
    with ByteServer(sse_response([delta("Half an ans"), ended, *END])) as server:
        index = notebook.add(chat_cell(server))
        notebook.run_again(index, "Upstream idle timeout")
    expect(notebook.output(index)).to_contain_text("Half an ans")


def test_think_tags_become_reasoning(notebook: NotebookPage) -> None:
    pieces = [delta("<th"), delta(f"ink>{THOUGHT}</thi"), delta("nk>\n\nThe answer"), *END]
    with ByteServer(sse_response(pieces)) as server:
        output = notebook.output(notebook.run(chat_cell(server)))
    expect(output.get_by_role("log", name="Answer")).to_have_text("The answer")
    expect(output).not_to_contain_text("<think>")
    expect(output.get_by_text("Thought")).to_be_visible()
