"""The child process: serves one model on a loopback port until its parent ends.

It runs by path, without the rest of the package, so that it starts quickly and no file of the working
directory shadows a module. Its parent writes the settings to its standard input as one line of JSON and keeps
the pipe open; the end of the pipe means that the parent has ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from typing import Any

__all__ = ["main"]

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve, announce the address as one line of JSON, and exit when standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of the kernel must not end it
    _end_with_parent()
    settings = json.loads(sys.stdin.readline())
    announce = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the engine's output goes to the log
    server = _server(settings)
    with contextlib.suppress(BrokenPipeError):  # the parent may have ended already
        announce.write(json.dumps({"url": server.listening_address}) + "\n")
        announce.close()
    sys.stdin.read()
    os._exit(0)


def _server(settings: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings["path"]
    params.model_alias = [settings["name"]]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings["key"]]
    params.ui = params.endpoint_slots = params.endpoint_props = False
    params.n_ctx = settings["context"]
    params.n_parallel = settings["parallel"]
    params.kv_unified = True  # concurrent answers share the context; a single one can use all of it
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    params.sleep_idle_seconds = settings["idle"]
    return xllamacpp.Server(params)


def _end_with_parent() -> None:
    """Let the system kill this process when the thread that started it ends (Linux).

    The pipe is not enough while the engine loads a model, because no thread runs then.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != int(sys.argv[1]):  # it ended before the line above, so no signal will follow
            os._exit(0)


if __name__ == "__main__":
    main()
