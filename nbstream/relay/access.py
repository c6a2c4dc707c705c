"""Access to a relay: clients with the token; without a token, only programs on this machine."""

from __future__ import annotations

import hmac

from fastapi import Request

from nbstream.errors import ArgumentError
from nbstream.relay.addresses import is_this_machine, url_of
from nbstream.relay.problems import RelayError

__all__ = ["Access"]

_SHORTEST_TOKEN = 8


class Access:
    """A FastAPI dependency that rejects unauthorised requests.

    Without a token it requires a loopback connection and a loopback ``Host``: otherwise any website could
    reach the relay through a name that resolves to this machine.

    Parameters
    ----------
    token
        Required token in ``Authorization: Bearer TOKEN``; None for a relay that serves only this machine.
    """

    def __init__(self, token: str | None) -> None:
        if token is not None and len(token) < _SHORTEST_TOKEN:
            raise ArgumentError(
                f"The token is shorter than {_SHORTEST_TOKEN} characters.",
                advice='Create one with: python -c "import secrets; print(secrets.token_urlsafe())"',
            )
        self._token = None if token is None else token.encode()

    def __repr__(self) -> str:
        return f"Access({'this machine' if self._token is None else 'by token'})"

    async def __call__(self, request: Request) -> None:
        """Accept the request or raise a `RelayError`: 401, 403."""
        if self._token is None:
            _check_local(request)
        elif not hmac.compare_digest(_bearer(request), self._token):
            raise RelayError(401, "Send this relay's token as the header 'Authorization: Bearer TOKEN'.")


def _bearer(request: Request) -> bytes:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip().encode("latin-1") if scheme.lower() == "bearer" else b""


def _check_local(request: Request) -> None:
    server = request.scope.get("server")  # None on a Unix socket
    if server is not None and not is_this_machine(url_of(server[0], server[1] or 0)):
        message = "This relay has no token, so it serves only this machine. Start it with a token."
        raise RelayError(403, message)
    if not is_this_machine(f"http://{request.headers.get('host', '')}"):
        raise RelayError(403, "This relay has no token, so use localhost or 127.0.0.1.")
