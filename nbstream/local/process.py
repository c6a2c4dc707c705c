"""The process that serves a model: started on first use, ended with this process.

Each kernel, script or `nbstream serve` has its own, shared by all its event loops. A thread starts it and
waits for its end. It ends with its parent because it reads a pipe that only the parent holds; on Linux the
system also kills it when that thread ends.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from nbstream.errors import ConnectError, NbstreamError, SettingsError
from nbstream.local.store import Installed
from nbstream.local.threads import compute_threads

__all__ = ["Address", "ModelProcess", "running_process", "start_process"]

IDLE_SECONDS = 15 * 60
"""After so long without a request the engine frees the memory of its model; the next one loads it again."""
PARALLEL = 4
_LOG_DAYS = 7
_WORKER = Path(__file__).with_name("worker.py")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a model is served.

    Parameters
    ----------
    url
        URL of the server, without a path.
    key
        Its API key, unknown to other users of this machine.
    """

    url: str
    key: str = field(repr=False)


class ModelProcess:
    """A child process that serves one model.

    Parameters
    ----------
    model
        Which one.
    idle
        Idle seconds after which it frees its memory.
    """

    def __init__(self, model: Installed, idle: float = IDLE_SECONDS) -> None:
        self.model = model
        self.log = _log_file(model.model.name)
        self._idle = idle
        self._address: Future[Address] = Future()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._live, name="nbstream-local", daemon=True).start()

    @property
    def loaded(self) -> bool:
        """Whether it accepts requests."""
        return self._address.done() and not self.ended

    @property
    def ended(self) -> bool:
        """Whether the process has ended, or could not be started."""
        return self._ended.is_set()

    @property
    def pid(self) -> int | None:
        """Its process id, once started."""
        return self._process.pid if self._process else None

    async def address(self) -> Address:
        """Its address, once the model is loaded.

        Raises
        ------
        NbstreamError
            If the model cannot be served. The message names the log file.
        """
        loop = asyncio.get_running_loop()
        loaded = asyncio.Event()

        def tell(_: object) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, so nothing waits for it
                loop.call_soon_threadsafe(loaded.set)

        self._address.add_done_callback(tell)
        await loaded.wait()
        return self._address.result()

    def failure(self) -> ConnectError:
        """The error for requests during which the process ended."""
        return ConnectError(
            f"The process of {self.model.model.title} exited.",
            advice=f"Run the cell again to start a new one. It may lack memory; see {self.log}.",
            retryable=True,
        )

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the process; return whether it ended."""
        return self._ended.wait(seconds)

    def end(self) -> None:
        """End the process; only its current request is lost."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def forget(self) -> None:
        """In a forked copy of this process: close the pipe, which only the original may hold."""
        self.end()

    def _live(self) -> None:
        """The thread: start, wait for the address, wait for the end."""
        key = secrets.token_urlsafe(32)
        try:
            with self.log.open("wb") as log:
                self._process = _started(log)
            self._address.set_result(Address(self._greet(self._process, key), key))
        except (OSError, ValueError) as error:
            self._address.set_exception(self._not_served(error))
        finally:
            if self._process is not None:
                self._process.wait()
                self.end()
            self._ended.set()

    def _greet(self, process: subprocess.Popen[bytes], key: str) -> str:
        """Send the settings; the address arrives when the model is loaded."""
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(json.dumps(self._settings(key)).encode() + b"\n")
        process.stdin.flush()
        with process.stdout as announced:
            return str(json.loads(announced.readline())["url"])

    def _settings(self, key: str) -> dict[str, object]:
        model = self.model.model
        return {
            "path": str(self.model.path),
            "name": model.name,
            "key": key,
            "context": model.context,
            "parallel": PARALLEL,
            "threads": compute_threads(),
            "idle": self._idle,
        }

    def _not_served(self, error: Exception) -> NbstreamError:
        if isinstance(error, OSError) and self._process is None:
            return SettingsError(f"The local model could not be started: {error.strerror}.")
        return SettingsError(
            f"{self.model.model.title} could not be loaded from {self.model.path}.",
            advice=f"Check that it is a complete GGUF file and that there is enough memory. See {self.log}",
        )


_processes: dict[Path, ModelProcess] = {}
_lock = threading.Lock()


def running_process(model: Installed) -> ModelProcess | None:
    """The running process of a model, or None."""
    process = _processes.get(model.path)
    return None if process is None or process.ended else process


def start_process(model: Installed) -> ModelProcess:
    """The process of a model; started if it is not running."""
    with _lock:
        process = running_process(model)
        if process is None:
            process = _processes[model.path] = ModelProcess(model, IDLE_SECONDS)
        return process


def _started(log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", str(_WORKER), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        # Jupyter interrupts all processes of the kernel's group, also one that is still starting.
        process_group=0 if os.name == "posix" else None,
    )


def _log_file(name: str) -> Path:
    """The log of this process's model, readable only by the user; old logs are deleted."""
    folder = _log_folder()
    for old in folder.glob("nbstream-local-*.log"):
        with contextlib.suppress(OSError):
            if old.stat().st_mtime < time.time() - _LOG_DAYS * 24 * 3600:
                old.unlink()
    safe = "".join(c if c.isalnum() or c in ".-" else "_" for c in name)
    path = folder / f"nbstream-local-{safe}-{os.getpid()}.log"
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    return path


def _log_folder() -> Path:
    import platformdirs

    folder = platformdirs.user_log_path("nbstream", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:  # a read-only home folder
        return Path(tempfile.mkdtemp(prefix="nbstream-"))
    return folder


def _each(act: Callable[[ModelProcess], None]) -> None:
    for process in tuple(_processes.values()):
        act(process)


def _after_fork() -> None:
    _each(ModelProcess.forget)
    _processes.clear()


def _at_exit() -> None:
    _each(ModelProcess.end)


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
