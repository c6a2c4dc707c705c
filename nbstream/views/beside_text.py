"""Images and sources of an answer as text, for readers without our front end.

An image is shown only if the answer contains it; a remote image is a link, because the request itself
could leak data.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from nbstream.record.state import ReplyState
from nbstream.types.attachments import Attachment
from nbstream.types.images import Citation, shortened
from nbstream.views.beside import image_urls, label
from nbstream.views.inert.characters import literal, visible
from nbstream.views.inert.links import link_target

__all__ = ["attachments_line", "markdown_lines", "plain_lines"]


def attachments_line(attachments: Sequence[Attachment]) -> str:
    """What was sent with the prompt, in one line; empty if nothing was.

    Examples
    --------
    >>> attachments_line([Attachment("fig", "PNG, 12 kB"), Attachment("sales.csv")])
    'Sent with the prompt: fig: PNG, 12 kB; sales.csv.'
    """
    if not attachments:
        return ""
    return visible(f"Sent with the prompt: {'; '.join(' '.join(str(a).split()) for a in attachments)}.")


def markdown_lines(state: ReplyState) -> list[str]:
    """Images and sources as inert Markdown, each a paragraph."""
    lines = [_image_line(url, number) for number, url in enumerate(image_urls(state), 1)]
    if state.citations:
        linked = (f"{number}. {_linked(source)}" for number, source in enumerate(state.citations, 1))
        lines.append(f"Sources: {' · '.join(linked)}")
    return lines


def plain_lines(state: ReplyState) -> list[str]:
    """The same for a terminal; images by type and size."""
    images = [f"[{label(number)}: {shortened(image.url)}]" for number, image in enumerate(state.images, 1)]
    sources = [f"[{number}] {source}" for number, source in enumerate(state.citations, 1)]
    return [visible(" ".join(line.split())) for line in images + sources]


def _image_line(url: str, number: int) -> str:
    if url.startswith("data:"):
        return f"![{label(number)}]({url})"
    return f"{label(number)}: {_linked(Citation(url))}"


def _linked(source: Citation) -> str:
    """A source as a link, or its name if its URL is not valid."""
    target = link_target(f"<{source.url}>)", 0)
    name = source.title or (urlsplit(source.url).hostname if target else "") or source.url
    return f"[{literal(name)}]({target.url})" if target else literal(str(source))
