"""Images of a notebook as content parts: figures, PIL images, arrays, bytes, files and URLs."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import NamedTuple

from nbstream.errors import ArgumentError, FileError
from nbstream.inputs import bounds
from nbstream.inputs.pictures import picture_of
from nbstream.types.attachments import Attachment
from nbstream.types.content import ImagePart, image_part
from nbstream.types.images import Image

__all__ = ["IMAGE_SUFFIXES", "ImageInput", "image_input", "is_image_url"]

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"})
_DATA_URL = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)
_WEB_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_ACCEPTED = "Send a figure, a PIL image, a NumPy array, or the bytes, the path or the URL of an image."
_SHOWN_URL = 80


class ImageInput(NamedTuple):
    """An image as a content part, and its description for the reader."""

    part: ImagePart
    shown: Attachment


def image_input(value: object, name: str) -> ImageInput | None:
    """An image from a value of the notebook; None if the value is not an image.

    Parameters
    ----------
    value
        A figure, a PIL image, an array, bytes, a path, a URL or an `Image` of an answer.
    name
        How it is called where the figure has no title.

    Raises
    ------
    ConfigError
        If it is an image that cannot be sent.
    """
    if isinstance(value, Image):
        value = value.url
    if isinstance(value, str):
        return _of_url(value, name)
    if isinstance(value, Path):
        return _sent(_read(value), value.name, value.name) if value.suffix.lower() in IMAGE_SUFFIXES else None
    if isinstance(value, bytes | bytearray):
        return _sent(bytes(value), name, name)
    picture = picture_of(value, name)
    return None if picture is None else _sent(picture.data, name, picture.title or name)


def required_image(value: object, name: str) -> ImageInput:
    """An image from a value that was named as one.

    Raises
    ------
    ConfigError
        If it is not an image, or cannot be sent.
    """
    found = image_input(value, name)
    if found is None:
        raise ArgumentError(f"{name} is not an image but a {type(value).__name__}.", advice=_ACCEPTED)
    return found


def is_image_url(text: str) -> bool:
    """Whether a text is the URL of an image: a ``data:`` URL, or a web address that ends like an image.

    Examples
    --------
    >>> is_image_url("https://example.com/cat.png?size=2"), is_image_url("Look at https://example.com/cat.png")
    (True, False)
    """
    address = re.split(r"[?#]", text)[0].lower()
    is_web = _WEB_URL.fullmatch(text) is not None
    return _DATA_URL.match(text) is not None or (is_web and address.endswith(tuple(IMAGE_SUFFIXES)))


def _of_url(url: str, name: str) -> ImageInput | None:
    """A web address is sent as it is, and never requested from here."""
    found = _DATA_URL.match(url)
    if found is None:
        if _WEB_URL.fullmatch(url) is None:
            return None
        label = url if len(url) <= _SHOWN_URL else f"{url[:_SHOWN_URL]}…"
        return ImageInput(image_part(url), Attachment(label, "the server loads it", label))
    try:
        data = base64.b64decode(url[found.end() :], validate=True)
    except ValueError:
        raise ArgumentError(
            f"{name}: the data: URL of this image is damaged.", advice="Send the bytes of the image instead."
        ) from None
    return _sent(data, name, name)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.", advice="Check the path.") from None


def _sent(data: bytes, name: str, alt: str) -> ImageInput:
    fitted = bounds.fitted(data, name)
    url = f"data:{fitted.mimetype};base64,{base64.b64encode(fitted.data).decode()}"
    return ImageInput(image_part(url), Attachment(name, fitted.note, alt, bounds.thumbnail(fitted)))
