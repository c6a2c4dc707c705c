"""The progress of a batch as a bar of tqdm: in a terminal, in a log or below a cell."""

from __future__ import annotations

import sys
from typing import Any, Self

from nbstream.batching.progress import BatchEvent, JobsSeen, PhaseChanged, Progress, RowEnded
from nbstream.cost.prices import price_text

__all__ = ["ProgressBar"]

_LIVE_SECONDS, _LOG_SECONDS = 0.2, 10.0


class ProgressBar:
    """A context manager that shows the progress of a batch.

    Parameters
    ----------
    progress
        What it shows.
    hidden
        Whether it shows nothing.
    """

    def __init__(self, progress: Progress, *, hidden: bool = False) -> None:
        self._progress = progress
        self._hidden = hidden
        self._bar: Any = None
        self._unsubscribe: Any = None

    def __enter__(self) -> Self:
        if not self._hidden:
            self._bar = _bar(self._progress)
            self._unsubscribe = self._progress.subscribe(self._take)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._unsubscribe()
            self._bar.set_postfix_str(figures(self._progress), refresh=False)
            self._bar.close()

    def _take(self, event: BatchEvent) -> None:
        match event:
            case RowEnded(rows=rows):
                self._bar.set_postfix_str(figures(self._progress), refresh=False)
                self._bar.update(len(rows))
            case JobsSeen(done=done, requests=requests):
                self._bar.set_description_str(f"the provider has answered {done:,} of {requests:,}")
            case PhaseChanged(phase="draining") if self._progress.jobs is not None:
                self._bar.set_description_str("the provider continues; run it again for its answers")
            case PhaseChanged(phase="draining"):
                self._bar.write(_draining(self._progress), file=sys.stderr)


def _draining(progress: Progress) -> str:
    count = progress.in_flight
    noun = "request" if count == 1 else "requests"
    return (
        f"Waiting for {count} {noun} in flight. Interrupt again to cancel {'it' if count == 1 else 'them'}."
    )


def figures(progress: Progress) -> str:
    """The figures beside a bar.

    Examples
    --------
    >>> progress = Progress(10)
    >>> figures(progress)
    ''
    """
    parts = {
        "stored": progress.cached,
        "cut off": progress.truncated,
        "failed": progress.failed,
    }
    texts = [f"{name} {count:,}" for name, count in parts.items() if count]
    texts += [f"{kind}: {count:,}" for kind, count in progress.errors.most_common(2) if count]
    if progress.cost:
        expected = progress.expected_cost
        of = f" of ≈{price_text(expected)}" if expected is not None and progress.left else ""
        texts.append(f"{price_text(progress.cost)}{of}")
    return ", ".join(texts)


def _bar(progress: Progress) -> Any:
    from tqdm.auto import tqdm

    live = sys.stderr.isatty() or "ipykernel" in sys.modules
    return tqdm(
        total=progress.total,
        initial=progress.total - progress.left,
        unit=" rows",
        dynamic_ncols=sys.stderr.isatty(),
        mininterval=_LIVE_SECONDS if live else _LOG_SECONDS,
    )
