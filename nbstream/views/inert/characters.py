"""Characters: those that hide made visible, those that mean something to a parser written as references."""

from __future__ import annotations

import re

__all__ = ["PUNCTUATION", "literal", "referenced", "visible"]

# All ASCII punctuation: CommonMark uses no other characters as markup.
PUNCTUATION = r"[!-/:-@\[-`{-~]"

_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
# C0, DEL, C1, lone surrogates, and the overrides, embeddings and isolates of UAX 9 ("Trojan Source",
# CVE-2021-42574). The marks U+061C, U+200E and U+200F are common in Arabic and Hebrew.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_REFERENCES = {code: f"&#{code};" for code in range(0x21, 0x7F) if not chr(code).isalnum()}


def visible(text: str) -> str:
    r"""`text` with every line end as ``\n`` and every control shown.

    C0 controls become their pictures, others their names; a lone surrogate, which cannot be written to a
    file, becomes U+FFFD.

    Examples
    --------
    >>> visible("\x1b[1m a\u202eb")
    '␛[1m a[U+202E]b'
    """
    return _HIDDEN.sub(_shown, _LINE_ENDS.sub("\n", text))


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else f"[U+{code:04X}]"


def literal(line: str) -> str:
    """A sentence that may quote the server, as literal Markdown text on one line.

    Examples
    --------
    >>> literal("a *b*")
    'a &#42;b&#42;'
    """
    flat = " ".join(visible(line).split())
    return "".join(f"&#{ord(sign)};" if sign in "<>&*_[]()`$!\\~|#" else sign for sign in flat)


def referenced(text: str) -> str:
    """`text` with each ASCII punctuation character as a numeric character reference.

    References mean the character and nothing else in text, in link text, in table cells and in HTML.

    Examples
    --------
    >>> referenced("a < b")
    'a &#60; b'
    """
    return text.translate(_REFERENCES)
