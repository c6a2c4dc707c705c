"""The demo for copied snippets: any model name, and pages of other origins."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import openai
import pytest

from nbstream.demo import create_app
from nbstream.transports.asgi import ASGITransport
from tests.demo.conftest import client_of

ASK = [{"role": "user", "content": "echo: hi"}]
ORIGIN = {"origin": "https://page.example"}
PREFLIGHT = {
    **ORIGIN,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
}


@pytest.fixture
async def page() -> AsyncIterator[httpx2.AsyncClient]:
    transport = ASGITransport(create_app(pace=0, cors=True))
    async with httpx2.AsyncClient(transport=transport, base_url="http://demo") as client:
        yield client


@pytest.mark.parametrize("name", ["gpt-5-mini", "meta-llama/Llama-3.3-70B", "模型"])
async def test_any_model_answers_under_the_name_that_was_asked(name: str) -> None:
    async with client_of(create_app(pace=0, any_model=True)) as client:
        answer = await client.chat.completions.create(model=name, messages=ASK)  # type: ignore[arg-type]
        assert answer.model == name
        assert answer.choices[0].message.content.startswith("*Demo answer")  # type: ignore[union-attr]
        assert (await client.models.retrieve("gpt-5-mini")).id == "gpt-5-mini"
        assert (await client.models.list()).data[0].id == "nbstream-demo"


async def test_an_empty_name_is_no_model() -> None:
    async with client_of(create_app(pace=0, any_model=True)) as client:
        with pytest.raises(openai.NotFoundError):
            await client.chat.completions.create(model="", messages=ASK)  # type: ignore[arg-type]


async def test_a_browser_may_send_what_it_asks_for(page: httpx2.AsyncClient) -> None:
    answer = await page.options("/v1/chat/completions", headers=PREFLIGHT)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("stream", [False, True])
async def test_a_browser_may_read_the_answer(page: httpx2.AsyncClient, stream: bool) -> None:
    body = {"model": "nbstream-demo", "messages": ASK, "stream": stream}
    answer = await page.post("/v1/chat/completions", json=body, headers=ORIGIN)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_browser_may_read_why_it_failed(page: httpx2.AsyncClient) -> None:
    for answer in (
        await page.post("/v1/chat/completions", json={"model": "nobody", "messages": ASK}, headers=ORIGIN),
        await page.get("/elsewhere", headers=ORIGIN),
        await page.options("/v1/chat/completions", headers=ORIGIN),
    ):
        assert answer.status_code in {404, 405}
        assert answer.headers["access-control-allow-origin"] == "*"


async def test_without_cors_no_page_is_let_in() -> None:
    async with httpx2.AsyncClient(transport=ASGITransport(create_app(pace=0))) as client:
        for answer in (
            await client.options("http://demo/v1/chat/completions", headers=PREFLIGHT),
            await client.get("http://demo/v1/models", headers=ORIGIN),
        ):
            assert not [name for name in answer.headers if name.startswith("access-control")]
