"""The README is short and true: its code and that of the guides runs, its table and its verbs are real."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbstream.magic.magics import ChatMagics
from tests.kernel.driver import Kernel, loaded

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = sorted((ROOT / "docs/guides").glob("*.md"))
FAST = '%config NBStream.model = "demo:nbstream-demo-fast"'
WORDS = 900
FIRST_CELL = 25


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for all pages, in an empty folder."""
    with loaded() as running:
        assert running.run(f"{FAST}\n%cd -q {tmp_path_factory.mktemp('pages')}").status == "ok"
        yield running


def code_of(page: Path) -> list[str]:
    """The cells of a page: blocks marked as `python`; those marked as `py` need something of the reader."""
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "page", [page for page in (ROOT / "README.md", *GUIDES) if code_of(page)], ids=lambda page: page.stem
)
def test_the_code_of_a_page_runs_as_cells_of_a_notebook(kernel: Kernel, page: Path) -> None:
    assert kernel.run("%reset -f").status == "ok"
    for block in code_of(page):
        cell = kernel.run(block)
        assert cell.status == "ok", (block, cell.reply)
        if block.startswith("%%chat"):
            assert cell.saved["text/markdown"]


def test_its_first_cell_comes_early_and_needs_no_key() -> None:
    lines = README.splitlines()
    assert lines.index("%%chat") < FIRST_CELL
    assert "without a key" in README.partition("%%chat\n")[2]


def test_it_is_short() -> None:
    assert len(README.split()) <= WORDS


def test_it_lists_every_notebook() -> None:
    names = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert names
    assert re.findall(r"^\| \[[\w-]+\]\(notebooks/([\w.-]+)\)", README, re.MULTILINE) == names


def test_the_help_of_the_line_magic_names_its_verbs(kernel: Kernel) -> None:
    complaint = kernel.run("%chat nonsense").reply["evalue"]
    verbs = re.search(r"Commands: ([\w, ]+);", complaint)
    assert verbs
    described = set(re.findall(r"^ *%chat (\w+)", ChatMagics.manage.__doc__ or "", re.MULTILINE))
    assert set(verbs[1].split(", ")) == described


def test_its_verbs_are_in_the_makefile() -> None:
    verbs = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    documents = [README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")]
    documents += [page.read_text(encoding="utf-8") for page in GUIDES]
    named = {
        verb
        for text in documents
        for line in re.findall(r"(?:^|`)make ([a-z -]+)", text, re.MULTILINE)
        for verb in line.split()
    }
    assert named
    assert named <= verbs
