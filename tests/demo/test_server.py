"""The demo on a port: a real uvicorn in a separate process, called by the real SDK."""

from __future__ import annotations

import builtins
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest

from nbstream.demo.server import serve
from nbstream.errors import ConfigError
from tests.processes import printed_by

PROGRAM = "from nbstream.demo.server import serve; serve(port=0, pace=0)"


@pytest.fixture
def greeting() -> Iterator[list[str]]:
    """What the server prints before it takes requests."""
    with printed_by(PROGRAM) as lines:
        yield lines


async def test_the_printed_address_is_that_of_an_openai_server(greeting: list[str]) -> None:
    (base_url,) = re.findall(r"is listening at (\S+)", greeting[0])
    assert "no language model" in greeting[0]
    assert f"%%chat --base-url {base_url} -m nbstream-demo" in greeting[1]
    params: Any = {"model": "nbstream-demo", "messages": [{"role": "user", "content": "a table"}]}
    async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
        whole = await client.chat.completions.create(**params)
        async with await client.chat.completions.create(**params, stream=True) as stream:
            text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        assert text == whole.choices[0].message.content


async def test_a_cut_stream_breaks_the_real_connection(greeting: list[str]) -> None:
    base_url = greeting[0].split()[-1]
    body = {"model": "nbstream-demo", "stream": True, "messages": [{"role": "user", "content": "demo:cut"}]}
    async with httpx2.AsyncClient() as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.post(f"{base_url}/chat/completions", json=body)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_it_is_not_opened_to_other_machines_by_accident(host: str) -> None:
    with pytest.raises(ConfigError, match="other machines"):
        serve(host)


def test_an_unknown_host_is_named() -> None:
    with pytest.raises(ConfigError, match=r"no-such-host\.invalid"):
        serve("no-such-host.invalid")


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port}"):
            serve(port=port)


def test_other_machines_can_be_let_in_on_purpose() -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port}"):
            serve("0.0.0.0", port, allow_remote=True)


def test_without_uvicorn_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def no_uvicorn(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "uvicorn":
            raise ModuleNotFoundError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_uvicorn)
    with pytest.raises(ConfigError, match=re.escape('pip install "nbstream[serve]"')):
        serve(port=0)
