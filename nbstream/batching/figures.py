"""The progress of a batch in words and numbers."""

from __future__ import annotations

from nbstream.batching.progress import Progress
from nbstream.cost.prices import price_text

__all__ = ["figures", "note"]


def figures(progress: Progress) -> str:
    """Answers by kind, errors and cost; empty where there are none.

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


def note(progress: Progress) -> str:
    """What a reader should know besides the figures; empty if nothing.

    Examples
    --------
    >>> progress = Progress(10)
    >>> progress.in_flight, progress.phase = 2, "draining"
    >>> note(progress)
    'Waiting for 2 requests in flight. Interrupt again to cancel them.'
    """
    draining = progress.phase == "draining"
    if progress.jobs is not None:
        answered = f"The provider has answered {progress.jobs.done:,} of {progress.jobs.requests:,}."
        return "The provider continues. Run it again for its answers." if draining else answered
    if not draining:
        rows = "row" if progress.elsewhere == 1 else "rows"
        waits = f"Another run with the same store is answering {progress.elsewhere:,} {rows}."
        return waits if progress.elsewhere else ""
    noun, them = ("request", "it") if progress.in_flight == 1 else ("requests", "them")
    return f"Waiting for {progress.in_flight} {noun} in flight. Interrupt again to cancel {them}."
