"""An animation of pictures that were taken one after the other."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageChops

__all__ = ["Film"]


@dataclass(slots=True)
class Film:
    """Pictures with the time for which each is shown.

    Parameters
    ----------
    take
        Returns a picture as PNG.
    pictures, seconds
        What was taken.
    """

    take: Callable[[], bytes]
    pictures: list[Image.Image] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def hold(self, seconds: float) -> None:
        """Take one picture, and show it for some time."""
        self.pictures.append(_opened(self.take()))
        self.seconds.append(seconds)

    def while_running(self, running: Callable[[], bool], limit: float = 30.0) -> None:
        """Take pictures as fast as the machine can, as long as something runs."""
        began = time.monotonic()
        while running() and time.monotonic() - began < limit:
            before = time.monotonic()
            self.hold(0)
            self.seconds[-1] = time.monotonic() - before

    def write(self, path: Path, quality: int) -> None:
        """Write an animated WebP file that repeats forever."""
        pictures, seconds = self._distinct()
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures[0].save(
            path,
            save_all=True,
            append_images=pictures[1:],
            duration=[max(20, round(1000 * shown)) for shown in seconds],
            loop=0,
            quality=quality,
            method=6,
            minimize_size=True,
        )

    def _distinct(self) -> tuple[Sequence[Image.Image], Sequence[float]]:
        """The pictures without repetitions."""
        pictures, seconds = [self.pictures[0]], [self.seconds[0]]
        for picture, shown in zip(self.pictures[1:], self.seconds[1:], strict=True):
            if ImageChops.difference(pictures[-1], picture).getbbox() is None:
                seconds[-1] += shown
            else:
                pictures.append(picture)
                seconds.append(shown)
        return pictures, seconds


def _opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")
