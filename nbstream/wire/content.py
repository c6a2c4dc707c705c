"""Reads the content of a message in any shape that servers use: text, images, sources, and more.

The content of a message is text for most servers, a list of parts for some, and parts of parts for a few.
Content that cannot be shown is reported with its size, so that nothing paid for is lost silently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

__all__ = ["Piece", "joined", "pieces", "pieces_beside", "reasoning_of", "sources", "without_reasoning"]

_IMAGE_TYPES = frozenset({"image", "image_url", "input_image", "output_image", "image_file", "inline_data"})
_REASONING = ("reasoning_content", "reasoning", "thinking", "reasoning_text", "reasoning_details")
_SHOWN_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")
_SIGNATURES = {"iVBORw0KG": "png", "/9j/": "jpeg", "R0lGOD": "gif", "UklGR": "webp"}
_DEPTH = 8
"""Parts inside parts that are looked into."""

Kind = Literal["text", "reasoning", "refusal", "image", "source", "unknown"]


class Piece(NamedTuple):
    """One piece of a message.

    Parameters
    ----------
    kind
        What it is.
    value
        The text, the URL of an image or source, or the name of content that cannot be shown.
    title
        Title of a source.
    size
        Number of characters of content that cannot be shown.
    """

    kind: Kind
    value: str
    title: str = ""
    size: int = 0


def pieces(content: object, depth: int = 0) -> Iterator[Piece]:
    """The pieces of a message's content.

    Examples
    --------
    >>> list(pieces([{"type": "text", "text": "Hi"}, {"type": "video", "data": "AAAA"}]))[1]
    Piece(kind='unknown', value='video', title='', size=33)
    """
    if isinstance(content, str):
        yield Piece("text", content)
    elif isinstance(content, Mapping) and depth < _DEPTH:
        yield from _part(content, depth + 1)
    elif isinstance(content, list) and depth < _DEPTH:
        for part in content:
            yield from pieces(part, depth + 1)


def pieces_beside(delta: Mapping[str, Any]) -> Iterator[Piece]:
    """The pieces of a message outside its content: images, audio, sources."""
    for name in ("images", "image"):
        for image in _listed(delta.get(name)):
            yield _image(image)
    audio = delta.get("audio")
    if isinstance(audio, Mapping):
        yield from _audio(audio, spoken=not delta.get("content"))
    for name in ("video", "videos", "file", "files"):
        if delta.get(name):
            yield _unknown(name, delta[name])
    yield from sources(delta)
    if isinstance(delta.get("context"), Mapping):  # Azure's "on your data" answers
        yield from sources(delta["context"])


def sources(value: Mapping[str, Any]) -> Iterator[Piece]:
    """The sources listed in an object.

    Examples
    --------
    >>> [*sources({"citations": ["https://a.example"], "annotations": None})]
    [Piece(kind='source', value='https://a.example', title='', size=0)]
    """
    for name in ("citations", "search_results", "annotations", "references"):
        for source in _listed(value.get(name)):
            yield from _source(source)


def reasoning_of(delta: Mapping[str, Any]) -> str:
    """Reasoning under any of its names; if a server sends two, the first counts."""
    for name in _REASONING:
        if value := delta.get(name):
            text = value if isinstance(value, str) else joined(value)
            if text:
                return text
    return ""


def without_reasoning(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message without the fields that `reasoning_of` reads."""
    return {name: value for name, value in message.items() if name not in _REASONING}


def joined(parts: object) -> str:
    """The texts of a list of parts."""
    if isinstance(parts, str):
        return parts
    if isinstance(parts, Mapping):
        parts = [parts]
    if not isinstance(parts, list):
        return ""
    return "".join(map(_text_of, parts))


