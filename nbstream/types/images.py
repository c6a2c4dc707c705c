"""Images and sources of an answer."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Citation", "Image", "shortened"]

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of an answer: what ``[1]`` in its text stands for, where the model writes that.

    Parameters
    ----------
    url
        Its address; empty where the server named none.
    title
        Its title; empty where the server named none.
    """

    url: str
    title: str = ""

    def __str__(self) -> str:
        return f"{self.title}: {self.url}" if self.title and self.url else self.title or self.url


@dataclass(frozen=True, slots=True)
class Image:
    """An image of an answer. As the value of a cell it is shown, unless it is on the web.

    Parameters
    ----------
    url
        A ``data:`` URL that holds the image, or its address on the web, which is never loaded.

    Examples
    --------
    >>> image = Image("data:image/gif;base64,R0lGODlhAQABAAAAADs=")
    >>> image.mimetype, len(image.data)
    ('image/gif', 14)
    """

    url: str = field(repr=False)

    @property
    def mimetype(self) -> str:
        """Kind of the image, such as ``image/png``; empty for one on the web."""
        head, comma, _ = self.url.partition(";base64,")
        return head.removeprefix("data:") if comma and head.startswith("data:") else ""

    @property
    def data(self) -> bytes:
        """The image itself; empty for one on the web."""
        try:
            return base64.b64decode(self.url.partition(",")[2]) if self.mimetype else b""
        except binascii.Error:
            return b""

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, str]:
        plain = {"text/plain": shortened(self.url)}
        return {self.mimetype: self.url.partition(",")[2], **plain} if self.mimetype else plain


def shortened(url: str) -> str:
    """An address for a reader: of a ``data:`` URL its kind and size.

    Examples
    --------
    >>> shortened("data:image/png;base64,iVBORw0KGgo=")
    'data:image/png;base64, 34 characters'
    """
    if url.startswith("data:"):
        return f"{url.partition(',')[0][:_SHOWN]}, {len(url):,} characters"
    return url if len(url) <= _SHOWN else f"{url[:_SHOWN]}…"
