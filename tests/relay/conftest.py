"""A relay under a real uvicorn, on the test's own event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2
import pytest

from nbstream.relay import RelayLimits, create_app
from nbstream.relay.server import serving

Serve = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


@pytest.fixture
def serve() -> Serve:
    """Serve a chat; yield an HTTP client for it. Limits are keywords, as those of `create_app`."""

    @asynccontextmanager
    async def serve(
        chat: Any, *, limits: dict[str, Any] | None = None, **options: Any
    ) -> AsyncGenerator[httpx2.AsyncClient, None]:
        app = create_app(chat, limits=RelayLimits(**(limits or {})), **options)
        async with serving(app) as url, httpx2.AsyncClient(base_url=url, timeout=30) as client:
            yield client

    return serve
