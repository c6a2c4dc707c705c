"""Servers in separate processes."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def printed_by(program: str, *arguments: str, **options: Any) -> Iterator[list[str]]:
    """What a Python program prints before it takes requests; it is ended by Ctrl+C, and must end in peace."""
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program, *arguments], **pipes, **options) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        yield [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert "Traceback" not in process.stderr.read()
