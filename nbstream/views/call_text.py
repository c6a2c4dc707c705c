"""A tool call as shown for approval: its name and arguments, with nothing hidden.

Shows the parsed arguments of the function, not the text written by the model.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

__all__ = ["argument_lines", "block", "exposed"]

_HEAD, _TAIL = 800, 400
_BLANKS = re.compile(r"(?:[^\S\n]*\n){4,}")
# Besides Unicode's control, format, surrogate, private-use and unassigned characters and line separators.
_HIDDEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u034f\u180b\u180c\u180d\u180f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def argument_lines(arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    r"""Names and values, all characters visible; long values are shortened in the middle.

    Multi-line text is shown as is, everything else as JSON on one line.

    Examples
    --------
    >>> argument_lines({"path": "a\u200b/b", "limit": 3, "code": "x = 1\ny = 2"})
    [('path', '"a[U+200B]/b"'), ('limit', '3'), ('code', 'x = 1\ny = 2')]
    """
    return [(exposed(name).replace("\n", "␊"), _value(value)) for name, value in arguments.items()]


def block(name: str, lines: list[tuple[str, str]]) -> str:
    r"""A call on lines of its own, for a terminal.

    Examples
    --------
    >>> print(block("run", [("limit", "3"), ("code", "x = 1\ny = 2")]))
    run
      limit = 3
      code =
        │ x = 1
        │ y = 2
    """
    return "\n".join([exposed(name).replace("\n", "␊"), *(_lines(label, text) for label, text in lines)])


def exposed(text: str) -> str:
    r"""Text in which no character but the line feed and the tab is invisible or changes how others look.

    Examples
    --------
    >>> exposed("a\u202eb\U000e0041 \x1b[2J")
    'a[U+202E]b[U+E0041] ␛[2J'
    """
    return text if text.isascii() and text.isprintable() else "".join(map(_exposed, text))


def _exposed(character: str) -> str:
    if character in "\n\t" or " " <= character <= "~":
        return character
    if character < " ":
        return chr(0x2400 + ord(character))
    space = unicodedata.category(character) == "Zs" and character != "\u3000"
    hidden = unicodedata.category(character) in _HIDDEN_KINDS or character in _BLANK_LETTERS
    return f"[U+{ord(character):04X}]" if hidden or space or _SELECTORS.match(character) else character


def _value(value: object) -> str:
    if isinstance(value, str) and "\n" in value:
        return _cut(_BLANKS.sub(_counted, exposed(value)))
    return _cut(exposed(json.dumps(value, ensure_ascii=False)))


def _counted(blanks: re.Match[str]) -> str:
    return f"\n[{blanks[0].count(chr(10)) - 1} blank lines]\n"


def _cut(text: str) -> str:
    left_out = len(text) - _HEAD - _TAIL
    if left_out <= 0:
        return text
    return f"{text[:_HEAD]} [… {left_out:,} of {len(text):,} characters are not shown …] {text[-_TAIL:]}"


def _lines(name: str, text: str) -> str:
    if "\n" not in text:
        return f"  {name} = {text}"
    return "\n".join([f"  {name} =", *(f"    │ {line}" for line in text.split("\n"))])
