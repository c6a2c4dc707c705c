"""Links of the built site: where they lead, and that nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["Page", "problems", "read"]

LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "srcset", "link": "href", "video": "src"}


class Page(HTMLParser):
    """What a page of HTML refers to.

    Attributes
    ----------
    anchors : set of str
        The ids of its elements.
    links : list of str
        Where its links lead.
    loaded : list of str
        What a browser loads for it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element refers to."""
        found = {name: value for name, value in attrs if value}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if (name := LOADING.get(tag)) in found and name is not None:
            self.loaded.append(found[name])


def read(text: str) -> Page:
    """Read a page.

    Examples
    --------
    >>> page = read('<h2 id="top">Top</h2><a href="#top">up</a><img src="a.png">')
    >>> page.anchors, page.links, page.loaded
    ({'top'}, ['#top'], ['a.png'])
    """
    page = Page()
    page.feed(text)
    return page


def problems(site: Path) -> Iterator[str]:
    """What is wrong with the links of a built site, one line each."""
    own = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    pages = {path: read(path.read_text(encoding="utf-8")) for path in own}
    for path, page in pages.items():
        name = path.relative_to(site)
        for target in page.loaded:
            if urlsplit(target).netloc:
                yield f"{name} loads {target} from elsewhere"
        for link in [*page.links, *page.loaded]:
            if (wrong := _problem(path, link, pages)) is not None:
                yield f"{name}: {link} {wrong}"


def _problem(path: Path, link: str, pages: dict[Path, Page]) -> str | None:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return "leads to no file"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].anchors:
        return "leads to no heading"
    return None
