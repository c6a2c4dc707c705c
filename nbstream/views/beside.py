"""Images and sources of an answer as JSON, for the page and for the notebook.

A notebook keeps an image once, in the Markdown: the JSON names it by its label there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbstream.record.state import ReplyState
from nbstream.types.images import Image, shortened

__all__ = ["citation_rows", "fit_images", "image_urls", "images_left_out", "label", "with_labels"]

MOST_IMAGE_CHARS = 6_000_000
"""Of all images that a view shows and a notebook keeps; a kernel keeps more."""
_NOT_KEPT = "The images of this answer are too large to save in the notebook."


def image_urls(state: ReplyState) -> list[str]:
    """Addresses of the images that are shown."""
    return [image.url for image, fits in _judged(state) if fits]


def images_left_out(state: ReplyState) -> str:
    """That there are images which are too large to be shown; empty where there are none."""
    left_out = [shortened(image.url) for image, fits in _judged(state) if not fits]
    if not left_out:
        return ""
    return f"Too large to show here, but kept in reply.images: {'; '.join(left_out)}."


def citation_rows(state: ReplyState) -> list[dict[str, str]]:
    """The sources as JSON."""
    return [{"url": source.url, "title": source.title} for source in state.citations]


def with_labels(reply: Mapping[str, Any]) -> dict[str, Any]:
    """A saved reply whose images stand in the Markdown beside it, and only there."""
    urls = reply.get("images", ())
    named = [label(number) if url.startswith("data:") else url for number, url in enumerate(urls, 1)]
    return {**reply, "images": named} if named else dict(reply)


def _judged(state: ReplyState) -> list[tuple[Image, bool]]:
    """Each image, and whether there is room for it."""
    room, judged = MOST_IMAGE_CHARS, []
    for image in state.images:
        room -= len(image.url)
        judged.append((image, room >= 0))
        room += 0 if room >= 0 else len(image.url)
    return judged


def fit_images(reply: dict[str, Any], room: int) -> int:
    """Take the images out of a saved reply where there is no room for them, and say so there.

    Parameters
    ----------
    reply
        As `nbstream.views.snapshot.saved_reply` gives it.
    room
        Characters that its images may take.

    Returns
    -------
    int
        Characters that they take.
    """
    size = sum(map(len, reply.get("images", ())))
    if size <= room:
        return size
    del reply["images"]
    reply["notices"] = [*reply["notices"], {"kind": "images", "text": _NOT_KEPT}]
    return 0


def label(number: int) -> str:
    """What the image of that number is called, from 1."""
    return f"Image {number}"
