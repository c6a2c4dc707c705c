"""What a message holds: text, or parts as the API defines them and as servers accept them."""

from __future__ import annotations

from typing import Any

import pytest

from nbstream.types.content import (
    ContentPart,
    content_text,
    image_part,
    image_url,
    image_urls,
    is_part,
    part_label,
)

INLINE = "data:image/png;base64,iVBORw0KGgo="
LINKED = "https://example.com/cat.png"

IMAGES: dict[str, tuple[ContentPart, str]] = {
    "inline": (image_part(INLINE), INLINE),
    "linked": (image_part(LINKED), LINKED),
    "with detail": ({"type": "image_url", "image_url": {"url": LINKED, "detail": "low"}}, LINKED),
}
OTHERS: dict[str, object] = {
    "text": {"type": "text", "text": LINKED},
    "no image": {"type": "image_url"},
    "a URL in place of the object": {"type": "image_url", "image_url": LINKED},
    "an empty image": {"type": "image_url", "image_url": {}},
    "a number as URL": {"type": "image_url", "image_url": {"url": 3}},
    "another type": {"type": "video_url", "image_url": {"url": LINKED}},
    "not a part": LINKED,
    "nothing": None,
}


@pytest.mark.parametrize("name", IMAGES)
def test_the_url_of_an_image_is_found(name: str) -> None:
    part, url = IMAGES[name]
    assert image_url(part) == url
    assert is_part(part)


@pytest.mark.parametrize("name", OTHERS)
def test_anything_else_has_no_image(name: str) -> None:
    assert image_url(OTHERS[name]) is None


def test_the_images_of_a_message_keep_their_order() -> None:
    content: list[Any] = [image_part(LINKED), {"type": "text", "text": "and"}, image_part(INLINE)]
    assert image_urls(content) == [LINKED, INLINE]
    assert image_urls("no parts") == []


def test_an_inline_image_is_not_in_the_text_and_a_linked_one_is_named() -> None:
    content: list[Any] = [
        {"type": "text", "text": "Compare"},
        image_part(INLINE),
        image_part(LINKED),
        {"type": "image_url"},
        {"type": "file", "file": {"filename": "report.pdf"}},
    ]
    assert content_text(content) == f"Compare\n\n[image: {LINKED}]\n\n[image_url]\n\n[file: report.pdf]"
    assert part_label({"type": "video"}) == "[video]"


@pytest.mark.parametrize(
    ("part", "valid"),
    [
        ({"type": "text", "text": "Hello"}, True),
        ({"type": "text", "text": None}, False),
        ({"type": "image_url"}, False),
        ({"type": "image_url", "image_url": LINKED}, False),
        ({"type": "a server's own", "x": 1}, True),
        ({"text": "no type"}, False),
        ({"type": None}, False),
        ("text", False),
    ],
)
def test_what_has_the_format_of_a_part(part: object, valid: bool) -> None:
    assert is_part(part) is valid
