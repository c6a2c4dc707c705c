"""The documentation: complete reference, links that lead somewhere, and the check of the built site."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from dev.site import reference
from dev.site.links import problems
from dev.site.names import GROUPS, found, missing_names
from dev.site.notebooks import page_of
from dev.site.source import DOCS, ROOT
from nbstream import errors
from nbstream.cli.main import command_parser
from nbstream.config import NBStream
from nbstream.local import MODELS
from nbstream.magic.args import option_names
from nbstream.providers import PROVIDERS


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return reference.pages()


def test_every_public_name_is_in_the_reference() -> None:
    assert missing_names() == []


def test_a_name_is_on_one_page_and_exists() -> None:
    names = [name for group in GROUPS for name in group.names]
    assert len(names) == len(set(names))
    assert all(found(name) is not None for name in names)


def test_every_option_of_the_magic_is_in_the_reference(pages: dict[str, str]) -> None:
    entries = "\n".join(re.findall(r"^\.\. option:: (.*)$", pages["options.md"], re.MULTILINE))
    assert sorted(re.findall(r"(--[\w-]+)", entries)) == option_names()


def test_every_setting_has_an_explanation(pages: dict[str, str]) -> None:
    entries = re.findall(r"^\.\. confval:: NBStream\.(\w+)\n\n   (.+)$", pages["settings.md"], re.MULTILINE)
    assert sorted(name for name, _ in entries) == sorted(NBStream.class_trait_names(config=True))


def test_every_command_is_in_the_reference(pages: dict[str, str]) -> None:
    for command in re.findall(r"^    ([a-z-]+)(?=\s)", command_parser().format_help(), re.MULTILINE):
        assert f"\n## `nbstream {command}`\n" in pages["command-line.md"]


def test_every_provider_and_local_model_is_in_the_reference(pages: dict[str, str]) -> None:
    for name in [*PROVIDERS, *MODELS, "azure", "demo", "local"]:
        assert f"`{name}`" in pages["providers.md"]


@pytest.mark.parametrize(
    "name", [name for name in errors.__all__ if name not in {"ErrorKind", "NbstreamError"}]
)
def test_an_error_says_what_to_do(name: str) -> None:
    assert "\n\n    What to do: " in (getattr(errors, name).__doc__ or "")


def test_every_error_is_in_the_reference(pages: dict[str, str]) -> None:
    for name in errors.__all__:
        assert f":: nbstream.errors.{name}\n" in pages["errors.md"]


def test_every_environment_variable_is_explained() -> None:
    read = {
        name
        for path in (ROOT / "nbstream").rglob("*.py")
        for name in re.findall(r"\bNBSTREAM_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    page = (DOCS / "reference/environment.md").read_text(encoding="utf-8")
    assert read
    assert {name for name in read if f"`{name}`" not in page} == set()


def test_every_picture_of_a_page_is_there_and_small() -> None:
    for path in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        if "build" not in path.relative_to(ROOT).parts:
            for name in re.findall(
                r"([\w./-]*images/[\w.-]+\.(?:webp|png))", path.read_text(encoding="utf-8")
            ):
                assert (path.parent / name).stat().st_size < 1_500_000


def test_a_page_of_a_notebook_has_answers_as_inert_html(tmp_path: Path) -> None:
    data = {
        "application/vnd.nbstream.reply+json": {"v": 2},
        "text/markdown": "**4** <script>x</script> costs $5, $E = mc^2$ is no price\n\n```python\nx = 1\n```",
        "text/plain": "4",
    }
    answer = nbformat.v4.new_output("display_data", data, metadata={"nbstream": {"model": "m", "run": "[]"}})
    failure = nbformat.v4.new_output("error", ename="E", evalue="no", traceback=["\x1b[31mE: no\x1b[0m"])
    cell = nbformat.v4.new_code_cell("%%chat\n2+2", outputs=[answer, failure])
    path = tmp_path / "a.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}}), path)
    page = nbformat.reads(page_of(path), as_version=4)
    shown, failed = page.cells[0].outputs
    html = shown.data["text/html"]
    assert set(shown.data) == {"text/html", "text/plain"}
    assert "<strong>4</strong> &lt;script&gt;" in html
    assert '<pre class="highlight">' in html
    assert "costs $5, <math>" in html
    assert "Answered by m" in html
    assert failed.text == "E: no\n"
    assert "widgets" not in page.metadata


def test_wrong_links_of_a_site_are_found(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<h1 id="top">Top</h1><a href="#top"></a><a href="b.html#there"></a><a href="https://example.org"></a>'
        '<a href="#bottom"></a><a href="c.html"></a><a href="b.html#not"></a><script src="https://cdn.org/a.js">'
    )
    (tmp_path / "b.html").write_text('<p id="there"></p>')
    assert list(problems(tmp_path)) == [
        "index.html loads https://cdn.org/a.js from elsewhere",
        "index.html: #bottom leads to no heading",
        "index.html: c.html leads to no file",
        "index.html: b.html#not leads to no heading",
    ]
