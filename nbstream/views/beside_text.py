"""Images and sources of an answer as text, for readers without our front end.

An image is shown only if the answer contains it; a remote image is a link, because the request itself
could leak data.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from nbstream.recording.state import ReplyState
from nbstream.types.attachments import Attachment
from nbstream.types.images import Citation, shortened
from nbstream.views.beside import image_urls, label
from nbstream.views.inert.characters import literal, visible
from nbstream.views.inert.links import link_target

__all__ = ["markdown_lines", "plain_lines", "sent_lines"]


def sent_lines(state: ReplyState, attachments: Sequence[Attachment]) -> list[str]:
    """What was sent besides the words of the prompt: values of variables and attachments.

    Examples
    --------
    >>> sent_lines(ReplyState(), [Attachment("sales.csv")])
    ['Sent with the prompt: sales.csv.']
    """
    prompt = state.prompt
    filled = [f"Filled in: {_flat(prompt.summary)}."] if prompt is not None and prompt.filled else []
    return [visible(line) for line in filled] + ([_attachments_line(attachments)] if attachments else [])


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
    return [visible(_flat(line)) for line in images + sources]


def _attachments_line(attachments: Sequence[Attachment]) -> str:
    return visible(
        f"Sent with the prompt: {'; '.join(_flat(str(attachment)) for attachment in attachments)}."
    )


def _flat(text: str) -> str:
    return " ".join(text.split())


def _image_line(url: str, number: int) -> str:
    if url.startswith("data:"):
        return f"![{label(number)}]({url})"
    return f"{label(number)}: {_linked(Citation(url))}"


def _linked(source: Citation) -> str:
    """A source as a link, or its name if its URL is not valid."""
    target = link_target(f"<{source.url}>)", 0)
    name = source.title or (urlsplit(source.url).hostname if target else "") or source.url
    return f"[{literal(name)}]({target.url})" if target else literal(str(source))
