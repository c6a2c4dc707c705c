"""The demo behind the real SDK, in process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI

from nbstream.demo import create_app
from nbstream.transports.asgi import ASGITransport


def client_of(app: Any, **options: Any) -> AsyncOpenAI:
    http = httpx2.AsyncClient(transport=ASGITransport(app))
    return AsyncOpenAI(base_url="http://demo/v1", api_key="none", http_client=http, **options)


@pytest.fixture
async def client() -> AsyncIterator[AsyncOpenAI]:
    async with client_of(create_app(pace=0)) as client:
        yield client


@pytest.fixture
def ask(client: AsyncOpenAI) -> Callable[..., Any]:
    """Ask the fast demo model; returns what the SDK returns."""

    async def ask(prompt: str, **params: Any) -> Any:
        messages = [{"role": "user", "content": prompt}]
        return await client.chat.completions.create(
            **({"model": "nbstream-demo-fast", "messages": messages} | params)
        )

    return ask


@pytest.fixture(autouse=True)
def tidy(no_task_is_left: None) -> None:
    """The demo leaves nothing behind, whatever is asked of it."""
