"""Reading a page of HTML: what is on it that could act, and what a reader sees of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

# Everything that a Markdown renderer makes of inert Markdown, with the attributes it may have.
PLAIN = "blockquote br dd del dl dt em hr ins kbd mark p pre s strong sub sup table tbody thead tr u ul"
ELEMENTS: dict[str, set[str]] = {
    **{name: set() for name in PLAIN.split(" ")},
    **{f"h{level}": {"id"} for level in range(1, 7)},
    "a": {"href", "class"},
    "code": {"class"},
    "div": {"class"},
    "input": {"class", "type", "disabled", "checked"},
    "li": {"class"},
    "ol": {"start"},
    "span": {"class"},
    "td": {"style"},
    "th": {"style"},
}
# JupyterLab writes "http:/x" for a bare address that no one could reach.
TARGET = re.compile(r"https?:/|mailto:[^/]", re.IGNORECASE)
# Classes of the links that nbconvert and JupyterLab put beside headings.
OF_HEADINGS = {"anchor-link", "jp-InternalAnchorLink"}
FIXED = {
    "style": re.compile(r"text-align: ?(?:left|center|right)"),
    "type": re.compile(r"checkbox"),
    "class": re.compile(r"[\w #+.-]*"),
}
BLOCKS = {
    "p",
    "li",
    "pre",
    "br",
    "tr",
    "td",
    "th",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "dt",
    "dd",
    "hr",
    "blockquote",
}


class Page(HTMLParser):
    """What a browser would find in `html`.

    Parameters
    ----------
    html
        A page or a part of one.
    own
        Attributes by element that the host adds of its own accord.

    Attributes
    ----------
    violations : list of str
        Elements, attributes and addresses that are not in the closed lists.
    links : list of str
        Addresses of the links, without those by which headings link to themselves.
    text : str
        What is to be read, with white space and paragraph signs collapsed.
    code : list of str
        The text of each block of code.
    """

    def __init__(self, html: str, own: Mapping[str, set[str]] | None = None) -> None:
        super().__init__(convert_charrefs=True)
        self._own = own or {}
        self.violations: list[str] = []
        self.links: list[str] = []
        self.code: list[str] = []
        self._text: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return " ".join("".join(self._text).replace("\N{PILCROW SIGN}", " ").split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        if tag in BLOCKS:
            self._text.append(" ")
        if tag == "pre":
            self.code.append("")
        if tag not in ELEMENTS:
            self.violations.append(f"<{tag}>")
        for name, value in attrs:
            self._attribute(tag, name, value or "", own=dict(attrs).get("class") in OF_HEADINGS)

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self._text.append(" ")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._text.append(data)
        if "pre" in self._open:
            self.code[-1] += data

    def handle_comment(self, data: str) -> None:
        self.violations.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.violations.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.violations.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.violations.append(f"<?{data}>")

    def _attribute(self, tag: str, name: str, value: str, *, own: bool) -> None:
        known = name in ELEMENTS.get(tag, set()) | self._own.get(tag, set())
        if name == "href":
            if not own:
                self.links.append(value)
            known = known and bool(TARGET.match(value) or (own and value.startswith("#")))
        if name in FIXED:
            known = known and bool(FIXED[name].fullmatch(value))
        if not known:
            self.violations.append(f"<{tag} {name}={value!r}>")
