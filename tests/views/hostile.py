"""The hostile corpus, and contexts in which each of its payloads may stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

CORPUS = Path(__file__).parents[1] / "fixtures" / "hostile" / "payloads.json"


def payloads(canary: str = "http://canary.example") -> dict[str, str]:
    """The Markdown of each payload by name; `canary` is the base URL of a server that must stay silent."""
    return {p["name"]: p["markdown"].replace("CANARY", canary) for p in json.loads(CORPUS.read_text())}


def _indented(text: str, prefix: str) -> str:
    return text.replace("\n", "\n" + prefix)


CONTEXTS: dict[str, Callable[[str], str]] = {
    "alone": lambda text: text,
    "in a list": lambda text: f"- {_indented(text, '  ')}",
    "in a quote": lambda text: f"> {_indented(text, '> ')}",
    "in a table cell": lambda text: f"| a |\n|---|\n| {text} |",
    "after an unclosed fence": lambda text: f"```\n{text}",
    "after a closed fence": lambda text: f"```x\n```\n{text}",
    "after a fence in a list item": lambda text: f"1. a\n   ```\n{text}",
    "between tildes": lambda text: f"~~~\n{text}\n~~~",
    "between backticks": lambda text: f"`{text}`",
    "between dollars": lambda text: f"a $ {text} $",
    "between double dollars": lambda text: f"$$\n{text}\n$$",
    "in an environment": lambda text: f"\\begin{{a}}{text}\\end{{a}}",
}

TAG = "<img src=x onerror='window.__pwned=1'>"

# What parsers disagree about, in pieces; joined at random they make documents.
FRAGMENTS = (
    *("```", "````", "~~~", "```py", "```mermaid", "`", "``"),
    *(
        "> ",
        "- ",
        "1. ",
        "  ",
        "    ",
        "\t",
        "\n",
        "\n\n",
        "# ",
        "---\n",
        "===\n",
        "|",
        "|-|-|\n",
        ": ",
        "    \n",
    ),
    *("$", "$$", "\\[", "\\]", "\\\\[", "\\\\]", "\\(", "\\)", "\\\\(", "{", "}", "\\", "@\\@0@@"),
    *("\\begin{a}", "\\end{a}", "\\begin{align}", "\\end{align}"),
    *(
        TAG,
        "<script>",
        "<!--",
        "-->",
        "<pre>",
        "</pre>",
        "<br>",
        "<code>",
        "</code>",
        "<span>&#36;</span>",
        "<div>\n",
    ),
    *(
        "](javascript:x)",
        "](https://e.example)",
        "[a",
        "]",
        "![",
        "!",
        "<https://a.example>",
        "<javascript:x>",
    ),
    *(
        "[r]: javascript:x",
        "[r]: https://a.example",
        "[r]:",
        "[r]",
        '"',
        "'",
        "(",
        ")",
        "&lt;",
        "&#36;",
        "&#x5b;",
    ),
    *("a", "b ", "5", "*", "**", "_", "~~", "\u00a0", "\u2028", "\f", "\r", "\x00", "\u202e", "\ud800"),
)
