"""What was sent with a prompt, in a real JupyterLab: thumbnails and names, live and saved."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.lab import NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer
from tests.loopback.chunks import says

SETUP = """
import numpy as np
from PIL import Image
image = Image.fromarray(np.random.default_rng(1).integers(0, 255, (300, 3000, 3), "uint8"))
hostile = "<b>x</b>"
"""


def test_an_image_and_a_variable_are_shown_with_the_answer(notebook: NotebookPage) -> None:
    notebook.run(SETUP)
    with ByteServer(says("Noise.")) as server:
        index = notebook.run(chat_cell(server, "--image image --file hostile", "What is it?"))
    for reopened in (False, True):
        if reopened:
            notebook.reopen_without_kernel()
        output = notebook.output(index)
        items = output.get_by_role("list", name="Sent with the prompt").get_by_role("listitem")
        expect(items.nth(0)).to_have_text("variable hostile")
        expect(items.nth(1)).to_contain_text("resized from 3000x300")
        thumbnail = items.nth(1).get_by_role("img", name="image")
        expect(thumbnail).to_be_visible()
        expect(thumbnail).to_have_js_property("naturalWidth", 160)
