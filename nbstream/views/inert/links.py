"""Link targets: read as leniently as any parser might, written in one strict form or not at all.

A strict target holds no quote, bracket, space or backslash, so that no parser ends it elsewhere; no dollar;
and no two ``@`` side by side, with which JupyterLab marks the places of formulas, in attributes too. Titles
are left out: they would be attributes with free text.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple
from urllib.parse import quote

from nbstream.views.inert.characters import PUNCTUATION, referenced

__all__ = ["BareLink", "LinkTarget", "autolink", "bare_link", "definition", "link_target"]

_TITLE = r"""(?:"[^"\n]*+"|'[^'\n]*+'|\([^()\n]*+\))"""
_PLAIN = r"[^\s()\[\]<>\\`]|\\[!-~]"
_TARGET = re.compile(
    rf"[ \t]*+(?:<(?P<angled>[^<>\n]*+)>|(?P<plain>(?:{_PLAIN}|\((?:{_PLAIN})*+\))*+))"
    rf"(?:[ \t]++{_TITLE})?+[ \t]*+\)"
)
_DEFINITION = re.compile(
    r"(?P<label>[ \t]*+\[(?!\^)[^\[\]\\`<>$&\n]{1,200}\]:)[ \t]*+"
    r"(?:<(?P<angled>[^<>\s]*+)>|(?P<plain>[^\s<]\S*+))"
    rf"(?:[ \t]++{_TITLE})?+[ \t]*+"
)
# As in the page (js/render/bare-url.ts): it ends before full-width punctuation and curved quotes.
_BARE = re.compile(
    'https?://[^\\s<>"`\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2018-\u201f\u2026\u202a-\u202e\u2066-\u2069\u3001-\u303f'
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]{1,2000}",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?<![a-z\d+.-])https?$", re.IGNORECASE)
_MEANS_SOMETHING = re.compile(r"[*_~$\\{|\[\]]")
_AUTOLINK = re.compile(r"<(?P<url>(?:https?://|mailto:)[^\s<>]*+)>", re.IGNORECASE)

# Only with a semicolon, as in CommonMark: "?a=1&copy=2" has none.
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{0,31});")
_ESCAPE = re.compile(rf"\\({PUNCTUATION})")
# Characters that browsers remove from a URL, or that are invisible in it.
_UNSEEN = re.compile("[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff]")
# An authority without a user name, which could fake a host.
_ALLOWED = re.compile(r"https?://[\w.~%:-]+(?:[/?#][^\\]*)?|mailto:[^/\\][^\\]*", re.IGNORECASE)
_KEPT = "/:?#@&+,;=%~"


class LinkTarget(NamedTuple):
    """Where a link leads, in the strict form, and where it ends in the text."""

    url: str
    end: int


def link_target(text: str, start: int) -> LinkTarget | None:
    """Read the target of an inline link whose ``](`` ends at `start`; None where it must not be a link."""
    found = _TARGET.match(text, start)
    url = _strict(found["angled"] or found["plain"] or "") if found else None
    return LinkTarget(url, found.end()) if found and url else None


def definition(line: str) -> str | None:
    """A link reference definition (CommonMark 4.7) in the strict form; None where `line` is none."""
    found = _DEFINITION.fullmatch(line)
    url = _strict(found["angled"] or found["plain"] or "") if found else None
    return f"{found['label']} {url}" if found and url else None


def autolink(text: str, start: int) -> tuple[str, int] | None:
    """The ``<https://…>`` at `start` as an inline link, and where it ends; None where there is none."""
    found = _AUTOLINK.match(text, start)
    url = _strict(found["url"]) if found else None
    if not found or not url:
        return None
    shown = re.sub("[_~]", lambda sign: referenced(sign[0]), url)
    return f"[{shown}]({url})", found.end()


class BareLink(NamedTuple):
    """A bare URL in the text.

    Parameters
    ----------
    scheme
        The part before the colon.
    written
        The link; "" where it must not be one.
    shown
        Its text alone.
    end
        Where it ends in the text.
    """

    scheme: str
    written: str
    shown: str
    end: int


def bare_link(text: str, colon: int, before: str) -> BareLink | None:
    """The address whose scheme ends `before`, and whose ``://`` starts at `colon`; None where it is none."""
    scheme = _SCHEME.search(before[-6:])
    found = _BARE.match(text, colon - len(scheme[0])) if scheme else None
    # It may be the text of a link, which ends there.
    raw = _without_punctuation(found[0].partition("](")[0]) if found else ""
    url = _strict(raw) if re.match(r"https?://[^/?#]", raw, re.IGNORECASE) else None
    if not scheme or not found:
        return None
    shown = _MEANS_SOMETHING.sub(lambda sign: referenced(sign[0]), raw)
    written = f"[{shown}]({url})" if url else ""
    return BareLink(scheme[0], written, shown, found.start() + len(raw))


def _without_punctuation(url: str) -> str:
    """Punctuation at the end and a closing parenthesis without its opening one belong to the sentence."""
    while url[-1:] and (url[-1] in "?!.,:;*_~'\"]}" or (url[-1] == ")" and url.count("(") < url.count(")"))):
        url = url[:-1]
    return url


def _strict(raw: str) -> str | None:
    decoded = _REFERENCE.sub(lambda reference: html.unescape(reference[0]), raw)
    url = _UNSEEN.sub("", _ESCAPE.sub(r"\1", decoded))
    if not _ALLOWED.fullmatch(url):
        return None
    return re.sub("(?<=@)@", "%40", quote(url, safe=_KEPT)).replace("&", "&amp;")
