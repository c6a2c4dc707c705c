"""The progress of a batch as a bar of tqdm: in a terminal or in a log."""

from __future__ import annotations

import sys
from typing import Any, Self

from nbstream.batching.figures import figures, note
from nbstream.batching.progress import BatchEvent, JobsSeen, PhaseChanged, Progress, RowEnded

__all__ = ["ProgressBar"]

_LIVE_SECONDS, _LOG_SECONDS = 0.2, 10.0


class ProgressBar:
    """A context manager that shows the progress of a batch.

    Parameters
    ----------
    progress
        What it shows.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __enter__(self) -> Self:
        self._bar = _bar(self._progress)
        self._unsubscribe = self._progress.subscribe(self._take)
        return self

    def __exit__(self, *_: object) -> None:
        self._unsubscribe()
        self._bar.set_postfix_str(figures(self._progress), refresh=False)
        self._bar.close()

    def _take(self, event: BatchEvent) -> None:
        match event:
            case RowEnded(rows=rows):
                self._bar.set_postfix_str(figures(self._progress), refresh=False)
                self._bar.update(len(rows))
            case PhaseChanged(phase="draining") if self._progress.jobs is None:
                self._bar.write(note(self._progress), file=sys.stderr)
            case JobsSeen() | PhaseChanged(phase="draining"):
                self._bar.set_description_str(note(self._progress))


def _bar(progress: Progress) -> Any:
    from tqdm import tqdm

    live = sys.stderr.isatty()
    return tqdm(
        total=progress.total,
        initial=progress.total - progress.left,
        unit=" rows",
        dynamic_ncols=live,
        mininterval=_LIVE_SECONDS if live else _LOG_SECONDS,
    )
