"""`%chat record` and `%chat replay`: the recording that a session uses."""

from __future__ import annotations

from pathlib import Path

from nbstream.cassettes import Cassette, Mode, in_use, opened, use
from nbstream.errors import ArgumentError
from nbstream.magic.reports import Report

__all__ = ["run_recording"]


def run_recording(mode: Mode, file: str, pace: str = "1") -> Report:
    """Use a recording from now on.

    Parameters
    ----------
    mode
        Record or replay.
    file
        The recording; ``"off"`` for none, empty to report which is in use.
    pace
        How fast to replay.
    """
    if not file:
        return Report(_state(in_use()))
    if file == "off":
        before = in_use()
        use(None)
        return Report(f"{_counts(before)} Requests are sent as usual." if before else _state(None))
    tape = opened(Path(file), mode, _number(pace))
    use(tape)
    return Report(_state(tape))


def _state(tape: Cassette | None) -> str:
    if tape is None:
        return "Nothing is recorded or replayed. %chat record FILE records, %chat replay FILE replays."
    match tape.mode:
        case "record":
            return f"Requests are recorded in {tape.path.name}. %chat record off ends it."
        case "replay":
            return f"Requests are answered from {tape.path.name}. %chat replay off ends it."
        case "auto":
            return f"Requests are answered from {tape.path.name}, and recorded there if they are missing."
        case "off":
            return f"NBSTREAM_CASSETTE_MODE is off: {tape.path.name} is not used."


def _counts(tape: Cassette) -> str:
    counts = {"recorded": tape.recorded, "replayed": tape.replayed}
    parts = [f"{_requests(count)} {verb}" for verb, count in counts.items() if count]
    return f"{tape.path.name}: {', '.join(parts) or 'no requests'}."


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"


def _number(pace: str) -> float:
    try:
        return float(pace)
    except ValueError:
        raise ArgumentError(
            f"The pace is {pace!r}, which is not a number.",
            advice="1 replays as recorded, 4 four times as fast, 0 at once: %chat replay FILE 0",
        ) from None
