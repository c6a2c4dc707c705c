"""One answer says one thing: in the page, and saved, in JupyterLab, on GitHub and in nbconvert.

Each document of ``tests/fixtures/markdown`` is drawn by the page (js/render in Chromium); its saved form
(`nbstream.views.inert`) by JupyterLab's own renderer, by cmark-gfm and by nbconvert. What each of them says,
as `tests.views.outline` reads it, must be the same: text, blocks, marks, links, code and formulas.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from nbstream.views.inert import inert_markdown
from tests.browser.lab import Lab
from tests.markdown_corpus import documents
from tests.views.outline import Outline

DOCUMENTS = documents()
JS = Path(__file__).parents[2] / "js"

# If a reader cannot do it: the text is the same, but at another place.
APART = {
    # Code that would act as text leaves its list, because parsers disagree about fences in lists.
    "code: html fence in list": {"JupyterLab", "cmark-gfm", "nbconvert"},
    "mixed: nested everything": {"JupyterLab", "cmark-gfm", "nbconvert"},
    # nbconvert reads tables at the outermost level alone, and shows a language that it does not know.
    "tables: in a list": {"nbconvert"},
    "tables: in a quote": {"nbconvert"},
    "code: mermaid that links": {"nbconvert"},
}
# JupyterLab draws the diagram.
DRAWN = {"code: mermaid": {"JupyterLab"}}

# The formulas of GitHub and JupyterLab are taken out before Markdown is read.
MATH = re.compile(
    r"^[ >]*(?P<fence>`{3,}).*?^[ >]*(?P=fence)|(?P<math>\$\$[^$]+\$\$|\$(?:\\\$|[^$])+\$)",
    re.DOTALL | re.MULTILINE,
)
# JupyterLab's renderer, which leaves formulas as they are until they are typeset.
RENDER = """
async documents => {
    const { rendermime } = window.jupyterapp.shell.currentWidget.content;
    const drawn = [];
    for (const markdown of documents) {
        const model = { data: { "text/markdown": markdown }, metadata: {}, trusted: true, setData() {} };
        const renderer = rendermime.clone({ latexTypesetter: null }).createRenderer("text/markdown");
        await renderer.renderModel(model);
        drawn.push(renderer.node.innerHTML);
        renderer.dispose();
    }
    return drawn;
}
"""
TYPESET = """
async documents => {
    const { rendermime } = window.jupyterapp.shell.currentWidget.content;
    const counts = [];
    for (const markdown of documents) {
        const model = { data: { "text/markdown": markdown }, metadata: {}, trusted: true, setData() {} };
        const renderer = rendermime.clone({ latexTypesetter: null }).createRenderer("text/markdown");
        document.body.append(renderer.node);
        await renderer.renderModel(model);
        await rendermime.latexTypesetter.typeset(renderer.node);
        counts.push(renderer.node.querySelectorAll("mjx-container").length);
        renderer.node.remove();
        renderer.dispose();
    }
    return counts;
}
"""


def cmark(markdown: str) -> str:
    """What GitHub's parser makes of it, with formulas put aside."""
    formulas: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        if not found["math"]:
            return found[0]
        formulas.append(found["math"].replace("&", "&amp;").replace("<", "&lt;"))
        return f"MATH{len(formulas) - 1}HTAM"

    html = cmarkgfm.markdown_to_html_with_extensions(
        MATH.sub(put_aside, markdown),
        options=Options.CMARK_OPT_UNSAFE,
        extensions=["table", "strikethrough", "autolink", "tasklist"],
    )
    return re.sub(r"MATH(\d+)HTAM", lambda number: formulas[int(number[1])], html)


PARSERS: dict[str, Callable[[str], str]] = {"cmark-gfm": cmark, "nbconvert": markdown2html_mistune}


@pytest.fixture(scope="module")
def in_page(lab: Lab) -> dict[str, list[str]]:
    """What the page says of each document."""
    command = ["node", "tests/browser/render/page.mjs"]
    html = subprocess.run(command, cwd=JS, capture_output=True, text=True, check=True).stdout
    page = lab.new_page()
    page.set_content(html)
    drawn = page.evaluate(
        "texts => texts.map(text => drawing.drawn(text).innerHTML)", list(DOCUMENTS.values())
    )
    page.context.close()
    return {name: Outline(html).lines for name, html in zip(DOCUMENTS, drawn, strict=True)}


@pytest.fixture(scope="module")
def in_lab(lab: Lab) -> Iterator[dict[str, list[str]]]:
    """What JupyterLab says of what is saved of each."""
    notebook = lab.open_notebook(lab.write_notebook([], "meaning.ipynb"))
    drawn = notebook.page.evaluate(RENDER, [inert_markdown(text) for text in DOCUMENTS.values()])
    yield {name: Outline(html, dollars=True).lines for name, html in zip(DOCUMENTS, drawn, strict=True)}
    lab.take_back(notebook)


def said(lines: list[str]) -> str:
    """Only the text, regardless of its place."""
    return re.sub(r"\W+", "", "".join(re.sub(r"^[\w/]*: ", "", line) for line in lines))


def assert_same(name: str, reader: str, found: list[str], page: list[str]) -> None:
    if reader in DRAWN.get(name, ()):
        return
    if reader in APART.get(name, ()):
        assert said(page) in said(found)
    else:
        assert found == page, inert_markdown(DOCUMENTS[name])


def test_the_corpus_is_large() -> None:
    assert len(DOCUMENTS) >= 150


@pytest.mark.parametrize("name", DOCUMENTS)
def test_jupyterlab_says_what_the_page_says(
    in_page: dict[str, list[str]], in_lab: dict[str, list[str]], name: str
) -> None:
    assert in_page[name]
    assert_same(name, "JupyterLab", in_lab[name], in_page[name])


@pytest.mark.parametrize("reader", PARSERS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_other_parsers_say_what_the_page_says(in_page: dict[str, list[str]], name: str, reader: str) -> None:
    html = PARSERS[reader](inert_markdown(DOCUMENTS[name]))
    assert_same(name, reader, Outline(html, dollars=True).lines, in_page[name])


def test_mathjax_typesets_the_formulas_and_no_prices(lab: Lab, in_page: dict[str, list[str]]) -> None:
    notebook = lab.open_notebook(lab.write_notebook([], "typeset.ipynb"))
    counts = notebook.page.evaluate(TYPESET, [inert_markdown(text) for text in DOCUMENTS.values()])
    lab.take_back(notebook)
    expected = {name: "".join(lines).count("⟦") for name, lines in in_page.items()}
    assert dict(zip(DOCUMENTS, counts, strict=True)) == expected
