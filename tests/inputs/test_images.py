"""Images of all kinds as content parts."""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbstream.errors import ArgumentError, ConfigError, MissingPackageError
from nbstream.inputs import bounds, prepared
from nbstream.types.attachments import Attachment


def png(width: int = 4, height: int = 3, kind: str = "PNG") -> bytes:
    with io.BytesIO() as file:
        Image.new("RGB", (width, height), "red").save(file, kind)
        return file.getvalue()


def data_url(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def one(value: object) -> tuple[str, Attachment]:
    """URL and description of one image in a message."""
    message = prepared(["See", value])
    parts: Any = message.content
    assert parts[0] == {"type": "text", "text": "See"}
    return parts[1]["image_url"]["url"], message.attachments[0]


def opened(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_bytes_within_the_bounds_are_sent_unchanged(kind: str, tmp_path: Path) -> None:
    data = png(kind=kind)
    url, shown = one(data)
    assert url == data_url(kind.lower(), data)
    assert "4x3" in shown.note
    path = tmp_path / f"a picture.{kind.lower()}"
    path.write_bytes(data)
    assert one(path)[0] == url
    assert one(path)[1].name == "a picture." + kind.lower()
    assert one(url)[0] == url


@pytest.mark.parametrize("kind", ["BMP", "TIFF"])
def test_other_formats_are_converted(kind: str) -> None:
    url, shown = one(png(kind=kind))
    assert url.startswith("data:image/png;")
    assert "converted" in shown.note


def test_a_large_image_is_resized_and_turned_upright() -> None:
    photo, exif = Image.new("RGB", (3000, 1500), "blue"), Image.Exif()
    exif[0x0112] = 6
    with io.BytesIO() as file:
        photo.save(file, "JPEG", exif=exif)
        url, shown = one(file.getvalue())
    assert opened(url).size == (1024, 2048)
    assert "resized from 1500x3000" in shown.note


def test_an_image_of_many_bytes_becomes_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", 20_000)
    noise = np.random.default_rng(1).integers(0, 255, (400, 400, 3), "uint8")
    url, _ = one(noise)
    assert len(url) * 3 / 4 < 21_000
    assert max(opened(url).size) < 400


@pytest.mark.parametrize(
    ("array", "pixel"),
    [
        (np.full((2, 2, 3), 1.0), (255, 255, 255)),
        (np.full((2, 2), 0.5, "float32"), 128),
        (np.array([[True, False]]), 255),
        (np.full((2, 2, 1), 7, "int64"), 7),
        (np.full((2, 2, 4), 9, "uint8"), (9, 9, 9, 9)),
    ],
)
def test_arrays(array: Any, pixel: Any) -> None:
    assert opened(one(array)[0]).getpixel((0, 0)) == pixel


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros(5), "shape"),
        (np.zeros((0, 2)), "shape"),
        (np.zeros((2, 2, 2)), "shape"),
        (np.full((2, 2), -1), "not pixels"),
        (np.full((2, 2), 2.0), "not pixels"),
        (np.full((2, 2), np.nan), "not pixels"),
        (np.full((2, 2), 1j), "not pixels"),
        (np.array([["a", "b"]]), "not pixels"),
    ],
)
def test_arrays_that_are_no_image(array: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        one(array)


@pytest.mark.parametrize("data", [b"", b"text", b"\x89PNG\r\n\x1a\n broken", b"<svg/>", png()[:40]])
def test_bytes_that_are_no_image(data: bytes) -> None:
    with pytest.raises(ConfigError, match="not an image"):
        one(data)


def test_objects_that_display_an_image() -> None:
    class Drawn:
        def _repr_png_(self) -> tuple[str, dict[str, int]]:
            return base64.b64encode(png()).decode(), {"width": 4}

    assert one(Drawn())[0] == data_url("png", png())


def test_a_plotly_figure_without_its_engine_says_what_to_install() -> None:
    class Figure:
        layout = None

        def to_image(self, **_: object) -> bytes:
            raise ValueError("Kaleido is not installed.\nMore.")

    with pytest.raises(MissingPackageError, match="pip install kaleido"):
        one(Figure())


def test_without_pillow_what_needs_no_change_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    data = png()
    noise = Image.effect_noise((1000, 1000), 90)
    with io.BytesIO() as file:
        noise.save(file, "PNG")
        large = file.getvalue()
    monkeypatch.setitem(sys.modules, "PIL", None)
    url, shown = one(data)
    assert url == data_url("png", data)
    assert shown.thumbnail == url
    assert one(large)[1].thumbnail == ""
    monkeypatch.setattr(bounds, "MOST_BYTES", 100)
    with pytest.raises(MissingPackageError, match="pip install pillow"):
        one(large)
    with pytest.raises(MissingPackageError, match="pip install pillow"):
        one(np.zeros((2, 2)))


def test_texts_alone_stay_one_text() -> None:
    assert (
        prepared(["a", "https://x.example/page", "b.png"]).content == "a\n\nhttps://x.example/page\n\nb.png"
    )


@pytest.mark.parametrize("value", [5, None, {1}, object(), [1]])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(ArgumentError, match="text or a list of content parts"):
        prepared(["a", value])
