"""The text of one paragraph, heading, list item or table cell."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable

from nbstream.views.inert.characters import PUNCTUATION, referenced
from nbstream.views.inert.cjk import CJK, WORD
from nbstream.views.inert.code import code_span
from nbstream.views.inert.links import autolink, bare_link, link_target
from nbstream.views.inert.marks import Marks
from nbstream.views.inert.tex import formula

__all__ = ["inert_paragraph", "inert_text"]

_TOKEN = re.compile(
    rf"""
    (?P<escape>\\{PUNCTUATION})
    | (?P<backslash>\\(?!\n))
    | (?P<backticks>`+)
    | (?P<dollars>\$+)
    | (?P<less><)
    | (?P<bang>!(?=\[|<[HMhm]))
    | (?P<note>\[\^(?P<number>\d{{1,3}})\](?:(?P<colon>:[ \t]*+)|(?!\(|\[(?!\^\d))))
    | (?P<open>\[)
    | (?P<target>\]\()
    | (?P<plain>\{{|(?<=\]):|~{{3,}}|~(?!~))
    | (?P<close>\])
    | (?P<url>:(?=//))
    | (?P<mark>\*+|_+|~~)
    """,
    re.VERBOSE,
)
# First characters of tokens: searching for these is many times faster than for tokens.
_START = re.compile(r"[\\`$<!\[\]{:~]")
_START_OR_MARK = re.compile(r"[\\`$<!\[\]{:~*_]")
_BESIDE_CJK = re.compile(rf"[{CJK}][*~]|[*~][{CJK}]")
_BACKTICKS = re.compile("`+")
_IMAGE = re.compile(r"!\[(?P<alt>[^\[\]\n]*+)\](?=[(\[])")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_LINE_END = re.compile(r"[ \t]*+(?:\n|$)")
# Also what this module itself writes.
_DOLLAR = "<span>&#36;</span>"
_DOLLAR_REFERENCE = re.compile(r"(?<!<span>)&(?:#0*36|#[xX]0*24|dollar);")
_BACKSLASH = "<span>&#92;</span>"
# Text that MathJax would typeset in a page.
_TEX = re.compile(r"[(\[]|begin\b|(?:eq)?ref\b")
_TAG = re.compile(r"<(?P<name>b|code|del|em|i|ins|kbd|mark|s|strong|sub|sup|u)>", re.IGNORECASE)
_WRITTEN = {"b": "strong", "i": "em", "s": "del"}
_MAX_DEPTH = 12
_LINE_START = re.compile(r"[ \t]*+(?:(?:[-+*]|\d{1,9}[.)])[ \t]++)*+")

# JupyterLab takes seconds for thousands of marks or elements in one paragraph: for each, its parser scans the
# rest of the paragraph. It does not parse a paragraph that is HTML. (Thousands of links in one paragraph or
# items in one list are as slow, inert or not.)
_MANY_DOLLARS = 50
_MANY_MARKS = 1000
_PARAGRAPH = re.compile(
    rf"(?P<lead>{_LINE_START.pattern})(?:<p>(?P<written>.*)</p>|(?P<text>(?![#|>]).*))", re.DOTALL
)

# Also as this module writes it, so that a second pass changes nothing.
_MAY_LINK = re.compile(r"\](?:\(|&#40;|\[)|(?:\[|&#91;)[\^\d]|(?::|&#58;)//")

_NOTE_AND_TARGET = re.compile(r"\[\^\d{1,3}\]\(")
# The target of an invalid link, and how far back to search for it.
_REFUSED = re.compile(r"(?:\]|&#93;)(?:\(|&#40;)[^\s()\]]*$")
_FAR = 100

_BODY = r"(?P<body>(?:\\.|[^\\$`])++)"
_FORMULAS = {
    "$": re.compile(rf"(?<!\$)\$(?!\s){_BODY}(?<!\s)\$(?!{WORD}|\$)", re.DOTALL),
    "$$": re.compile(rf"\$\${_BODY}\$\$(?!\$)", re.DOTALL),
    r"\(": re.compile(r"\\\((?P<body>(?:\\[^()]|[^\\$`])++)\\\)", re.DOTALL),
    r"\[": re.compile(r"\\\[(?P<body>(?:\\[^\[\]]|[^\\$`])++)\\\]", re.DOTALL),
}
_DELIMITERS = {"$": "$", "$$": "$$", r"\(": "$", r"\[": "$$"}
_WORD = re.compile(WORD)


def inert_text(text: str) -> str:
    """`text`, the lines of one run of inline Markdown, made inert."""
    return _Scanner(text).scan()


def inert_paragraph(text: str) -> str | None:
    """`text` as a paragraph of HTML on one line, where it holds too many signs for Markdown; else None."""
    dollars = text.count("$") + text.count("&#36;")
    marks = text.count("*") + text.count("_") + 2 * text.count("</")
    found = _PARAGRAPH.fullmatch(text) if dollars > _MANY_DOLLARS or marks > _MANY_MARKS else None
    content = (found["written"] or found["text"] or "") if found else ""
    if not found or not content or _MAY_LINK.search(content):
        return None
    return f"{found['lead']}<p>{_Scanner(content.rstrip(), html=True).scan()}</p>"


class _Scanner:
    """One pass over the text, token by token; each handler returns the output and the next position.

    Parameters
    ----------
    text
        One run of inline Markdown.
    strict
        Whether emphasis is written as tags, so that it ends where `text` does under every parser.
    html
        Whether it is written as HTML.
    depth
        In how many tags it stands.
    """

    def __init__(self, text: str, *, strict: bool = False, html: bool = False, depth: int = 0) -> None:
        self._text = text
        self._written: list[str] = []
        self._html = html
        self._depth = depth
        many = text.count("*") + text.count("_") > _MANY_MARKS
        self._marks = Marks(self._written, strict=strict or html, plain=many and not html)
        reads_marks = strict or html or many or bool(_BESIDE_CJK.search(text))
        self._start = _START_OR_MARK if reads_marks else _START
        self._backticks: dict[int, list[int]] = defaultdict(list)
        for run in _BACKTICKS.finditer(text):
            self._backticks[len(run[0])].append(run.start())
        self._in_row = text.lstrip().startswith("|")
        self._tags: dict[str, dict[int, int]] = {}
        # In a separate element a dollar cannot pair with another one in a page.
        self._dollar = _DOLLAR if text.count("$") > 1 else "&#36;"
        # A dollar that the text writes as a reference stays where it is, and may not be between two others.
        self._has_references = bool(_DOLLAR_REFERENCE.search(text))
        # Places of the dollars since the last link, which ends what can pair; None for one that must stay.
        self._since_link: list[int | None] = []
        self._handlers: dict[str, Callable[[re.Match[str]], tuple[str, int]]] = {
            "escape": self._escape,
            "backslash": self._backslash,
            "backticks": self._code,
            "dollars": self._dollars,
            "less": self._less,
            "bang": self._bang,
            "note": self._note,
            "open": self._open,
            "target": self._target,
            "plain": self._plain,
            "close": self._close,
            "url": self._url,
            "mark": self._mark,
        }

    def scan(self) -> str:
        position = 0
        while token := self._next(position):
            self._add_text(position, token.start())
            written, position = self._handlers[str(token.lastgroup)](token)
            if written:
                self._written.append(written)
        self._add_text(position, len(self._text))
        self._end_of_text_node()
        self._marks.end()
        return "".join(self._written)

    def _add_text(self, start: int, end: int) -> None:
        text = self._text[start:end]
        self._written.append(_as_html(text) if self._html else text)

    def _next(self, position: int) -> re.Match[str] | None:
        while start := self._start.search(self._text, position):
            if token := _TOKEN.match(self._text, start.start()):
                return token
            position = start.end()
        return None

    def _plain(self, token: re.Match[str]) -> tuple[str, int]:
        return referenced(token[0]), token.end()

    def _mark(self, token: re.Match[str]) -> tuple[str, int]:
        line = _LINE_START.match(self._text, self._text.rfind("\n", 0, token.start()) + 1)
        if line and token.end() <= line.end():
            return token[0], token.end()  # a list marker
        self._marks.add(self._text, token.start(), token.end())
        return "", token.end()

    def _open(self, token: re.Match[str]) -> tuple[str, int]:
        image = self._last_written() != "!" and self._text.endswith("!", 0, token.start())
        self._marks.open_bracket("" if image else None)
        note = _NOTE_AND_TARGET.match(self._text, token.start())
        if note and not link_target(self._text, note.end()):
            return "&#91;", token.end()
        return "[", token.end()

    def _close(self, token: re.Match[str]) -> tuple[str, int]:
        self._marks.close_bracket(linked=False)
        return "]", token.end()

    def _escape(self, token: re.Match[str]) -> tuple[str, int]:
        if token[0] in _FORMULAS and (math := self._formula(token)):
            return math
        if token[0] == r"\\":
            return self._backslash(token)
        if token[0] == r"\$":
            return self._signs(1), token.end()
        return referenced(token[0][1]), token.end()

    def _backslash(self, token: re.Match[str]) -> tuple[str, int]:
        means_tex = _TEX.match(self._text, token.end())
        return (_BACKSLASH if means_tex else referenced("\\")), token.end()

    def _dollars(self, token: re.Match[str]) -> tuple[str, int]:
        math = self._formula(token) if token[0] in _FORMULAS else None
        return math or (self._signs(len(token[0])), token.end())

    def _signs(self, count: int) -> str:
        """Dollars that are none of a formula."""
        self._since_link.append(len(self._written) if count == 1 else None)
        return self._dollar * count

    def _end_of_text_node(self) -> None:
        """Write every other dollar without an element: parsers take long for many elements.

        The elements of those beside it end its text node, so that it has none to pair with.
        """
        places = [place for place in self._since_link if place is not None]
        if len(places) == len(self._since_link) and not self._has_references:
            for place in places[::2]:
                self._written[place] = "&#36;"
        self._since_link.clear()

    def _formula(self, token: re.Match[str]) -> tuple[str, int] | None:
        start = token.start()
        if token[0] == "$" and start and _WORD.match(self._text, start - 1):
            return None
        found = _FORMULAS[token[0]].match(self._text, start)
        math = formula(found["body"]) if found else None
        if not found or not math:
            return None
        if not math.harmless or (self._html and "&" in math.tex):
            return self._code_span(" ".join(found["body"].split())), found.end()
        self._since_link += [None, None]
        written = math.tex.join([_DELIMITERS[token[0]]] * 2)
        # A dollar next to a letter, a digit or another formula is not a delimiter for most parsers.
        before = " " if self._last_written().isalnum() or self._last_written() == "$" else ""
        after = " " if self._text[found.end() : found.end() + 1].isalnum() else ""
        return before + written + after, found.end()

    def _last_written(self) -> str:
        return next((piece[-1] for piece in reversed(self._written) if piece), "")

    def _code(self, token: re.Match[str]) -> tuple[str, int]:
        length = len(token[0])
        closers = self._backticks[length]
        index = bisect_right(closers, token.start())
        if index == len(closers):
            return referenced(token[0]), token.end()
        content = self._span_content(token.end(), closers[index])
        return self._code_span(content), closers[index] + length

    def _code_span(self, content: str) -> str:
        return f"<code>{referenced(content)}</code>" if self._html else code_span(content)

    def _span_content(self, start: int, end: int) -> str:
        content = self._text[start:end].replace("\n", " ")
        if self._in_row:
            content = content.replace(r"\|", "|")
        padded = content.startswith(" ") and content.endswith(" ") and content.strip(" ")
        return content[1:-1] if padded else content

    def _less(self, token: re.Match[str]) -> tuple[str, int]:
        start = token.start()
        if line_break := _BREAK.match(self._text, start):
            # A paragraph that starts with a tag alone on its line would be HTML.
            alone = _LINE_END.match(self._text, line_break.end()) and not any(map(str.strip, self._written))
            return ("" if alone else "<br>"), line_break.end()
        for apart in (_DOLLAR, _BACKSLASH):
            if self._text.startswith(apart, start):
                return apart, start + len(apart)
        return self._tag(start) or autolink(self._text, start) or ("&lt;", token.end())

    def _tag(self, start: int) -> tuple[str, int] | None:
        opening = _TAG.match(self._text, start)
        if not opening or self._depth == _MAX_DEPTH:
            return None
        name = opening["name"].lower()
        end = self._closing_tags(name).get(start)
        if end is None or end == opening.end() or self._text[opening.end()] == "\n":
            return None
        content = self._text[opening.end() : end]
        inner = _Scanner(content, strict=True, html=self._html, depth=self._depth + 1).scan()
        written = _WRITTEN.get(name, name)
        return f"<{written}>{inner}</{written}>", end + len(name) + 3

    def _closing_tags(self, name: str) -> dict[int, int]:
        """Where the other half of each tag of that name stands."""
        if name not in self._tags:
            pairs: dict[int, int] = {}
            opened: list[int] = []
            for tag in re.compile(f"</?{name}>", re.IGNORECASE).finditer(self._text):
                if tag[0][1] != "/":
                    opened.append(tag.start())
                elif opened:
                    pairs[opened.pop()] = tag.start()
            self._tags[name] = pairs
        return self._tags[name]

    def _bang(self, token: re.Match[str]) -> tuple[str, int]:
        image = _IMAGE.match(self._text, token.start())
        # Without this character, an earlier one would be used instead.
        if not image or self._last_written() == "!":
            return "&#33;", token.end()
        if image["alt"]:
            return "", token.end()
        self._marks.open_bracket("image")
        return "[image", token.end() + 1

    def _note(self, token: re.Match[str]) -> tuple[str, int]:
        number = f"<sup>&#91;{token['number']}&#93;</sup>"
        line = self._text.rfind("\n", 0, token.start()) + 1
        before = _LINE_START.match(self._text, line)
        if not token["colon"] or not before or before.end() != token.start():
            return number, token.end() - len(token["colon"] or "")
        if line and self._written:
            self._written[-1] = self._written[-1].rstrip(" \t\n") + "<br>\n" + before[0]
        return f"{number} ", token.end()

    def _target(self, token: re.Match[str]) -> tuple[str, int]:
        target = link_target(self._text, token.end())
        if target and self._marks.depth == 1:
            self._end_of_text_node()
        self._marks.close_bracket(linked=target is not None)
        return (f"]({target.url})", target.end) if target else ("]&#40;", token.end())

    def _url(self, token: re.Match[str]) -> tuple[str, int]:
        link = bare_link(self._text, token.start(), self._written[-1])
        if not link:
            return ":", token.end()
        if not link.written:
            # If the page makes no link, other readers must not make one either.
            in_target = _REFUSED.search(self._text, max(0, token.start() - _FAR), token.start())
            return (":" if in_target else "&#58;"), token.end()
        before = self._written[-1].removesuffix(link.scheme)
        # After that character, the link would be an image.
        self._written[-1] = before[:-1] + "&#33;" if before.endswith("!") else before
        if not self._marks.depth:
            self._end_of_text_node()
        self._marks.add_bare_link(link.shown)
        return link.written, link.end


_NO_REFERENCE = re.compile(r"&(?!#\d{1,7};|#[xX][\da-fA-F]{1,6};|[A-Za-z][A-Za-z\d]{0,31};)")


def _as_html(text: str) -> str:
    broken = re.sub(r"(?: {2,}|\\)\n[ \t]*", "<br> ", text)
    return _NO_REFERENCE.sub("&amp;", re.sub(r"\s*\n\s*", " ", broken))
