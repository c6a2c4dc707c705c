"""Saved answers in a trusted JupyterLab, which sanitises nothing: no script runs, and no one is called."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import nbformat
import pytest
from playwright.sync_api import expect

from nbstream.views.inert import inert_markdown
from tests.browser.lab import Lab, NotebookPage
from tests.loopback import ByteServer, response
from tests.views.hostile import CONTEXTS, payloads
from tests.views.html import Page

SHOW = """
import json
from IPython.display import display
for markdown in json.load(open({file!r})):
    display({{"text/markdown": markdown}}, raw=True)
"""
# Typeset last, so that where it is everything before it has been drawn.
LAST = "last $x$"

# Attributes that JupyterLab adds to what the Markdown says.
HEADINGS = {f"h{level}": {"data-jupyter-id"} for level in range(1, 7)}
LAB = HEADINGS | {"a": {"rel", "target"}, "td": {"align"}, "th": {"align"}}
DRAWN = """
area => [...area.querySelectorAll(".jp-RenderedMarkdown")].map(node => {
    const copy = node.cloneNode(true);
    for (const formula of copy.querySelectorAll("mjx-container")) formula.remove();
    return copy.innerHTML;
})
"""
# The same renderer without the kernel, which makes it fast; trusted, as outputs of the session are.
RENDER = """
async documents => {
    const drawn = [];
    for (const markdown of documents) {
        const model = { data: { "text/markdown": markdown }, metadata: {}, trusted: true, setData() {} };
        const { rendermime } = window.jupyterapp.shell.currentWidget.content;
        const renderer = rendermime.createRenderer("text/markdown");
        document.body.append(renderer.node);
        await renderer.renderModel(model);
        drawn.push(renderer.node.innerHTML);
        renderer.node.remove();
        renderer.dispose();
    }
    return drawn;
}
"""
STYLED = "area => area.querySelectorAll('mjx-container :is([style*=url], [href], img, script)').length"

# Payloads that act in JupyterLab 4.6 by themselves and leave the page in place.
ACTING = (
    *("script inline", "script in svg", "img onerror quoted", "svg onload", "details ontoggle"),
    *("fence closer indented four", "fence in list closed by less indented line", "code span over blocks"),
    *("image inline", "image reference", "image html", "style body background", "link stylesheet", "iframe"),
)


@pytest.fixture
def canary() -> Iterator[ByteServer]:
    """A server that nothing on a page may call."""
    with ByteServer(response(200, b"")) as server:
        yield server


@pytest.fixture(scope="module")
def pages(lab: Lab) -> Iterator[NotebookPage]:
    """A notebook that is not changed."""
    page = lab.open_notebook(lab.write_notebook([], "pages.ipynb"))
    yield page
    lab.take_back(page)


@pytest.fixture
def notebook(lab: Lab) -> Iterator[NotebookPage]:
    page = lab.open_notebook(lab.write_notebook([], "inert.ipynb"))
    yield page
    lab.take_back(page)


def url(server: ByteServer) -> str:
    return f"http://127.0.0.1:{server.port}"


def show(lab: Lab, notebook: NotebookPage, documents: Iterable[str], name: str = "documents.json") -> int:
    """Show documents as outputs made in this session, which JupyterLab trusts; the index of their cell."""
    (lab.root / name).write_text(json.dumps([*documents, LAST]))
    return notebook.run(SHOW.format(file=name))


def wait_until_drawn(notebook: NotebookPage, index: int) -> None:
    expect(
        notebook.output(index).locator(".jp-RenderedMarkdown").last.locator("mjx-container")
    ).to_be_attached()


def violations(drawn: list[str]) -> list[str]:
    return [line for html in drawn for line in Page(html, own=LAB).violations]


def assert_nothing_acts(notebook: NotebookPage, index: int) -> None:
    wait_until_drawn(notebook, index)
    area = notebook.output(index)
    drawn = area.evaluate(DRAWN)
    assert len(drawn) == len(payloads()) + 1
    assert violations(drawn) == []
    assert area.evaluate(STYLED) == 0
    assert notebook.page.evaluate("window.__pwned") is None


def test_payloads_act_where_they_are_not_made_inert(
    lab: Lab, notebook: NotebookPage, canary: ByteServer
) -> None:
    corpus = payloads(url(canary))
    with notebook.page.expect_request(lambda request: request.url.startswith(url(canary))):
        index = show(lab, notebook, [corpus[name] for name in ACTING])
    wait_until_drawn(notebook, index)
    notebook.page.wait_for_function("window.__pwned === 1")
    paths = {request.path for request in canary.requests}
    assert {"/inline.png", "/ref.png", "/html.png", "/a.css", "/frame"} <= paths
    notebook.close()


def test_no_payload_acts_in_a_trusted_notebook_nor_when_it_is_opened_again(
    lab: Lab, notebook: NotebookPage, canary: ByteServer
) -> None:
    index = show(lab, notebook, map(inert_markdown, payloads(url(canary)).values()))
    assert_nothing_acts(notebook, index)
    notebook.save()
    notebook.reload()
    assert_nothing_acts(notebook, index)
    assert canary.requests == []


@pytest.mark.parametrize("context", CONTEXTS)
def test_no_payload_acts_in_any_context(pages: NotebookPage, canary: ByteServer, context: str) -> None:
    corpus = payloads(url(canary)).values()
    documents = [inert_markdown(CONTEXTS[context](payload)) for payload in corpus]
    assert violations(pages.page.evaluate(RENDER, documents)) == []
    assert pages.page.evaluate("window.__pwned") is None
    assert canary.requests == []


def test_an_untrusted_copy_calls_no_one(lab: Lab, canary: ByteServer) -> None:
    data = {"text/markdown": "\n\n".join(map(inert_markdown, payloads(url(canary)).values()))}
    name = lab.write_notebook(["1"], "foreign.ipynb")
    notebook = lab.read_notebook(name)
    notebook.cells[0].outputs = [
        nbformat.v4.new_output("display_data", data=bundle) for bundle in (data, {"text/markdown": LAST})
    ]
    nbformat.write(notebook, lab.root / name)
    page = lab.open_notebook(name)
    wait_until_drawn(page, 0)
    assert page.page.evaluate("window.__pwned") is None
    assert canary.requests == []
    lab.take_back(page)


def test_an_ordinary_answer_is_drawn_as_it_was_meant(lab: Lab, notebook: NotebookPage) -> None:
    listed = "- x\n  ```sh\n  echo $HOME $PATH <in\n  ```"
    formula = "\\begin{aligned}\na &< b \\\\[2pt]\nc &= \\sqrt{d}\n\\end{aligned}"
    answer = f"From $5 to $6 for `List<int>`, \\(a<b\\).\n\n{listed}\n\n\\[\n{formula}\n\\]\n"
    index = show(lab, notebook, [inert_markdown(answer)])
    drawn = notebook.output(index).locator(".jp-RenderedMarkdown").first
    expect(drawn.locator("mjx-container")).to_have_count(2)
    expect(drawn.locator("mjx-container[display=true] mjx-msqrt")).to_have_count(1)
    expect(drawn.locator("mjx-merror")).to_have_count(0)
    expect(drawn.locator("p").first).to_contain_text("From $5 to $6 for List<int>, ")
    expect(drawn.locator("pre")).to_have_text("echo $HOME $PATH <in\n")
