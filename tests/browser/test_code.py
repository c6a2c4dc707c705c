"""A request as code in a real JupyterLab: drawn with Copy, live and after reopening."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.lab import NotebookPage

HOSTILE = "<img src=x onerror='window.pwned = 1'> ``` {braces} $x$"


def code_in(notebook: NotebookPage, index: int) -> Locator:
    return notebook.output(index).locator(".nbs-code")


def test_code_is_shown_with_copy_and_stays_so(notebook: NotebookPage) -> None:
    notebook.run(f"%%chat -m demo:nbstream-demo-fast\necho: {HOSTILE}")
    index = notebook.run("%chat code")
    code = code_in(notebook, index)
    expect(code.locator("code")).to_contain_text("from openai import Omit, OpenAI")
    expect(code.locator("code")).to_contain_text(HOSTILE)
    expect(code.locator(".nbs-code-language")).to_have_text("python")
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    code.get_by_role("button", name="Copy").click()
    expect(code.get_by_role("button", name="Copied")).to_be_visible()
    copied = notebook.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("# Start the server first")
    assert HOSTILE in copied
    notebook.shoot("code-light")
    notebook.set_theme("JupyterLab Dark")
    notebook.shoot("code-dark")
    notebook.set_theme("JupyterLab Light")
    notebook.reopen_without_kernel()
    expect(code_in(notebook, index).locator("code")).to_contain_text(HOSTILE)
    expect(code_in(notebook, index).get_by_role("button", name="Copy")).to_be_visible()
    assert notebook.page.evaluate("() => window.pwned") is None
