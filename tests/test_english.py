"""Texts for readers are plain English: the phrases in `plain_words.txt` appear in none of them.

The check covers strings, docstrings and comments of the package; strings, JSX text and comments of the
front end; docstrings and comments of tests and tools; Markdown files, and Markdown cells of the notebooks.
Names and code are not checked. The demo's texts are sample data.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
SAMPLES = {"demo/texts.py", "demo/samples.py", "demo/long_text.py", "demo/script.py"}
DOCUMENTS = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/README.md"]

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"``.+?``|`[^`\n]+`")
_DOCTEST = re.compile(r"^ *>>>.*(?:\n *\S.*)*", re.MULTILINE)
_NAME = re.compile(
    r"^ *\w+(?:, \w+)*$", re.MULTILINE
)  # a parameter in a docstring, or a string that is a key
_JS = re.compile(
    r"""
      (?P<comment> /\*.*?\*/ | //[^\n]* )
    | (?P<text> "(?:[^"\\\n]|\\.)*" | `(?:[^`\\]|\\.)*` | (?<=>)\s*[A-Z][^<>{}=;]*?(?=<) )
    """,
    re.VERBOSE | re.DOTALL,
)


class Text(NamedTuple):
    """A piece of text and where it begins."""

    file: str
    line: int
    text: str


class Phrase(NamedTuple):
    """A phrase to avoid."""

    pattern: re.Pattern[str]
    instead: str


@cache
def phrases() -> list[Phrase]:
    lines = (Path(__file__).parent / "plain_words.txt").read_text().splitlines()
    pairs = [line.split(" -> ") for line in lines if line and not line.startswith("#")]
    return [Phrase(_pattern(phrase), instead) for phrase, instead in pairs]


def _pattern(phrase: str) -> re.Pattern[str]:
    """The phrase as whole words; a space also matches a line break."""
    spaced = phrase.replace(" ", r"\s+")
    return re.compile(rf"\b(?:{spaced})(?!\w)", re.IGNORECASE)


def blanked(text: str, pattern: re.Pattern[str]) -> str:
    """The text with every match blanked, so that lines keep their numbers."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def prose(text: str) -> str:
    """The text without code, examples and names."""
    for pattern in (_FENCE, _DOCTEST, _CODE, _NAME):
        text = blanked(text, pattern)
    return text


def python_texts(path: str, source: str) -> Iterator[Text]:
    tree = ast.parse(source)
    for node in ast.walk(tree) if path.startswith("nbstream/") else docstrings(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield Text(path, node.lineno, prose(node.value))
    yield from python_comments(path, source)


def docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(tree):
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr):
            yield node.body[0].value


def python_comments(path: str, source: str) -> Iterator[Text]:
    """The comments, those on consecutive lines as one text."""
    lines = [""] * (source.count("\n") + 1)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] = token.string.lstrip("#: ")
    yield Text(path, 1, blanked("\n".join(lines), _CODE))


def script_texts(path: str, source: str) -> Iterator[Text]:
    for found in _JS.finditer(source):
        line = source.count("\n", 0, found.start()) + 1
        if found["comment"]:
            yield Text(path, line, blanked(re.sub(r"(?m)^\s*\*(?!/)", "", found[0]), _CODE))
        elif " " in found["text"].strip() and not _TESTS.search(path):
            yield Text(path, line, found["text"])


def markdown_texts(path: str, source: str) -> Iterator[Text]:
    yield Text(path, 1, prose(source))


def notebook_texts(path: str, source: str) -> Iterator[Text]:
    for cell in json.loads(source)["cells"]:
        if cell["cell_type"] == "markdown":
            first = cell["source"][0]
            line = source[: source.index(json.dumps(first, ensure_ascii=False))].count("\n") + 1
            yield from (
                text._replace(line=line + text.line - 1)
                for text in markdown_texts(path, "".join(cell["source"]))
            )


_TESTS = re.compile(r"/tests/|/testing/|\.test\.|^benchmarks/")
READERS = {
    ".py": python_texts,
    ".ts": script_texts,
    ".tsx": script_texts,
    ".mjs": script_texts,
    ".md": markdown_texts,
    ".ipynb": notebook_texts,
}


def files() -> list[str]:
    package = [
        path
        for folder in ("nbstream", "tests", "benchmarks", "dev")
        for path in ROOT.glob(f"{folder}/**/*.py")
        if "site-packages" not in path.parts and str(path.relative_to(ROOT / folder)) not in SAMPLES
    ]
    scripts = [
        path
        for folder in ("js", "benchmarks")
        for path in ROOT.glob(f"{folder}/**/*.*")
        if path.suffix in {".ts", ".tsx", ".mjs"} and not re.search(r"node_modules|/build/|/dist/", str(path))
    ]
    pages = [
        path
        for path in ROOT.glob("docs/**/*.*")
        if path.suffix in {".md", ".py"} and "build" not in path.parts
    ]
    rest = [*pages, *ROOT.glob("notebooks/*.ipynb"), *(ROOT / name for name in DOCUMENTS)]
    return sorted(str(path.relative_to(ROOT)) for path in [*package, *scripts, *rest])


def complaints(path: str, source: str) -> list[str]:
    found = [
        f"{text.file}:{text.line + text.text.count(chr(10), 0, match.start())}: "
        f"{' '.join(match[0].split())!r}, write instead: {phrase.instead}"
        for text in READERS[Path(path).suffix](path, source)
        for phrase in phrases()
        for match in phrase.pattern.finditer(text.text)
    ]
    return sorted(set(found))


@pytest.mark.parametrize("path", files())
def test_a_file_is_written_in_plain_english(path: str) -> None:
    assert complaints(path, (ROOT / path).read_text()) == []


@pytest.mark.parametrize(
    ("path", "source", "line"),
    [
        ("nbstream/new.py", 'raise ConfigError("Fine.", advice="Can not be done.")', 1),
        ("nbstream/new.py", 'def f():\n    """Fine.\n\n    Asks\n    anew.\n    """', 5),
        ("nbstream/new.py", "asked = 1  # Fine.\n# Asked\n# anew", 3),
        ("tests/test_new.py", 'def test() -> None:\n    """Asks anew."""\n    assert "anew"', 2),
        ("js/view/New.tsx", 'const said = 1;\n\nconst text = "Ask anew";', 3),
        ("js/view/New.tsx", "/**\n * Asks\n * anew.\n */\nconst said = 1;", 3),
        ("js/tests/new.test.ts", "const text = 'Ask anew';\n// Asks anew", 2),
        ("js/view/New.tsx", "return (\n  <p>\n    Ask anew\n  </p>\n);", 3),
        ("NEW.md", "`anew`\n\nAsk anew.", 3),
        (
            "notebooks/new.ipynb",
            json.dumps({"cells": [{"cell_type": "markdown", "source": ["Fine.\n", "Ask anew."]}]}, indent=1),
            7,
        ),
    ],
)
def test_a_bad_sentence_is_found_where_it_is(path: str, source: str, line: int) -> None:
    [complaint] = complaints(path, source)
    assert complaint.startswith(f"{path}:{line}: ")
    assert complaint.endswith(("write instead: again", "write instead: cannot"))


def test_names_and_code_are_not_read() -> None:
    assert complaints("nbstream/new.py", "anew = 1  # set by `anew`") == []
    assert complaints("js/view/New.tsx", "const anew = 1; // set by `anew`") == []
    assert complaints("nbstream/new.py", '"""Calls `anew`.\n\n>>> anew()\n"""') == []
    assert complaints("NEW.md", "```\nanew\n```") == []
