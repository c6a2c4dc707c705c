"""What the extension does to a notebook without answers: nothing."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.lab import Lab


def watched(page: Page) -> tuple[list[str], list[bytes]]:
    """From now on: files of nbstream that a page loads, and its messages to kernels that name nbstream."""
    files: list[str] = []
    messages: list[bytes] = []

    def note(payload: str | bytes) -> None:
        message = payload.encode() if isinstance(payload, str) else payload
        if b"nbstream" in message:
            messages.append(message)

    page.on("websocket", lambda socket: socket.on("framesent", note))
    page.on("request", lambda request: files.append(request.url) if "/nbstream/" in request.url else None)
    return files, messages


def test_a_notebook_without_prompts_loads_nothing_and_stays_as_it_is(lab: Lab, name: str) -> None:
    page = lab.new_page()
    files, messages = watched(page)
    lab.write_notebook(["6 * 7", "print('no answer')"], name)
    saved = (lab.root / name).read_bytes()
    notebook = lab.open_notebook(name, page)
    plugins = [*files]
    assert len(plugins) <= 3  # the entry, and the plugins in two parts
    notebook.run_all()
    notebook.wait_until_done(1)
    assert files == plugins
    assert messages == []
    assert (lab.root / name).read_bytes() == saved
    notebook.close()
