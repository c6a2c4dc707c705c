"""What a page of HTML says: its blocks with their text, marks, links, code and formulas, whatever drew it."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from urllib.parse import unquote

from nbstream.views.inert.tex import formula

_BLOCKS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "table", "tr", "th", "td"),
    *("hr", "div", "section", "dl", "dt", "dd"),
}
_NAMED = {"strong": "b", "b": "b", "em": "i", "i": "i", "del": "s", "s": "s"}
_MARKS = {*_NAMED, "code", "sub", "sup", "u", "mark", "ins", "kbd"}
# Blocks that say nothing by themselves: their content does.
_SILENT = {"p", "div", "section", "tbody", "thead", "dl", "dd", "dt"}
_VOID = {"br", "hr", "input", "img", "wbr"}
# MathJax finds formulas within one element.
_EDGE = "\x00"
_FORMULA = re.compile(
    r"\$\$(?P<display>(?:\\.|[^$\\\x00⟨])+?)\$\$|\$(?P<inline>(?:\\.|[^$\\\x00⟨])+?)\$", re.DOTALL
)


class Outline(HTMLParser):
    """Reads a page.

    Parameters
    ----------
    page
        Its HTML.
    dollars
        Whether a formula is TeX between dollars, as it is before MathJax has typeset it.

    Attributes
    ----------
    lines : list of str
        One line for each block that says something: where it stands, and its text.
    """

    def __init__(self, page: str, *, dollars: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self._dollars = dollars
        self._open: list[tuple[str, str]] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._formula: list[str] | None = None
        self._code: list[str] | None = None
        self._skipped = 0
        self.lines: list[str] = []
        self.feed(page)
        self.close()
        self._flush()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        kind, end = self._start(tag, attributes)
        if tag not in _VOID:
            self._open.append((tag, kind))
        self._text.append(end)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def _start(self, tag: str, attributes: dict[str, str]) -> tuple[str, str]:
        """What is to be done at the end of an element, and what its start says."""
        classes = attributes.get("class", "").split()
        if self._skipped or _is_own(tag, classes):
            self._skipped += tag not in _VOID
            return "skip", ""
        if "nbs-math" in classes:
            self._formula = []
            return "formula", ""
        if self._formula is not None or self._code is not None:
            return "", ""
        if tag == "pre" or "nbs-code" in classes:
            self._flush()
            self._code = []
            return "pre", ""
        return self._ordinary(tag, classes, attributes)

    def _ordinary(self, tag: str, classes: list[str], attributes: dict[str, str]) -> tuple[str, str]:
        if tag == "br":
            return "", "⏎"
        if tag == "input" or "nbs-box" in classes:
            done = "checked" in attributes or "nbs-box-done" in classes
            return "", "☑ " if done else "☐ "
        if tag == "button":
            return _link(attributes.get("title", ""))
        if "nbs-refused" in classes:
            return f"refused {attributes.get('title', '').removeprefix('Not a web address: ')}", "["
        if tag == "a":
            return _link(attributes.get("href", ""))
        if tag in _MARKS:
            name = _NAMED.get(tag, tag)
            return f"mark {name}", f"⟨{name}⟩"
        if tag in _BLOCKS:
            self._flush()
            if tag == "hr":
                self.lines.append("/".join([*self._path, "hr"]))
            if tag not in _SILENT and tag != "hr":
                self._path.append(tag)
                return "block", ""
            return "flush", ""
        return ("edge", _EDGE) if tag == "span" else ("", "")

    def handle_endtag(self, tag: str) -> None:
        while any(opened == tag for opened, _ in self._open):
            opened, kind = self._open.pop()
            self._end(kind)
            if opened == tag:
                return

    def _end(self, kind: str) -> None:
        if kind == "skip":
            self._skipped -= 1
        elif kind == "formula":
            source, self._formula = "".join(self._formula or []), None
            self._text.append(_formula(source))
        elif kind == "pre":
            source, self._code = "".join(self._code or []), None
            self.lines.append("/".join([*self._path, "pre"]) + ": " + repr(source.strip("\n")))
        elif kind.startswith("link "):
            self._text.append(kind.removeprefix("link "))
        elif kind.startswith("refused "):
            self._text.append(f"]({kind.removeprefix('refused ')})")
        elif kind == "edge":
            self._text.append(_EDGE)
        elif kind.startswith("mark "):
            self._text.append(f"⟨/{kind.removeprefix('mark ')}⟩")
        elif kind in {"block", "flush"}:
            self._flush()
            if kind == "block":
                self._path.pop()

    def handle_data(self, data: str) -> None:
        if self._skipped:
            return
        if self._formula is not None:
            self._formula.append(data)
        elif self._code is not None:
            self._code.append(data)
        else:
            self._text.append(data)

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        if self._dollars:
            text = _FORMULA.sub(lambda found: _formula(found["display"] or found["inline"]), text)
        text = _plain(text)
        if text:
            self._add("/".join(self._path) + ": ", text)

    def _add(self, place: str, text: str) -> None:
        """Add a line; a formula on display is in a block of its own or in its paragraph."""
        last = self.lines[-1] if self.lines else ""
        if last.startswith(place) and (text.startswith("⟦") or last.endswith("⟧")):
            self.lines[-1] += text
        else:
            self.lines.append(place + text)


def _is_own(tag: str, classes: list[str]) -> bool:
    """What a host adds of its own accord: hosts of links, headers of code, anchors of headings."""
    own = {"nbs-host", "nbs-code-header", "anchor-link", "jp-InternalAnchorLink"}
    return bool(own & set(classes)) or tag in {"style", "script"}


def _link(href: str) -> tuple[str, str]:
    if href.startswith(("mailto:", "http://www.")):
        return "", ""  # GitHub makes links of bare mail addresses and of www, the page does not
    return "link ⟨/a⟩", f"⟨a {_address(href)}⟩"


def _address(href: str) -> str:
    return unquote(html.unescape(href)).rstrip("/")


def _formula(source: str) -> str:
    """TeX as it is saved; a formula that must not be typeset as its source."""
    found = formula(source)
    if found and not found.harmless:
        return f"⟨code⟩{' '.join(source.split())}⟨/code⟩"
    tex = found.tex if found else source
    return "⟦" + re.sub(r"[\s{}]+", "", tex) + "⟧"


def _plain(text: str) -> str:
    """`text` with white space collapsed; none is left beside formulas and line breaks, and no empty mark."""
    text = " ".join(text.replace(_EDGE, "").replace("\N{PILCROW SIGN}", " ").replace("\xa0", " ").split())
    text = re.sub(r" *(⟦[^⟧]*⟧|⏎) *", r"\1", text)
    text = re.sub(r"⏎+", "⏎", text).strip("⏎ ")
    text = re.sub(r"\[([^\]]+)\]\(\1\)", r"\1", text)
    text = re.sub(r"(?:(?<=⟩)| · )Load image from [^⟨]+", "", text).replace("⟩⟨/a⟩", "⟩image⟨/a⟩")
    return text.replace("⟨i⟩⟨/i⟩", "").replace("⟨b⟩⟨/b⟩", "")
