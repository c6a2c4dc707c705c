"""A list of texts, content parts, images and files as the content of a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nbstream.errors import ArgumentError
from nbstream.inputs.files import file_block
from nbstream.inputs.images import image_input, is_image_url
from nbstream.types.attachments import Attachment, Prepared
from nbstream.types.content import ContentPart, as_content

__all__ = ["from_values", "joined"]

_ADVICE = (
    'Pass str(…) of it, parts such as {"type": "text", "text": …}, figures, images, or the pathlib.Path '
    "of a file."
)


def from_values(values: Sequence[object]) -> Prepared:
    r"""The content of a message from a list.

    Raises
    ------
    ConfigError
        If a value cannot be sent.

    Examples
    --------
    >>> from_values(["Hello", "world"]).content
    'Hello\n\nworld'
    """
    parts: list[Any] = []
    shown: list[Attachment] = []
    for number, value in enumerate(values, 1):
        part, attachment = _part(value, number)
        parts.append(part)
        shown += [attachment] if attachment else []
    untouched = any(isinstance(value, Mapping) for value in values)
    return Prepared(as_content(parts if untouched else joined(parts)), tuple(shown))


def joined(parts: Sequence[ContentPart]) -> Any:
    """Parts that are all text as one text, which every server accepts."""
    if all(part.get("type") == "text" for part in parts):
        return "\n\n".join(str(part.get("text")) for part in parts)
    return list(parts)


def _part(value: object, number: int) -> tuple[ContentPart, Attachment | None]:
    if isinstance(value, Mapping):
        return value, None
    if isinstance(value, str) and not is_image_url(value):
        return {"type": "text", "text": value}, None
    image = image_input(value, f"image {number}")
    if image is not None:
        return image
    if isinstance(value, Path):
        return file_block(value)
    raise ArgumentError(
        f"A message is text or a list of content parts, not a list with a {type(value).__name__}.",
        advice=_ADVICE,
    )
