"""``nbstream serve``: the relay from the command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from nbstream.errors import FileError, SettingsError
from nbstream.relay.limits import RelayLimits
from nbstream.relay.server import DEFAULT_PORT, serve

__all__ = ["PAGE", "add_arguments", "run"]

_LIMITS = RelayLimits()
PAGE = Path(__file__).parent.parent / "static" / "ui"


def add_arguments(parser: argparse.ArgumentParser, port: Callable[[str], int] = int) -> None:
    """Describe the command to `parser`; `port` reads a port number."""
    parser.description = "Serve a chat over HTTP, until Ctrl+C."
    parser.add_argument(
        "target",
        metavar="WHERE:NAME",
        help=(
            "what to serve: NOTEBOOK.ipynb:NAME, SCRIPT.py:NAME or MODULE:NAME, where NAME is a Chat or "
            "a function that returns one; a notebook runs up to the cell that defines it"
        ),
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="name or address to listen on (default: this machine alone)"
    )
    parser.add_argument(
        "--port",
        type=port,
        default=DEFAULT_PORT,
        metavar="N",
        help=f"port to listen on; 0 for any free one (default: {DEFAULT_PORT})",
    )
    parser.add_argument(
        "--token-env",
        metavar="NAME",
        help="environment variable with the token that clients must send; needed for other machines",
    )
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help="read client addresses from X-Forwarded-For, set by a proxy on this machine",
    )
    parser.add_argument(
        "--streams",
        type=_positive,
        default=_LIMITS.streams,
        metavar="N",
        help=f"answers that may stream at the same time (default: {_LIMITS.streams})",
    )
    parser.add_argument(
        "--streams-per-client",
        type=_positive,
        default=_LIMITS.streams_per_client,
        metavar="N",
        help=f"of them for one client, which is an IP address (default: {_LIMITS.streams_per_client})",
    )
    parser.add_argument("--ui", action="store_true", help="also serve a chat page")


def run(options: argparse.Namespace) -> int:
    """Run the command with the options of `add_arguments`; return the exit status."""
    from nbstream.relay.loading import load

    token = None if options.token_env is None else _token(options.token_env)
    ui = _built_page() if options.ui else None
    serve(
        load(options.target),
        options.host,
        options.port,
        token=token,
        ui=ui,
        behind_proxy=options.behind_proxy,
        limits=RelayLimits(streams=options.streams, streams_per_client=options.streams_per_client),
    )
    return 0


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a limit; use a number above 0")
    return int(text)


def _token(name: str) -> str:
    token = os.environ.get(name)
    if not token:
        raise SettingsError(f"The environment variable {name} is not set.", advice="Set it to the token.")
    return token


def _built_page() -> Path:
    if not (PAGE / "index.html").exists():
        raise FileError("The page is not built.", advice="Build it with: npm run build, in js/.")
    return PAGE
