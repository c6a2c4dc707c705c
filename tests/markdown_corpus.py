"""Answers as models write them: those of ``tests/fixtures/markdown``, and some too long for a file."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "fixtures" / "markdown"
_START = re.compile(r"^%%% (?P<name>.+)\n", re.MULTILINE)


def documents() -> dict[str, str]:
    """The Markdown of each document by ``topic: name``."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.md")):
        if path.name != "README.md":
            names_and_texts = _START.split(path.read_text())[1:]
            for name, text in zip(names_and_texts[::2], names_and_texts[1::2], strict=True):
                found[f"{path.stem}: {name}"] = text.rstrip("\n")
    return found | long_documents()


def long_documents() -> dict[str, str]:
    """Documents that cost much where a parser looks at everything for everything."""
    return {
        "long: prices in a paragraph": "".join(f"item {i} costs $5 or ${i}, " for i in range(2500)),
        "long: prices with links": "".join(
            f"${i} at [shop {i}](https://a.example/{i}), " for i in range(500)
        ),
        "long: several prices between links": "".join(
            f"${i}, ${i}.5 or ${i}.9 at [shop {i}](https://a.example/{i}), " for i in range(500)
        ),
        "long: prices in lines": "\n".join(f"Item {i}: $5 or **${i}**" for i in range(500)),
        "long: prices in a list": "\n".join(f"- item {i} costs $5 or ${i}" for i in range(500)),
        "long: prices in a table": "| a | b |\n|---|---|\n" + "\n".join(f"| {i} | $5 |" for i in range(500)),
        "long: emphasis in a paragraph": "".join(f"item *{i}* is **bold**, " for i in range(400)),
        "long: a list": "\n".join(f"{i}. item `{i}`" for i in range(1, 500)),
    }