def _part(part: Mapping[str, Any], depth: int) -> Iterator[Piece]:
    kind = part.get("type")
    if kind in {"thinking", "reasoning"}:
        yield Piece("reasoning", reasoning_of(part) or joined(part.get("summary")) or joined(part))
    elif kind == "refusal":
        yield Piece("refusal", joined(part.get("refusal")))
    elif kind in _IMAGE_TYPES or "image_url" in part:
        yield _image(part)
    elif kind in {"audio", "input_audio", "output_audio"}:
        audio = part.get("audio") or part.get("input_audio") or part
        yield from _audio(audio, spoken=True) if isinstance(audio, Mapping) else ()
    elif isinstance(part.get("text"), str | Mapping):
        yield Piece("text", _text_of(part))
        yield from sources(part)
    elif isinstance(part.get("content"), str | list | Mapping):
        yield from pieces(part["content"], depth)
    elif isinstance(part.get("parts"), list):
        yield from pieces(part["parts"], depth)
    elif part.get("url") and isinstance(part["url"], str):
        yield from _source(part)
    elif kind != "reference":  # numbers of sources that are listed elsewhere
        yield _unknown(str(kind or "content"), part)


def _text_of(part: object) -> str:
    """The text of a part; some servers wrap it again, together with annotations."""
    if not isinstance(part, Mapping):
        return part if isinstance(part, str) else ""
    text = part.get("text")
    if isinstance(text, Mapping):
        text = text.get("value")
    text = text or part.get("summary")
    return text if isinstance(text, str) else ""


def _image(image: object) -> Piece:
    """An image by its URL: a data URL, or one on the web."""
    address = image if isinstance(image, str) else _address(image)
    address = address.replace("data:image/jpg;", "data:image/jpeg;", 1)
    if _SHOWN_IMAGE.fullmatch(address) or address.startswith(("https://", "http://")):
        return Piece("image", address)
    kind = re.match(r"data:([\w.+/-]{1,40})", address)
    return _unknown(kind[1] if kind else "image", address or image)


def _address(image: object, depth: int = 0) -> str:
    if isinstance(image, str):
        return image if ":" in image[:6] else _encoded(image, "")
    if not isinstance(image, Mapping) or depth > 3:
        return ""
    for name in ("b64_json", "data", "base64", "result"):
        if isinstance(image.get(name), str):
            mimetype = image.get("media_type") or image.get("mime_type") or image.get("mimeType")
            return _encoded(image[name], mimetype)
    inner = (image.get(name) for name in ("image_url", "url", "source", "image", "inline_data"))
    return next((address for value in inner if (address := _address(value, depth + 1))), "")


def _encoded(data: str, mimetype: object) -> str:
    """The data URL of a base64 image; its type is detected from its first bytes."""
    if data.startswith("data:"):
        return data
    kind = next((kind for start, kind in _SIGNATURES.items() if data.startswith(start)), "")
    mimetype = f"image/{kind}" if kind else mimetype if isinstance(mimetype, str) else "image"
    return f"data:{mimetype};base64,{''.join(data.split())}"


def _audio(audio: Mapping[str, Any], *, spoken: bool) -> Iterator[Piece]:
    """The transcript of audio is the answer; the audio itself is listed."""
    transcript = audio.get("transcript")
    if spoken and isinstance(transcript, str):
        yield Piece("text", transcript)
    if audio.get("data"):
        yield _unknown("audio", audio["data"])


def _source(source: object) -> Iterator[Piece]:
    if isinstance(source, str):
        yield Piece("source", source)
    elif isinstance(source, Mapping):
        named = source.get("url_citation") or source.get("file_citation") or source
        if isinstance(named, Mapping):
            address = _first_text(named, "url", "uri", "link", "filepath", "file_id")
            title = _first_text(named, "title", "name", "filename")
            if address or title:
                yield Piece("source", address, title)


def _unknown(name: str, value: object) -> Piece:
    size = len(value) if isinstance(value, str) else len(json.dumps(value, default=str))
    return Piece("unknown", name, size=size)


def _first_text(value: Mapping[str, Any], *names: str) -> str:
    return next((text for name in names if isinstance(text := value.get(name), str) and text), "")


def _listed(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, Mapping | str) and value else []
