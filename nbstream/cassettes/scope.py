"""Which cassette is used: by a ``with`` block, by the session, or by the environment.

A block covers the code inside it, the tasks that this starts, also if they end later, and other threads
while it lasts. Blocks nest: the innermost counts. A block has priority over `use` (``%chat record``), and
that over the variable ``NBSTREAM_CASSETTE``.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import cast, get_args

from nbstream.cassettes.cassette import Cassette, Mode
from nbstream.errors import SettingsError

__all__ = ["active", "cassette", "in_use", "nearest", "opened", "paced", "record", "replay", "use"]

FILE_VARIABLE = "NBSTREAM_CASSETTE"
MODE_VARIABLE = "NBSTREAM_CASSETTE_MODE"
PACE_VARIABLE = "NBSTREAM_CASSETTE_PACE"
SHARED_VARIABLE = "NBSTREAM_MODE"
"""Also says how answers are shown; there, `auto` means nothing for cassettes."""
_SHARED_MODES = frozenset({"record", "replay", "off"})

_inside: ContextVar[Cassette | None] = ContextVar("nbstream_cassette", default=None)
_lock = threading.Lock()
_blocks: list[Cassette] = []
_session: list[Cassette] = []
_of_process: dict[tuple[str, Mode, float], Cassette] = {}


def active() -> Cassette | None:
    """The cassette that a request uses now; None to send it as usual."""
    found = nearest()
    return None if found is None or found.mode == "off" else found


def nearest() -> Cassette | None:
    """The cassette that counts here, also if it is off."""
    found = _inside.get()
    if found is None:
        found = next(iter([*_blocks[-1:], *_session]), None) or _of_environment()
    return found


@contextmanager
def cassette(file: str | os.PathLike[str], mode: Mode = "auto", *, pace: float = 1.0) -> Generator[Cassette]:
    """Use a recording inside a block: what `record` and `replay` do, and ``"auto"``.

    Parameters
    ----------
    file
        The recording, a file of JSON lines.
    mode
        ``"record"``, ``"replay"``, ``"auto"`` (replay what is recorded, record the rest) or ``"off"``. The
        environment variable ``NBSTREAM_CASSETTE_MODE`` has priority.
    pace
        How fast to replay: 1 as recorded, 4 four times as fast, 0 at once. ``NBSTREAM_CASSETTE_PACE`` has
        priority.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from nbstream import Chat
    >>> with TemporaryDirectory() as folder:
    ...     for _ in range(2):
    ...         with cassette(Path(folder, "hello.jsonl"), pace=0) as tape:
    ...             reply = Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
    ...         print(tape.recorded, tape.replayed)
    1 0
    0 1
    """
    tape = Cassette(Path(file), _mode(mode), _pace(pace))
    token = _inside.set(tape)
    with _lock:
        _blocks.append(tape)
    try:
        yield tape
    finally:
        with _lock:
            _blocks.remove(tape)
        _inside.reset(token)
        tape.close()


def record(file: str | os.PathLike[str]) -> AbstractContextManager[Cassette]:
    """Record every request and its response inside a ``with`` block, replacing the file.

    Covers all clients of nbstream in this process: chats, comparisons, tools, widgets and magics. An answer
    that the block has started is recorded to its end. Recording does not delay it. Secrets are left out.
    Blocks may contain ``await``, and they nest: the innermost counts.

    Parameters
    ----------
    file
        A file of JSON lines, to be committed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from nbstream import Chat, record, replay
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "hello.jsonl")
    ...     with record(file):
    ...         live = Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
    ...     with replay(file, pace=0):
    ...         again = Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
    >>> again.text == live.text
    True
    """
    return cassette(file, "record")


def replay(file: str | os.PathLike[str], *, pace: float = 1.0) -> AbstractContextManager[Cassette]:
    """Answer every request inside a ``with`` block from a recording. Nothing is sent, and no key is needed.

    Equal requests are answered in the order in which they were recorded. Faults are replayed as well: a cut
    stream is cut again, a 429 is refused again.

    Parameters
    ----------
    file
        What `record` has written.
    pace
        1 replays as recorded, 4 four times as fast, 0 at once.

    Raises
    ------
    FileError
        If there is no such file, or it is not a recording.
    CassetteMissError
        From a request that is not in the recording. Names the nearest one and the difference.

    Examples
    --------
    >>> from nbstream import replay
    >>> with replay("no-such-file.jsonl"):
    ...     pass
    Traceback (most recent call last):
        ...
    nbstream.errors.FileError: There is no recording 'no-such-file.jsonl'. Record it: %chat record \
no-such-file.jsonl, or with nbstream.record('no-such-file.jsonl').
    """
    return cassette(file, "replay", pace=pace)


def use(tape: Cassette | None) -> None:
    """Use a cassette from now on, instead of the one that is in use; None for none."""
    with _lock:
        before, _session[:] = list(_session), [tape] if tape is not None else []
    for old in before:
        old.close()


def in_use() -> Cassette | None:
    """The cassette that `use` has set."""
    return next(iter(_session), None)


def opened(file: str | os.PathLike[str], mode: Mode, pace: float = 1.0) -> Cassette:
    """A cassette with the mode and the pace of the environment, if it names them."""
    return Cassette(Path(file), _mode(mode), _pace(pace))


def paced(seconds: float) -> float:
    """How long to wait before a request is sent again: a replay that is faster also waits less."""
    tape = active()
    if tape is None or tape.mode != "replay":
        return seconds
    return seconds / tape.pace if tape.pace else 0.0


def _of_environment() -> Cassette | None:
    file = os.environ.get(FILE_VARIABLE, "").strip()
    return _shared(file, _mode("auto"), _pace(1.0)) if file else None


def _shared(file: str, mode: Mode, pace: float) -> Cassette:
    """The cassette of the whole process."""
    with _lock:
        if (file, mode, pace) not in _of_process:
            _of_process[file, mode, pace] = Cassette(Path(file), mode, pace)
        return _of_process[file, mode, pace]


def _mode(given: Mode) -> Mode:
    named = os.environ.get(MODE_VARIABLE, "").strip().lower()
    shared = os.environ.get(SHARED_VARIABLE, "").strip().lower()
    named = named or (shared if shared in _SHARED_MODES else given)
    if named not in get_args(Mode):
        raise SettingsError(
            f"{MODE_VARIABLE} is {named!r}, which is not a mode.",
            advice="Set it to auto, record, replay or off.",
        )
    return cast("Mode", named)


def _pace(given: float) -> float:
    named = os.environ.get(PACE_VARIABLE, "").strip()
    try:
        return float(named) if named else given
    except ValueError:
        raise SettingsError(
            f"{PACE_VARIABLE} is {named!r}, which is not a number.", advice="Set it to 0 to replay at once."
        ) from None


@atexit.register
def _close_all() -> None:
    use(None)
    for tape in _of_process.values():
        tape.close()
