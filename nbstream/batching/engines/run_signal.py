"""Tells the workers of a run to stop: by a file beside the store, which all of them see."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["RunSignal"]

_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class RunSignal:
    """A file that exists as long as the run may send something.

    Parameters
    ----------
    folder
        The folder beside the store.
    run
        Name of the run.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     signal = RunSignal.new(Path(folder))
    ...     before = signal.is_running
    ...     signal.stop()
    ...     before, signal.is_running
    (True, False)
    """

    folder: Path
    run: str

    @classmethod
    def new(cls, folder: Path) -> RunSignal:
        """The signal of a new run."""
        folder.mkdir(mode=0o700, exist_ok=True)
        signal = cls(folder, secrets.token_hex(8))
        signal._file.touch(mode=0o600)
        return signal

    @property
    def is_running(self) -> bool:
        """Whether the run continues, as far as this process sees."""
        return self._file.exists()

    def stop(self) -> None:
        """End the run."""
        self._file.unlink(missing_ok=True)

    def remove_folder(self) -> None:
        """Remove the folder, unless another run or a worker uses it."""
        with suppress(OSError):
            self.folder.rmdir()

    async def wait(self, then: Callable[[], object]) -> None:
        """Call a function when the run is stopped."""
        while await asyncio.to_thread(self._file.exists):  # noqa: ASYNC110  another process removes it
            await asyncio.sleep(_LOOK_SECONDS)
        then()

    @property
    def _file(self) -> Path:
        return self.folder / f"{self.run}.run"
