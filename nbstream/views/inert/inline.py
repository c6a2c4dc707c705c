"""The text of one paragraph, heading, list item or table row."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable

from nbstream.views.inert.characters import PUNCTUATION, referenced
from nbstream.views.inert.code import code_span
from nbstream.views.inert.links import autolink, link_target
from nbstream.views.inert.tex import formula

__all__ = ["inert_text"]


def _tokens(plain: str) -> re.Pattern[str]:
    """What has to be looked at; what matches `plain` is only written as character references."""
    return re.compile(
        rf"""
        (?P<escape>\\{PUNCTUATION})
        | (?P<backslash>\\(?!\n))
        | (?P<backticks>`+)
        | (?P<dollars>\$+)
        | (?P<less><)
        | (?P<bang>!(?=\[|<[HMhm]))
        | (?P<target>\]\()
        | (?P<plain>{plain})
        """,
        re.VERBOSE,
    )


_PLAIN = r"\{|(?<=\]):|~{3,}"
_TOKEN = _tokens(_PLAIN)
# JupyterLab takes seconds for thousands of emphasis marks in one paragraph.
_MANY_MARKS = 1000
_TOKEN_OR_MARK = _tokens(rf"{_PLAIN}|[*_]")
# What a token begins with: a search for one of these is many times faster than one for a token.
_START = re.compile(r"[\\`$<!\]{:~]")
_START_OR_MARK = re.compile(r"[\\`$<!\]{:~*_]")
_BACKTICKS = re.compile("`+")
_IMAGE = re.compile(r"!\[(?P<alt>[^\[\]\n]*+)\](?=[(\[])")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
# Tags without attributes around text without markup; also what this module itself writes.
_MARKED = re.compile(r"<(code|kbd|span|sub|sup)>(?:[\w\t ,.;+/=()-]|[^\x00-\x7f]|&#\d{1,7};)*+</\1>")

_BODY = r"(?P<body>(?:\\.|[^\\$`])++)"
_FORMULAS = {
    "$": re.compile(rf"(?<![^\W_]|\$)\$(?!\s){_BODY}(?<!\s)\$(?![^\W_]|\$)", re.DOTALL),
    "$$": re.compile(rf"\$\${_BODY}\$\$(?!\$)", re.DOTALL),
    r"\(": re.compile(r"\\\((?P<body>(?:\\[^()]|[^\\$`])++)\\\)", re.DOTALL),
    r"\[": re.compile(r"\\\[(?P<body>(?:\\[^\[\]]|[^\\$`])++)\\\]", re.DOTALL),
}
_DELIMITERS = {"$": "$", "$$": "$$", r"\(": "$", r"\[": "$$"}


def inert_text(text: str) -> str:
    """`text`, the lines of one run of inline Markdown, made inert."""
    return _Scanner(text).scan()


class _Scanner:
    """One pass over the text, from token to token; each handler gives what to write and where to go on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._written: list[str] = []
        many = text.count("*") + text.count("_") > _MANY_MARKS
        self._start, self._token = (_START_OR_MARK, _TOKEN_OR_MARK) if many else (_START, _TOKEN)
        self._backticks: dict[int, list[int]] = defaultdict(list)
        for run in _BACKTICKS.finditer(text):
            self._backticks[len(run[0])].append(run.start())
        self._in_row = text.lstrip().startswith("|")
        # In an element of its own a dollar cannot pair with another one once the text is a page.
        self._dollar = "<span>&#36;</span>" if text.count("$") > 1 else "&#36;"
        self._handlers: dict[str, Callable[[re.Match[str]], tuple[str, int]]] = {
            "escape": self._escape,
            "backslash": self._plain,
            "backticks": self._code,
            "dollars": self._dollars,
            "less": self._less,
            "bang": self._bang,
            "target": self._target,
            "plain": self._plain,
        }

    def scan(self) -> str:
        position = 0
        while token := self._next(position):
            self._written.append(self._text[position : token.start()])
            written, position = self._handlers[str(token.lastgroup)](token)
            self._written.append(written)
        self._written.append(self._text[position:])
        return "".join(self._written)

    def _next(self, position: int) -> re.Match[str] | None:
        while start := self._start.search(self._text, position):
            if token := self._token.match(self._text, start.start()):
                return token
            position = start.end()
        return None

    def _plain(self, token: re.Match[str]) -> tuple[str, int]:
        return referenced(token[0]), token.end()

    def _escape(self, token: re.Match[str]) -> tuple[str, int]:
        if token[0] in _FORMULAS and (math := self._formula(token)):
            return math
        return (self._dollar if token[0] == r"\$" else referenced(token[0][1])), token.end()

    def _dollars(self, token: re.Match[str]) -> tuple[str, int]:
        math = self._formula(token) if token[0] in _FORMULAS else None
        return math or (self._dollar * len(token[0]), token.end())

    def _formula(self, token: re.Match[str]) -> tuple[str, int] | None:
        found = _FORMULAS[token[0]].match(self._text, token.start())
        tex = formula(found["body"]) if found else None
        if not found or not tex:
            return None
        math = tex.join([_DELIMITERS[token[0]]] * 2)
        # A dollar beside a letter, a digit or another formula is none to most parsers.
        before = " " if self._last_written().isalnum() or self._last_written() == "$" else ""
        after = " " if self._text[found.end() : found.end() + 1].isalnum() else ""
        return before + math + after, found.end()

    def _last_written(self) -> str:
        return next((piece[-1] for piece in reversed(self._written) if piece), "")

    def _code(self, token: re.Match[str]) -> tuple[str, int]:
        length = len(token[0])
        closers = self._backticks[length]
        index = bisect_right(closers, token.start())
        if index == len(closers):
            return referenced(token[0]), token.end()
        return code_span(self._span_content(token.end(), closers[index])), closers[index] + length

    def _span_content(self, start: int, end: int) -> str:
        content = self._text[start:end].replace("\n", " ")
        if self._in_row:
            content = content.replace(r"\|", "|")
        padded = content.startswith(" ") and content.endswith(" ") and content.strip(" ")
        return content[1:-1] if padded else content

    def _less(self, token: re.Match[str]) -> tuple[str, int]:
        start = token.start()
        if line_break := _BREAK.match(self._text, start):
            return "<br>", line_break.end()
        if marked := _MARKED.match(self._text, start):
            return marked[0], marked.end()
        return autolink(self._text, start) or ("&lt;", token.end())

    def _bang(self, token: re.Match[str]) -> tuple[str, int]:
        image = _IMAGE.match(self._text, token.start())
        # Without this sign, one before it would take its place.
        if not image or self._last_written() == "!":
            return "&#33;", token.end()
        return ("", token.end()) if image["alt"] else ("[image", token.end() + 1)

    def _target(self, token: re.Match[str]) -> tuple[str, int]:
        target = link_target(self._text, token.end())
        return (f"]({target.url})", target.end) if target else ("]&#40;", token.end())
