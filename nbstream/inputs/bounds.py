"""Keeps images within what model servers accept, and makes thumbnails of them.

Pillow is used if it is installed, and required only for an image that must be changed.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

from nbstream.errors import ArgumentError, MissingPackageError

__all__ = ["Fitted", "fitted", "thumbnail"]

LONG_SIDE = 2048
"""Pixels of the longer side. Servers scale larger images down."""
MOST_BYTES = 5_000_000
_THUMBNAIL_SIDE = 160
_THUMBNAIL_BYTES = 12_000
_JPEG_QUALITY = 85
_SMALLEST_SIDE = 64

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


@dataclass(frozen=True, slots=True)
class Fitted:
    """An image within the bounds, as the bytes of a file.

    Parameters
    ----------
    data, mimetype
        The file.
    note
        Its size and format, and how it was changed.
    """

    data: bytes
    mimetype: str
    note: str


def fitted(data: bytes, name: str) -> Fitted:
    """An image as it can be sent: PNG, JPEG, GIF or WebP within the bounds.

    Raises
    ------
    ConfigError
        If the bytes are not an image, or Pillow is needed and not installed.
    """
    mimetype = _mimetype(data)
    image = _opened(data, name, required=not mimetype or len(data) > MOST_BYTES)
    if image is None:
        return Fitted(data, mimetype, f"{_format(mimetype)}, {_size(data)}")
    size = image.size
    if mimetype and len(data) <= MOST_BYTES and max(size) <= LONG_SIDE:
        return Fitted(data, mimetype, f"{_pixels(size)} {_format(mimetype)}, {_size(data)}")
    smaller, new_type, new_size = _within(image, name)
    parts = [f"{_pixels(new_size)} {_format(new_type)}, {_size(smaller)}"]
    parts += [f"resized from {_pixels(size)}"] if sorted(new_size) != sorted(size) else ["converted"]
    return Fitted(smaller, new_type, ", ".join(parts))


def thumbnail(image: Fitted) -> str:
    """A small copy as a ``data:`` URL; empty if the image is not small and Pillow is not installed."""
    data, mimetype = image.data, image.mimetype
    if len(data) > _THUMBNAIL_BYTES:
        opened = _opened(data, "", required=False)
        if opened is None:
            return ""
        opened.thumbnail((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE))
        data, mimetype = _encoded(_on_white(opened), "JPEG"), "image/jpeg"
    return f"data:{mimetype};base64,{base64.b64encode(data).decode()}"


def _mimetype(data: bytes) -> str:
    """The format by the first bytes; empty if servers do not accept it."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for begin, kind in _SIGNATURES if data.startswith(begin)), "")


def _opened(data: bytes, name: str, *, required: bool) -> Any:
    """A PIL image; None without Pillow, unless it is required."""
    try:
        from PIL import Image, ImageOps
    except ImportError:
        if required:
            raise _unchangeable(data, name) from None
        return None
    try:
        with Image.open(io.BytesIO(data)) as image:
            return ImageOps.exif_transpose(image)
    except Image.DecompressionBombError as error:
        raise ArgumentError(
            f"{name}: the image has too many pixels.", advice="Make it smaller first."
        ) from error
    except Exception as error:
        raise ArgumentError(
            f"{name}: these bytes are not an image that can be read.",
            advice="Send a PNG, JPEG, GIF or WebP file.",
        ) from error


def _unchangeable(data: bytes, name: str) -> ArgumentError | MissingPackageError:
    what = (
        f"is larger than {MOST_BYTES / 1e6:.0f} MB" if _mimetype(data) else "is not a PNG, JPEG, GIF or WebP"
    )
    advice = "Install Pillow to convert it: %pip install pillow"
    return MissingPackageError(f"{name}: the image {what}.", advice=advice)


def _within(image: Any, name: str) -> tuple[bytes, str, tuple[int, int]]:
    """An image as PNG, or as JPEG where that is too large, made smaller until it fits."""
    side = min(LONG_SIDE, max(image.size))
    while side >= _SMALLEST_SIDE or side == max(image.size):
        smaller = image.copy()
        smaller.thumbnail((side, side))
        for kind, converted in (("PNG", _plain), ("JPEG", _on_white)):
            data = _encoded(converted(smaller), kind)
            if len(data) <= MOST_BYTES:
                return data, f"image/{kind.lower()}", smaller.size
        side //= 2
    raise ArgumentError(f"{name}: the image cannot be made small enough.", advice="Send a part of it.")


def _plain(image: Any) -> Any:
    return image if image.mode in {"1", "L", "LA", "P", "RGB", "RGBA"} else image.convert("RGB")


def _on_white(image: Any) -> Any:
    """An image without transparency, which JPEG does not have."""
    from PIL import Image

    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def _encoded(image: Any, kind: str) -> bytes:
    with io.BytesIO() as file:
        image.save(file, kind, **({"quality": _JPEG_QUALITY} if kind == "JPEG" else {"optimize": True}))
        return file.getvalue()


def _format(mimetype: str) -> str:
    return {"image/webp": "WebP"}.get(mimetype, mimetype.removeprefix("image/").upper())


def _pixels(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _size(data: bytes) -> str:
    return f"{len(data) / 1e6:.1f} MB" if len(data) >= 1e6 else f"{max(1, round(len(data) / 1000))} kB"
