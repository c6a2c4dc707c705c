"""Thumbs and notes below answers in a real JupyterLab, and in the file."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.chat import ChatPart, answer, source
from tests.browser.lab import Lab, NotebookPage
from tests.kernel.driver import unpacked_output
from tests.loopback import ByteServer

NOTE = "Too <b>short</b>"


def thumb(place: Locator, name: str) -> Locator:
    return place.get_by_role("button", name=name)


def rate_with_a_note(notebook: NotebookPage, place: Locator) -> None:
    """Press the lower thumb and write a note, by keyboard."""
    thumb(place, "Bad answer").press("Enter")
    expect(thumb(place, "Bad answer")).to_have_attribute("aria-pressed", "true")
    place.get_by_role("button", name="Add note").press("Enter")
    box = place.get_by_role("textbox", name="Note on the rating")
    expect(box).to_be_focused()
    notebook.page.keyboard.type(NOTE)
    notebook.shoot("rating-note")
    box.press("Enter")
    expect(place.get_by_text(NOTE)).to_be_visible()
    expect(box).to_have_count(0)


def test_an_answer_is_rated_and_the_file_keeps_the_rating(
    notebook: NotebookPage, lab: Lab, name: str
) -> None:
    index = notebook.run("%%chat -m demo:nbstream-demo-fast -o reply\necho: Hello")
    output = notebook.output(index)
    expect(thumb(output, "Good answer")).to_have_attribute("aria-pressed", "false")
    rate_with_a_note(notebook, output)
    shown = notebook.run("print(reply.rating.score, reply.rating.note)")
    expect(notebook.output(shown)).to_have_text(f"-1 {NOTE}")
    notebook.shoot("rating-light")
    notebook.set_theme("JupyterLab Dark")
    notebook.shoot("rating-dark")
    notebook.set_theme("JupyterLab Light")

    notebook.save()
    notebook.reload()  # the kernel no longer reaches the output by its display id
    expect(thumb(output, "Bad answer")).to_have_attribute("aria-pressed", "true")
    thumb(output, "Good answer").click()
    expect(thumb(output, "Good answer")).to_have_attribute("aria-pressed", "true")
    notebook.reopen_without_kernel()
    expect(output.get_by_role("img", name="Rated as good")).to_be_visible()
    expect(output.get_by_text(NOTE)).to_be_visible()
    expect(thumb(output, "Good answer")).to_have_count(0)
    [saved] = lab.read_notebook(name).cells[index].outputs
    assert unpacked_output(saved)[1]["rating"] == {"score": 1, "note": NOTE}


def test_a_rating_is_removed_and_one_that_the_kernel_does_not_take_is_said(notebook: NotebookPage) -> None:
    index = notebook.run("%%chat -m demo:nbstream-demo-fast\necho: Hello")
    output = notebook.output(index)
    thumb(output, "Good answer").click()
    expect(thumb(output, "Good answer")).to_have_attribute("aria-pressed", "true")
    thumb(output, "Good answer").click()
    expect(thumb(output, "Good answer")).to_have_attribute("aria-pressed", "false")
    notebook.restart_kernel()
    notebook.run("%load_ext nbstream")
    thumb(output, "Bad answer").click()
    expect(output.get_by_text("The kernel no longer has this answer.")).to_be_visible()
    expect(thumb(output, "Bad answer")).to_have_attribute("aria-pressed", "false")


def test_an_answer_of_a_chat_is_rated_and_kept(notebook: NotebookPage) -> None:
    with ByteServer(answer) as server:
        index = notebook.run(source(server.base_url))
        chat = ChatPart(notebook.output(index))
        chat.say("one")
        rate_with_a_note(notebook, chat.root)
        expect(thumb(chat.root, "Bad answer")).to_have_attribute("aria-pressed", "true")
        notebook.shoot("rating-chat")
        notebook.reopen_without_kernel()
    expect(notebook.output(index).get_by_role("img", name="Rated as bad")).to_be_visible()
    expect(notebook.output(index).get_by_text(NOTE)).to_be_visible()
