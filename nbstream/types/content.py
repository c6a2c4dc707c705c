"""The content of a message: text, or a list of content parts in the format of the chat-completions API.

The only module that knows what the parts look like.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from nbstream.errors import ArgumentError

__all__ = [
    "AudioPart",
    "Content",
    "ContentPart",
    "FilePart",
    "ImagePart",
    "TextPart",
    "as_content",
    "content_text",
    "image_part",
    "image_url",
    "image_urls",
    "is_part",
    "part_label",
]


class TextPart(TypedDict):
    """A piece of text."""

    type: Literal["text"]
    text: str


class ImageURL(TypedDict):
    """Where an image is: a web address or a ``data:`` URL."""

    url: str
    detail: NotRequired[Literal["auto", "low", "high"]]


class ImagePart(TypedDict):
    """An image.

    Examples
    --------
    >>> image_part("https://example.com/cat.png")
    {'type': 'image_url', 'image_url': {'url': 'https://example.com/cat.png'}}
    """

    type: Literal["image_url"]
    image_url: ImageURL


class AudioData(TypedDict):
    """Recorded sound in base64."""

    data: str
    format: Literal["wav", "mp3"]


class AudioPart(TypedDict):
    """A recording."""

    type: Literal["input_audio"]
    input_audio: AudioData


class FileData(TypedDict, total=False):
    """A file: its content as a ``data:`` URL, or the id of an uploaded one."""

    filename: str
    file_data: str
    file_id: str


class FilePart(TypedDict):
    """A file, such as a PDF."""

    type: Literal["file"]
    file: FileData


ContentPart = TextPart | ImagePart | AudioPart | FilePart | Mapping[str, Any]
"""A part of a message. A mapping of another type is sent as it is: servers may define other types."""

Content = str | Sequence[ContentPart]


def image_part(url: str) -> ImagePart:
    """The content part of an image."""
    return {"type": "image_url", "image_url": {"url": url}}


def image_url(part: object) -> str | None:
    """The URL of an image part; None for any other part, and for one without a URL.

    Examples
    --------
    >>> image_url(image_part("https://example.com/cat.png"))
    'https://example.com/cat.png'
    >>> image_url({"type": "text", "text": "A cat."}) is None
    True
    """
    if not isinstance(part, Mapping) or part.get("type") != "image_url":
        return None
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, Mapping) else None
    return url if isinstance(url, str) else None


def image_urls(content: Content) -> list[str]:
    """The URLs of the images in a message.

    Examples
    --------
    >>> image_urls([{"type": "text", "text": "A cat."}, image_part("https://example.com/cat.png")])
    ['https://example.com/cat.png']
    """
    urls = () if isinstance(content, str) else map(image_url, content)
    return [url for url in urls if url is not None]


def is_part(part: object) -> bool:
    """Whether a value has the format of a content part; types of other servers are accepted.

    Examples
    --------
    >>> is_part({"type": "text", "text": "A cat."}), is_part({"type": "image_url"}), is_part("A cat.")
    (True, False, False)
    """
    if not isinstance(part, Mapping):
        return False
    match part.get("type"):
        case "text":
            return isinstance(part.get("text"), str)
        case "image_url":
            return image_url(part) is not None
        case kind:
            return isinstance(kind, str)


def as_content(given: object) -> Content:
    """The checked content of a message: text, or content parts from any iterable.

    Raises
    ------
    ArgumentError
        If it is neither.

    Examples
    --------
    >>> as_content(part for part in [{"type": "text", "text": "Hello"}])
    [{'type': 'text', 'text': 'Hello'}]
    """
    content = given if isinstance(given, str) else _parts(given)
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ArgumentError(f"The message cannot be sent as JSON: {error}.") from None
    return content


def part_label(part: ContentPart) -> str:
    """The text of a content part, or a placeholder; empty for an image that is shown separately.

    Examples
    --------
    >>> part_label({"type": "file", "file": {"filename": "report.pdf"}})
    '[file: report.pdf]'
    """
    kind, file = part.get("type"), part.get("file")
    if kind == "text":
        return str(part.get("text", ""))
    url = image_url(part)
    if url is not None:
        return "" if url.startswith("data:") else f"[image: {url}]"
    name = file.get("filename") if isinstance(file, Mapping) else None
    return f"[{kind}: {name}]" if isinstance(name, str) else f"[{kind}]"


def content_text(content: Content) -> str:
    """The content of a message without its images."""
    return content if isinstance(content, str) else "\n\n".join(filter(None, map(part_label, content)))


def _parts(given: object) -> list[ContentPart]:
    parts = list(given) if isinstance(given, Iterable) and not isinstance(given, Mapping | bytes) else []
    if not parts or not all(isinstance(part, Mapping) and "type" in part for part in parts):
        raise ArgumentError(
            f"A message is text or a list of content parts, not {type(given).__name__}.",
            advice='Pass str(…) of it, or parts such as {"type": "text", "text": …}.',
        )
    return parts
