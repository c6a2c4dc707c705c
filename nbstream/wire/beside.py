"""Parts of an answer besides text: images, sources, and content that cannot be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nbstream.types.events import Cited, ImageReceived
from nbstream.wire.problem import printable
from nbstream.wire.surrogates import without_halves

__all__ = ["Beside"]

_ADDRESS_SHOWN = 2000
_NAME_SHOWN = 200
_MOST_SOURCES = 500
_MOST_KINDS = 20
_MOST_FIELDS = 20
_FIELDS_SHOWN = 500
_IMAGE_CHARS = 64 << 20


class Beside:
    """Tells new parts from repeated ones, and bounds their number and size.

    Parameters
    ----------
    clean
        Removes secrets from the server's messages.

    Attributes
    ----------
    unshown : dict of str to int
        Received content that cannot be shown: number of characters by kind.

    Examples
    --------
    >>> beside = Beside()
    >>> beside.source("https://a.example", "A", 0.5)
    [Cited(at=0.5, url='https://a.example', title='A')]
    >>> beside.source("https://a.example", "A", 0.6)
    []
    """

    def __init__(self, clean: Callable[[str], str] = str) -> None:
        self.unshown: dict[str, int] = {}
        self._clean = clean
        self._fields: dict[str, int] = {}
        self._images: set[str] = set()
        self._sources: set[tuple[str, str]] = set()

    def image(self, url: str, at: float) -> list[ImageReceived]:
        """Add an image by its URL."""
        if url in self._images:
            return []
        if sum(map(len, self._images)) + len(url) > _IMAGE_CHARS:
            self.unknown("image", len(url))
            return []
        self._images.add(url)
        return [ImageReceived(at, url)]

    def source(self, url: str, title: str, at: float) -> list[Cited]:
        """Add a source by its URL, its title, or both."""
        source = self._line(url, _ADDRESS_SHOWN), self._line(title, _NAME_SHOWN)
        if source in self._sources or source == ("", "") or len(self._sources) >= _MOST_SOURCES:
            return []
        self._sources.add(source)
        return [Cited(at, *source)]

    def unknown(self, kind: str, size: int) -> None:
        """Count content that cannot be shown."""
        named = self._line(kind, _NAME_SHOWN) or "data"
        named = named if named in self.unshown or len(self.unshown) < _MOST_KINDS else "other data"
        self.unshown[named] = self.unshown.get(named, 0) + size

    def field(self, name: str, size: int) -> None:
        """Note a field that is not part of an answer."""
        if name in self._fields or len(self._fields) < _MOST_FIELDS:
            self._fields[name] = size

    def unknown_fields(self) -> str:
        """The noted fields, as the end of a sentence; empty if there are none."""
        if not self._fields:
            return ""
        return self._clean(
            printable(f", but the server sent unknown fields: {_sized(self._fields)[:_FIELDS_SHOWN]}")
        )

    def warning(self) -> str:
        """The received content that cannot be shown, in one sentence."""
        return f"The answer contains data that cannot be shown: {_sized(self.unshown)}."

    def _line(self, text: str, longest: int) -> str:
        return printable(self._clean(without_halves(text[:longest])))


def _sized(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({size:,} characters)" for name, size in sizes.items())
