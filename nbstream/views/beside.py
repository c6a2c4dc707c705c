"""Images and sources of an answer as JSON, for the page and the notebook.

A notebook stores an image once, in the Markdown; the JSON refers to it by its label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nbstream.recording.state import ReplyState
from nbstream.types.attachments import Attachment
from nbstream.types.images import Image, shortened

__all__ = [
    "attachment_rows",
    "citation_rows",
    "fit_images",
    "image_urls",
    "images_left_out",
    "label",
    "with_labels",
]

MOST_IMAGE_CHARS = 6_000_000
"""Of all images that a view shows and a notebook keeps; a kernel keeps more."""
MOST_THUMBNAILS = 12
"""Of about 5 kB each; a notebook keeps no more of them."""
_NOT_KEPT = "The images of this answer are too large to save in the notebook."


def image_urls(state: ReplyState) -> list[str]:
    """URLs of the shown images."""
    return [image.url for image, fits in _judged(state) if fits]


def images_left_out(state: ReplyState) -> str:
    """Notice about images that are too large to show; empty if there are none."""
    left_out = [shortened(image.url) for image, fits in _judged(state) if not fits]
    if not left_out:
        return ""
    return f"Too large to show here, but kept in reply.images: {'; '.join(left_out)}."


def citation_rows(state: ReplyState) -> list[dict[str, str]]:
    """The sources as JSON."""
    return [{"url": source.url, "title": source.title} for source in state.citations]


def attachment_rows(attachments: Sequence[Attachment]) -> list[dict[str, str]]:
    """The attachments of a prompt as JSON, with only the first thumbnails of many."""
    rows = [attachment.as_dict() for attachment in attachments]
    for row in rows[MOST_THUMBNAILS:]:
        row.pop("thumbnail", None)
    return rows


def with_labels(reply: Mapping[str, Any]) -> dict[str, Any]:
    """A saved reply whose images are only in its Markdown."""
    urls = reply.get("images", ())
    named = [label(number) if url.startswith("data:") else url for number, url in enumerate(urls, 1)]
    return {**reply, "images": named} if named else dict(reply)


def _judged(state: ReplyState) -> list[tuple[Image, bool]]:
    """Each image, and whether it fits."""
    room, judged = MOST_IMAGE_CHARS, []
    for image in state.images:
        room -= len(image.url)
        judged.append((image, room >= 0))
        room += 0 if room >= 0 else len(image.url)
    return judged


def fit_images(reply: dict[str, Any], room: int) -> int:
    """Remove images that do not fit from a saved reply, with a notice.

    Parameters
    ----------
    reply
        As returned by `nbstream.views.snapshot.saved_reply`.
    room
        Available characters for its images.

    Returns
    -------
    int
        Characters used by them.
    """
    size = sum(map(len, reply.get("images", ())))
    if size <= room:
        return size
    del reply["images"]
    reply["notices"] = [*reply["notices"], {"kind": "images", "text": _NOT_KEPT}]
    return 0


def label(number: int) -> str:
    """The label of an image, numbered from 1."""
    return f"Image {number}"
