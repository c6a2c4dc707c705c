"""Addresses of this machine."""

from __future__ import annotations

from nbstream.providers.endpoint import is_loopback

__all__ = ["is_this_machine", "url_of"]


def url_of(address: str, port: int) -> str:
    """The URL of a server at an IP address.

    Examples
    --------
    >>> url_of("::1", 8000)
    'http://[::1]:8000'
    """
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def is_this_machine(url: str) -> bool:
    """Whether an untrusted URL can only refer to this machine."""
    try:
        return is_loopback(url)
    except ValueError:
        return False
