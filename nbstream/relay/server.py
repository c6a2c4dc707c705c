"""Serves the relay on a port: until Ctrl+C, or inside an ``async with`` in a notebook."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nbstream.errors import ArgumentError, MissingPackageError, SettingsError
from nbstream.relay import create_app
from nbstream.relay.addresses import is_this_machine, url_of
from nbstream.relay.limits import RelayLimits

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from nbstream.chat import Chat

__all__ = ["DEFAULT_PORT", "serve", "serving"]

DEFAULT_PORT = 8750

_GRACEFUL_SECONDS = 1  # a reader of a streaming answer must not block the shutdown


def serve(
    chat_or_factory: Chat | Callable[[], Chat],
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    *,
    token: str | None = None,
    ui: Path | None = None,
    behind_proxy: bool = False,
    limits: RelayLimits | None = None,
) -> None:
    """Serve a chat until interrupted, and print how to reach it.

    Parameters
    ----------
    chat_or_factory, token, ui, limits
        As in `nbstream.relay.create_app`.
    host
        Name or address to listen on. Other hosts than this machine require a token.
    port
        Port to listen on; 0 for any free one.
    behind_proxy
        Whether requests come through a proxy on this machine, which names the clients in `X-Forwarded-For`.

    Raises
    ------
    ConfigError
        If FastAPI or uvicorn is missing, a token is required, the host is unknown, or the port is in use.
    """
    app = create_app(chat_or_factory, token=token, ui=ui, limits=limits)
    # uvicorn shuts down on Ctrl+C and then raises it again.
    with _listen(host, port, has_token=token is not None) as listener, contextlib.suppress(KeyboardInterrupt):
        server = _server(app, behind_proxy=behind_proxy)
        sys.stdout.write(_greeting(_url(listener), has_ui=ui is not None))
        sys.stdout.flush()
        server.run(sockets=[listener])


@asynccontextmanager
async def serving(app: FastAPI, port: int = 0, *, behind_proxy: bool = False) -> AsyncGenerator[str, None]:
    """Serve an app on this machine from the running event loop, as in a notebook.

    Parameters
    ----------
    app
        App created by `nbstream.relay.create_app`.
    port
        Port to listen on; 0 for any free one.
    behind_proxy
        As in `serve`.

    Yields
    ------
    str
        Its URL.

    Examples
    --------
    ::

        async with serving(create_app(chat)) as url:
            client = AsyncOpenAI(base_url=f"{url}/v1", api_key="none")
    """
    with _listen("127.0.0.1", port, has_token=False) as listener:
        server = _server(app, signals=False, behind_proxy=behind_proxy)
        task = asyncio.create_task(server.serve(sockets=[listener]), name="nbstream-relay")
        try:
            yield _url(listener)
        finally:
            server.should_exit = True
            await task


def _server(app: FastAPI, *, signals: bool = True, behind_proxy: bool = False) -> uvicorn.Server:
    try:
        import uvicorn

        from nbstream.relay.intake import timed_protocol
    except ImportError as error:
        advice = 'Install it with: pip install "nbstream[serve]"'
        raise MissingPackageError(
            "The relay needs uvicorn, which is not installed.", advice=advice
        ) from error

    class QuietServer(uvicorn.Server):  # type: ignore[misc, unused-ignore]
        """Leaves signals to the host program: in a kernel, Ctrl+C interrupts the cell."""

        @contextlib.contextmanager
        def capture_signals(self) -> Generator[None, None, None]:
            yield

    config = uvicorn.Config(
        app,
        http=timed_protocol(app.state.relay.limits.head_seconds),
        log_level="warning",
        proxy_headers=behind_proxy,  # otherwise a client on this machine could claim any address
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_GRACEFUL_SECONDS,
    )
    return uvicorn.Server(config) if signals else QuietServer(config)


def _listen(host: str, port: int, *, has_token: bool) -> socket.socket:
    """Listen on the first address of `host`, which is also the one that is checked."""
    family, address = _address(host)
    if not has_token and not is_this_machine(url_of(address, port)):
        advice = "Set a token (--token-env NAME), or listen on 127.0.0.1."
        raise ArgumentError(
            f"Listening on {host!r} without a token would let other machines use the relay.", advice=advice
        )
    try:
        return socket.create_server((address, port), family=family)
    except OSError as error:
        advice = "Choose another port, or 0 for any free one."
        raise SettingsError(f"Cannot listen on {address} port {port}: {error}.", advice=advice) from error


def _address(host: str) -> tuple[socket.AddressFamily, str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        advice = "Use 127.0.0.1, or an address of this machine."
        raise ArgumentError(f"The host {host!r} could not be resolved.", advice=advice) from error
    return found[0][0], str(found[0][4][0])


def _url(listener: socket.socket) -> str:
    address, port = listener.getsockname()[:2]
    return url_of(address, port)


def _greeting(url: str, *, has_ui: bool) -> str:
    page = f"Open {url}/ in a browser.\n" if has_ui else ""
    return (
        f"The relay is listening at {url}\n{page}"
        f"OpenAI clients: base URL {url}/v1, model nbstream\n"
        "Press Ctrl+C to stop it.\n"
    )
