"""The progress of a batch below its cell, as text that the notebook keeps."""

from __future__ import annotations

import time
from typing import Self

from nbstream.batching.progress import BatchEvent, PhaseChanged, Progress
from nbstream.batching.progress_text import ended_text, plain_text, running_text
from nbstream.views.host import compares_outputs, detect
from nbstream.views.text_output import TextOutput

__all__ = ["ProgressOutput"]

_LIVE_SECONDS, _HEADLESS_SECONDS = 0.5, 10.0


class ProgressOutput:
    """A context manager that shows the progress of a batch in a notebook.

    The widget of a progress bar would be lost with its kernel. A program that compares outputs sees the last
    text only, which has no timings.

    Parameters
    ----------
    progress
        What it shows.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._output = TextOutput()
        self._every = _LIVE_SECONDS if detect() == "live" else _HEADLESS_SECONDS
        self._shown_at = time.monotonic()
        self._once = compares_outputs()

    def __enter__(self) -> Self:
        self._unsubscribe = self._progress.subscribe(self._take)
        return self

    def __exit__(self, *_: object) -> None:
        self._unsubscribe()
        self._show(ended_text(self._progress))

    def _take(self, event: BatchEvent) -> None:
        now = time.monotonic()
        if not self._once and (isinstance(event, PhaseChanged) or now >= self._shown_at + self._every):
            self._shown_at = now
            self._show(running_text(self._progress))

    def _show(self, text: str) -> None:
        self._output.show(text, plain_text(text))
