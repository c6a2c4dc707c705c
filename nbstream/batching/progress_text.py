"""The progress of a batch as Markdown, which every front end shows and a notebook keeps."""

from __future__ import annotations

from nbstream.batching.figures import figures, note
from nbstream.batching.progress import Progress

__all__ = ["ended_text", "plain_text", "running_text"]

_BLOCKS = 20
# A reloaded page shows no more updates, and a killed kernel sends none: the text then stays in the notebook.
_AGAIN = "If this no longer changes, run the cell again: it sends only what the store lacks."


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


def plain_text(markdown: str) -> str:
    """A text of a batch without its marks.

    Examples
    --------
    >>> plain_text("**3 rows** · 3 answered")
    '3 rows · 3 answered'
    """
    return markdown.replace("**", "").replace("`", "")
