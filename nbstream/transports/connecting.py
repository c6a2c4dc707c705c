"""Connects to the first address of a host that answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

__all__ = ["connected_socket"]

_STAGGER_SECONDS = 0.25
"""How long an address is tried alone, as RFC 8305 recommends."""

Address = tuple[int, int, Any]


async def connected_socket(host: str, port: int, local_address: str | None = None) -> socket.socket:
    """A connected socket that does not block. Cancelled, it leaves no socket open, unlike asyncio's own.

    Raises
    ------
    OSError
        Of the first address, if none accepts a connection.
    """
    addresses = await _addresses(host, port)
    if len(addresses) == 1:
        return await _connected(addresses[0], local_address)
    attempts: list[asyncio.Task[socket.socket]] = []
    won: asyncio.Task[socket.socket] | None = None
    try:
        for address in addresses:
            attempts.append(asyncio.create_task(_connected(address, local_address)))
            won = await _first_success(attempts, _STAGGER_SECONDS)
            if won is not None:
                return won.result()
        won = await _first_success(attempts, None)
        return (won or attempts[0]).result()
    finally:
        for attempt in attempts:
            if attempt is not won:
                attempt.cancel()
                attempt.add_done_callback(_close)


async def _addresses(host: str, port: int) -> list[Address]:
    try:  # a literal address needs no thread
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return _alternating([(family, proto, address) for family, _, proto, _, address in found])


async def _connected(address: Address, local_address: str | None) -> socket.socket:
    family, proto, remote = address
    connection = socket.socket(family, socket.SOCK_STREAM, proto)
    try:
        connection.setblocking(False)
        if local_address:
            connection.bind((local_address, 0))
        await asyncio.get_running_loop().sock_connect(connection, remote)
    except BaseException:
        connection.close()
        raise
    return connection


async def _first_success(
    attempts: Iterable[asyncio.Task[socket.socket]], seconds: float | None
) -> asyncio.Task[socket.socket] | None:
    """The first attempt that succeeds within this time; None if all have failed, or none has yet."""
    waiting = {attempt for attempt in attempts if not attempt.done()}
    while waiting:
        done, waiting = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for attempt in done:
            if attempt.exception() is None:
                return attempt
        if not done:
            return None
    return None


def _close(attempt: asyncio.Task[socket.socket]) -> None:
    """Close the socket of an attempt that succeeded too late."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()


def _alternating(addresses: list[Address]) -> list[Address]:
    """The addresses in the order of the system, families in turns."""
    first = [address for address in addresses if address[0] == addresses[0][0]]
    others = [address for address in addresses if address[0] != addresses[0][0]]
    return [address for pair in zip_longest(first, others) for address in pair if address is not None]
