"""Cross-origin requests: lets pages of other origins use the demo."""

from __future__ import annotations

from nbstream.demo.exchange import HTTPExchange

__all__ = ["answer_preflight", "cors_headers"]

_DAY = "86400"


def cors_headers() -> dict[str, str]:
    """Headers of every response. There are no cookies, so any origin is allowed."""
    return {"access-control-allow-origin": "*", "access-control-expose-headers": "x-request-id, retry-after"}


async def answer_preflight(exchange: HTTPExchange) -> bool:
    """Answer a preflight request; return False if the exchange is not one."""
    if exchange.method != "OPTIONS" or not exchange.header("access-control-request-method"):
        return False
    headers = {
        "access-control-allow-methods": "GET, POST",
        # `*` would not include `authorization`.
        "access-control-allow-headers": exchange.header("access-control-request-headers"),
        "access-control-allow-private-network": exchange.header("access-control-request-private-network"),
        "access-control-max-age": _DAY,
        "vary": "access-control-request-headers",
    }
    await exchange.start(204, headers)
    await exchange.send(b"", more=False)
    return True
