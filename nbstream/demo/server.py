"""Serves the demo model on a port, for other programs and for real connections."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import sys
from typing import TYPE_CHECKING

from nbstream.demo.app import App, create_app
from nbstream.demo.models import DEMO_MODELS
from nbstream.errors import ArgumentError, MissingPackageError, SettingsError

if TYPE_CHECKING:
    import uvicorn

__all__ = ["DEFAULT_PORT", "serve"]

DEFAULT_PORT = 8642


def serve(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    pace: float = 1.0,
    *,
    any_model: bool = False,
    cors: bool = False,
    allow_remote: bool = False,
) -> None:
    """Serve the demo model until interrupted, and print how to reach it.

    Parameters
    ----------
    host
        Name or address to listen on.
    port
        Port to listen on; 0 for any free one.
    pace
        Factor for all waits, as in `nbstream.demo.create_app`.
    any_model, cors
        As in `nbstream.demo.create_app`.
    allow_remote
        Whether other machines may reach it. There is no password.

    Raises
    ------
    ConfigError
        If `uvicorn` is not installed, the host is unknown or not local, or the port is in
        use.
    """
    listener = _listen(*_address(host, allow_remote=allow_remote), port)
    # uvicorn shuts down on Ctrl+C and then raises it again.
    with listener, contextlib.suppress(KeyboardInterrupt):
        server = _server(create_app(pace=pace, any_model=any_model, cors=cors))
        sys.stdout.write(_greeting(listener))
        sys.stdout.flush()
        server.run(sockets=[listener])


def _server(app: App) -> uvicorn.Server:
    try:
        import uvicorn
    except ImportError as error:
        advice = 'Install it with: pip install "nbstream[serve]"'
        raise MissingPackageError(
            "The demo server needs uvicorn, which is not installed.", advice=advice
        ) from error
    # A client that reads a stalled answer must not block the shutdown.
    config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1)
    return uvicorn.Server(config)


def _address(host: str, *, allow_remote: bool) -> tuple[socket.AddressFamily, str]:
    """The first address of `host`, which is checked and used."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        advice = "Use 127.0.0.1, or an address of this machine."
        raise ArgumentError(f"The host {host!r} could not be resolved.", advice=advice) from error
    family, address = found[0][0], str(found[0][4][0])
    if not allow_remote and not ipaddress.ip_address(address).is_loopback:
        advice = "Use 127.0.0.1, or allow remote clients."
        raise ArgumentError(f"Listening on {host!r} would let other machines reach the demo.", advice=advice)
    return family, address


def _listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    try:
        return socket.create_server((address, port), family=family)
    except OSError as error:
        advice = "Choose another port, or 0 for any free one."
        raise SettingsError(f"Cannot listen on {address} port {port}: {error}.", advice=advice) from error


def _greeting(listener: socket.socket) -> str:
    address, port = listener.getsockname()[:2]
    host = f"[{address}]" if listener.family == socket.AF_INET6 else address
    base_url = f"http://{host}:{port}/v1"
    return (
        f"The demo model (scripted text, no language model) is listening at {base_url}\n"
        f"In a notebook: %%chat --base-url {base_url} -m {next(iter(DEMO_MODELS))}\n"
        "Press Ctrl+C to stop it.\n"
    )
