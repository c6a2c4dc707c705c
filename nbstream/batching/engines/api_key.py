"""How an API key reaches a worker: by the name of a variable there, and never with the requests."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nbstream.errors import SettingsError
from nbstream.providers.endpoint import Endpoint

__all__ = ["KeyReference", "forget", "keep", "reference_to"]

_kept: dict[str, str] = {}
"""Keys that this process was given, by their references."""


@dataclass(frozen=True, slots=True)
class KeyReference:
    """A key that is not here.

    Parameters
    ----------
    variable
        The environment variable that has it; empty if none does.
    token
        By which a process knows a key that it was given.

    Examples
    --------
    >>> reference = KeyReference("", "token")
    >>> keep(reference, "secret")
    >>> reference.resolve(), forget(reference)
    ('secret', None)
    """

    variable: str
    token: str

    def resolve(self) -> str:
        """The key.

        Raises
        ------
        SettingsError
            When this process does not have it.
        """
        key = _kept.get(self.token) or os.environ.get(self.variable, "").strip()
        if not key:
            raise SettingsError(
                f"A worker on {socket.gethostname()} has no API key: {self.variable} is not set there.",
                kind="auth",
                advice=f"Set {self.variable} before the workers start.",
            )
        return key

    @contextmanager
    def kept(self, key: str) -> Iterator[None]:
        """A context in which this process can resolve it."""
        keep(self, key)
        try:
            yield
        finally:
            forget(self)


def reference_to(endpoint: Endpoint) -> KeyReference | None:
    """A reference to the key of an endpoint; None if it has none."""
    if not endpoint.key:
        return None
    named = [endpoint.key_env, *os.environ]
    variable = next((name for name in named if os.environ.get(name, "").strip() == endpoint.key), "")
    return KeyReference(variable, secrets.token_hex(8))


def keep(reference: KeyReference, key: str) -> None:
    """Let this process resolve a reference."""
    _kept[reference.token] = key


def forget(reference: KeyReference) -> None:
    """Remove a key that this process was given."""
    _kept.pop(reference.token, None)
