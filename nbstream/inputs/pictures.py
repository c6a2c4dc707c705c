"""Values of a notebook that can be drawn: their picture as the bytes of an image, and their title.

No plotting library is imported here. A value brings its own along.
"""

from __future__ import annotations

import io
import sys
from typing import Any, NamedTuple

from nbstream.errors import ArgumentError, MissingPackageError

__all__ = ["Picture", "picture_of"]


class Picture(NamedTuple):
    """An image file in memory.

    Parameters
    ----------
    data
        Its bytes.
    title
        The title of the figure; empty if it has none.
    """

    data: bytes
    title: str = ""


def picture_of(value: Any, name: str) -> Picture | None:
    """The picture of a value; None if it cannot be drawn.

    Raises
    ------
    ConfigError
        If drawing fails.
    """
    if _is_a(value, "PIL.Image", "Image"):
        return Picture(_png(value))
    if _is_a(value, "numpy", "ndarray"):
        return Picture(_png(_from_array(value, name)))
    figure = value if hasattr(value, "savefig") else getattr(value, "figure", None)
    if hasattr(figure, "savefig"):
        return Picture(_drawn(figure), _title(figure))
    if hasattr(value, "to_image") and hasattr(value, "layout"):
        return Picture(_by_plotly(value, name), str(value.layout.title.text or ""))
    data = _represented(value)
    return Picture(data) if data is not None else None


def _is_a(value: object, module: str, name: str) -> bool:
    """Whether a value is of a class of a module, which then is imported already."""
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and isinstance(value, kind)


def _png(image: Any) -> bytes:
    """A PIL image as PNG, with the pixels of modes that PNG does not have."""
    kept = image if image.mode in {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"} else image.convert("RGB")
    with io.BytesIO() as file:
        kept.save(file, "PNG")
        return file.getvalue()


def _from_array(array: Any, name: str) -> Any:
    """A PIL image of an array: height x width, alone or with 1, 3 or 4 channels."""
    shape = tuple(array.shape)
    if 0 in shape or not (len(shape) == 2 or (len(shape) == 3 and shape[2] in {1, 3, 4})):
        raise ArgumentError(
            f"{name}: an array of shape {shape} is not an image.",
            advice="Send height x width, or height x width x 3 (RGB) or 4 (RGBA).",
        )
    try:
        from PIL import Image
    except ImportError:
        raise _needs_pillow(f"{name}: an array is sent as a PNG") from None
    return Image.fromarray(_as_bytes(array.squeeze(2) if shape[2:] == (1,) else array, name))


def _as_bytes(array: Any, name: str) -> Any:
    """Pixels from 0 to 255; floats are from 0 to 1, as in matplotlib."""
    kind = array.dtype.kind
    if kind == "b":
        return array.astype("uint8") * 255
    top = 1 if kind == "f" else 255
    if kind not in "fiu" or not (array.min() >= 0 and array.max() <= top):
        values = f" from {array.min()} to {array.max()}" if kind in "fiu" else ""
        raise ArgumentError(
            f"{name}: the values of this array are not pixels: {array.dtype}{values}.",
            advice="Send integers from 0 to 255 or floats from 0 to 1; or plot it, and send the figure.",
        )
    return (array * 255).round().astype("uint8") if kind == "f" else array.astype("uint8")


def _drawn(figure: Any) -> bytes:
    with io.BytesIO() as file:
        figure.savefig(file, format="png", bbox_inches="tight")
        return file.getvalue()


def _title(figure: Any) -> str:
    """The title of a matplotlib figure, or of its first axes that have one."""
    titles = [getattr(figure, "get_suptitle", str)()]
    titles += [axes.get_title() for axes in getattr(figure, "axes", ())]
    return next((title for title in titles if title), "")


def _by_plotly(figure: Any, name: str) -> bytes:
    try:
        return bytes(figure.to_image(format="png"))
    except Exception as error:
        raise MissingPackageError(
            f"{name}: plotly could not draw this figure: {str(error).strip().splitlines()[0]}",
            advice="It draws images with kaleido and Chrome: pip install kaleido, then plotly_get_chrome.",
        ) from error


def _represented(value: Any) -> bytes | None:
    """The image that a value displays in a notebook, as those of IPython and graphviz do."""
    for method in ("_repr_png_", "_repr_jpeg_"):
        drawn = getattr(value, method, None) if not isinstance(value, type) else None
        data = drawn() if callable(drawn) else None
        data = data[0] if isinstance(data, tuple) else data
        if isinstance(data, str):
            import base64

            data = base64.b64decode(data)
        if isinstance(data, bytes):
            return data
    return None


def _needs_pillow(what: str) -> MissingPackageError:
    return MissingPackageError(f"{what}, which needs Pillow.", advice="Install it: %pip install pillow")
