"""The progress of a batch below its cell, as text that the notebook keeps."""

from __future__ import annotations

import time
from typing import Self

from nbstream.batching.figures import figures, note
from nbstream.batching.progress import BatchEvent, PhaseChanged, Progress
from nbstream.views.host import compares_outputs, detect
from nbstream.views.text_output import TextOutput

__all__ = ["ProgressOutput"]

_LIVE_SECONDS, _HEADLESS_SECONDS = 0.5, 10.0
_BLOCKS = 20
# A reloaded page shows no more updates, and a killed kernel sends none: the text then stays in the notebook.
_AGAIN = "If this no longer changes, run the cell again: it sends only what the store lacks."


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
        self._output.show(text, text.replace("**", "").replace("`", ""))


def running_text(progress: Progress) -> str:
    """The text of a batch that runs, as Markdown.

    Examples
    --------
    >>> print(running_text(Progress(1200)))
    `░░░░░░░░░░░░░░░░░░░░` **0 of 1,200 rows**
    <BLANKLINE>
    If this no longer changes, run the cell again: it sends only what the store lacks.
    """
    done = progress.total - progress.left
    full = _BLOCKS * done // max(progress.total, 1)
    parts = [f"`{'█' * full}{'░' * (_BLOCKS - full)}` **{done:,} of {progress.total:,} rows**"]
    if progress.rate is not None:
        parts.append(f"{progress.rate:,.1f} rows/s")
    if progress.seconds_left is not None and progress.left:
        parts.append(f"about {progress.seconds_left:,.0f} s left")
    if progress.phase == "paused":
        parts.append("paused")
    text = " · ".join([*parts, *filter(None, [figures(progress)])])
    return f"{text}\n\n{note(progress) or _AGAIN}"


def ended_text(progress: Progress) -> str:
    """The text of a batch that has ended, as Markdown.

    Examples
    --------
    >>> progress = Progress(3)
    >>> progress.answered = 2
    >>> ended_text(progress)
    '**3 rows** · 2 answered · 1 not sent'
    """
    parts = [f"**{progress.total:,} {'row' if progress.total == 1 else 'rows'}**"]
    parts.append(f"{progress.answered:,} answered")
    if progress.left:
        parts.append(f"{progress.left:,} not sent")
    return " · ".join([*parts, *filter(None, [figures(progress)])])
