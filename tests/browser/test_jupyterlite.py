"""nbstream in JupyterLite, whose kernel is Python in the browser (Pyodide)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab, NotebookPage
from tests.browser.lite import lite_site
from tests.cells import chat_cell
from tests.loopback import ByteServer, Hold, RecordedRequest, Step, response, sse_response
from tests.loopback.chunks import STOP, delta

PATIENCE = 180_000
"""In ms: a page compiles Python and its packages."""

pytestmark = pytest.mark.timeout(420)  # the first test builds the site and installs into the page

NEW_NOTEBOOK = """async () => {
    await window.jupyterapp.restored;
    await window.jupyterapp.commands.execute("notebook:create-new", { kernelName: "python" });
}"""


def answer(request: RecordedRequest) -> list[Step]:
    """``re **PROMPT**``, for pages of any origin; a prompt of ``hold`` is never ended."""
    allowed = request.headers.get("access-control-request-headers", "")
    cors = {"access-control-allow-origin": "*", "access-control-allow-headers": allowed}
    if request.method == "OPTIONS":
        return response(204, b"", cors)
    prompt = request.json["messages"][-1]["content"]
    said = delta(f"re **{prompt}**")
    return sse_response([said, Hold()] if prompt == "hold" else [said, STOP, "[DONE]"], headers=cors)


@pytest.fixture(scope="module")
def server() -> Iterator[ByteServer]:
    with ByteServer(answer) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with lite_site(tmp_path_factory.mktemp("lite")) as url:
        yield url


@pytest.fixture(scope="module")
def notebook(session_lab: Lab, site: str) -> Iterator[NotebookPage]:
    """A notebook that has installed and loaded nbstream."""
    page = session_lab.browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{site}lab/index.html")
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate(NEW_NOTEBOOK)
    notebook = NotebookPage(page)
    loaded = notebook.run("%pip install nbstream\n%load_ext nbstream")
    expect(notebook.output(loaded)).to_have_text("", timeout=PATIENCE)
    yield notebook
    page.close()


def test_a_chat_asks_through_the_browser(notebook: NotebookPage, server: ByteServer) -> None:
    asked = f'from nbstream import Chat\nchat = Chat("m", base_url="{server.base_url}", api_key="k")\n'
    first = notebook.run(f'{asked}print((await chat.send("one")).text)')
    expect(notebook.output(first)).to_have_text("re **one**")
    second = notebook.run('print(chat.send("two").result().text)')
    expect(notebook.output(second)).to_have_text("re **two**")
    sent = server.requests[-1]
    assert [message["content"] for message in sent.json["messages"]] == ["one", "re **one**", "two"]
    assert not {"cookie", "referer"} & sent.headers.keys()
    (preflight, *_) = [request for request in server.requests if request.method == "OPTIONS"]
    assert preflight.headers["access-control-request-headers"] == "authorization,content-type"


def test_the_demo_answers(notebook: NotebookPage) -> None:
    index = notebook.run("%%chat -m demo:nbstream-demo-fast\necho: Hello **you**")
    expect(notebook.output(index).locator("strong")).to_have_text("you")


def test_a_cell_streams_and_stop_reaches_the_server(notebook: NotebookPage, server: ByteServer) -> None:
    index = notebook.run(chat_cell(server, "-c stopped", "hold"))
    output = notebook.output(index)
    expect(output.locator("strong")).to_have_text("hold")
    output.get_by_role("button", name="Stop").click()
    expect(output).to_contain_text("Stopped")
    assert server.requests[-1].wait_disconnect(60)


def test_the_chat_widget_answers(notebook: NotebookPage, server: ByteServer) -> None:
    made = f'ChatWidget(Chat("m", base_url="{server.base_url}", api_key="k"))'
    output = notebook.output(notebook.run(f"from nbstream import Chat, ChatWidget\n{made}"))
    box = output.get_by_role("textbox", name="Message")
    for prompt in ("Hi", "again"):
        box.fill(prompt)
        box.press("Enter")
        expect(output.get_by_role("log").locator("strong").last).to_have_text(prompt)


def test_cells_answer_in_their_order(notebook: NotebookPage, server: ByteServer) -> None:
    cells = [notebook.add(chat_cell(server, "-c order", prompt)) for prompt in ("first", "second")]
    for index in cells:
        notebook.start(index)
    for index, prompt in zip(cells, ("first", "second"), strict=True):
        expect(notebook.output(index).locator("strong")).to_have_text(prompt)
    messages = [message["content"] for message in server.requests[-1].json["messages"]]
    assert messages == ["first", "re **first**", "second"]


def test_an_unreachable_server_is_said_with_what_a_page_needs(notebook: NotebookPage) -> None:
    index = notebook.run("%%chat --base-url http://127.0.0.1:9/v1 -m m\nHi")
    expect(notebook.output(index)).to_contain_text("must also allow requests from this page (CORS)")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("for delta in chat.send('x'):\n    pass", "async for delta in reply"),
        ("chat.batch('{{ a }}', [{'a': 1}])", "await chat.send"),
    ],
)
def test_what_needs_threads_is_refused(notebook: NotebookPage, source: str, said: str) -> None:
    notebook.run("from nbstream import Chat\nchat = Chat('demo')")
    index = notebook.run(source)
    expect(notebook.output(index)).to_contain_text("Python in a browser has no threads")
    expect(notebook.output(index)).to_contain_text(said)
