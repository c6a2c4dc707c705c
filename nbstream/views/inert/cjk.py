"""Chinese, Japanese and Korean, written without spaces; the page has the same list (js/render/cjk.ts)."""

from __future__ import annotations

__all__ = ["CJK", "WORD"]

CJK = (
    "\u1100-\u11ff\u2e80-\u2fff\u3001-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe10-\ufe1f"
    "\ufe30-\ufe6f\uff01-\uffee\U0001aff0-\U0001b2ff\U0001f200-\U0001f2ff\U00020000-\U0003ffff"
)
"""Letters, their punctuation and full-width forms, as the inside of a class of a regular expression."""

WORD = rf"(?![{CJK}])[^\W_]"
"""A letter or digit of a script that puts spaces between words."""
