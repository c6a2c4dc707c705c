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
    """A source of an answer: the target of ``[1]`` in its text.

    Parameters
    ----------
    url
        Its URL; empty if the server sent none.
    title
        Its title; empty if the server sent none.
    """

    url: str
    title: str = ""

    def __str__(self) -> str:
        return f"{self.title}: {self.url}" if self.title and self.url else self.title or self.url


@dataclass(frozen=True, slots=True)
class Image:
    """An image of an answer. As the value of a cell it is displayed, unless it is remote.

    Parameters
    ----------
    url
        A ``data:`` URL with the image, or its web address, which is never loaded.

    Examples
    --------
    >>> image = Image("data:image/gif;base64,R0lGODlhAQABAAAAADs=")
    >>> image.mimetype, len(image.data)
    ('image/gif', 14)
    """

    url: str = field(repr=False)

    @property
    def mimetype(self) -> str:
        """Media type of the image, such as ``image/png``; empty for a remote image."""
        head, comma, _ = self.url.partition(";base64,")
        return head.removeprefix("data:") if comma and head.startswith("data:") else ""

    @property
    def data(self) -> bytes:
        """The bytes of the image; empty for a remote image."""
        try:
            return base64.b64decode(self.url.partition(",")[2]) if self.mimetype else b""
        except binascii.Error:
            return b""

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, str]:
        plain = {"text/plain": shortened(self.url)}
        return {self.mimetype: self.url.partition(",")[2], **plain} if self.mimetype else plain


def shortened(url: str) -> str:
    """A URL for display; for a ``data:`` URL its type and size.

    Examples
    --------
    >>> shortened("data:image/png;base64,iVBORw0KGgo=")
    'data:image/png;base64, 34 characters'
    """
    if url.startswith("data:"):
        return f"{url.partition(',')[0][:_SHOWN]}, {len(url):,} characters"
    return url if len(url) <= _SHOWN else f"{url[:_SHOWN]}…"
