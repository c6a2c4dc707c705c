"""Who may use the relay."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from nbstream.errors import ConfigError
from nbstream.relay import create_app
from nbstream.transports.asgi import ASGITransport
from tests.chats import chat_on
from tests.loopback import ByteServer
from tests.loopback.chunks import says
from tests.relay.conftest import Serve

TOKEN = "a-token-of-the-tests"
WRONG = ["", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer é"]
ROUTES = [
    ("POST", "/chat", {"message": "Hi"}),
    ("GET", "/chat/some-run", None),
    ("DELETE", "/chat/some-run", None),
    ("POST", "/v1/chat/completions", {"model": "nbstream", "messages": [{"role": "user", "content": "Hi"}]}),
    ("GET", "/v1/models", None),
    ("GET", "/v1/models/nbstream", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_no_address_is_open_without_the_token(serve: Serve, method: str, path: str, body: Any) -> None:
    with ByteServer(says("Hello")) as server:
        async with serve(chat_on(server), token=TOKEN) as client:
            for value in WRONG:
                headers = {b"authorization": value.encode()}
                refused = await client.request(method, path, json=body, headers=headers)
                assert refused.status_code == 401
                assert refused.headers["www-authenticate"] == "Bearer"
                assert TOKEN not in refused.text
            assert server.requests == []
            headers = {b"authorization": f"bearer {TOKEN}".encode()}
            passed = await client.request(method, path, json=body, headers=headers)
            assert passed.status_code in {200, 404}


def calling(app: Any, url: str) -> httpx2.AsyncClient:
    """A client whose connection comes in at the address in `url`."""
    return httpx2.AsyncClient(transport=ASGITransport(app), base_url=url)


async def test_without_a_token_it_serves_this_machine_alone() -> None:
    with ByteServer(says("Hello")) as server:
        app = create_app(chat_on(server))
        for url, status in [
            ("http://127.0.0.1:8000", 200),
            ("http://[::1]:8000", 200),
            ("http://192.0.2.1:8000", 403),
            ("http://[2001:db8::1]:8000", 403),
        ]:
            async with calling(app, url) as client:
                assert (await client.get("/v1/models")).status_code == status, url
        app = create_app(chat_on(server), token=TOKEN)
        async with calling(app, "http://192.0.2.1:8000") as client:
            response = await client.get("/v1/models", headers={"authorization": f"Bearer {TOKEN}"})
            assert response.status_code == 200


async def test_a_local_host_header_does_not_make_a_client_local() -> None:
    with ByteServer(says("Hello")) as server:
        async with calling(create_app(chat_on(server)), "http://192.0.2.1:8000") as client:
            response = await client.get("/v1/models", headers={"host": "localhost:8000"})
    assert response.status_code == 403
    assert "serves only this machine" in response.text


@pytest.mark.parametrize(("host", "status"), [("localhost", 200), ("evil.example", 403)])
async def test_a_unix_socket_is_this_machine_but_the_host_header_still_counts(host: str, status: int) -> None:
    with ByteServer(says("Hello")) as server:
        app = create_app(chat_on(server))

        async def on_a_unix_socket(scope: Any, receive: Any, send: Any) -> None:
            """Servers give no address of a Unix socket."""
            await app({**scope, "server": None}, receive, send)

        async with calling(on_a_unix_socket, f"http://{host}") as client:
            assert (await client.get("/v1/models")).status_code == status


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1", ""])
async def test_a_name_that_was_made_to_point_here_is_refused(serve: Serve, host: str) -> None:
    with ByteServer(says("Hello")) as server:
        async with serve(chat_on(server)) as client:
            response = await client.post("/chat", json={"message": "Hi"}, headers={"host": host})
        assert response.status_code == 403
        assert server.requests == []


async def test_a_form_of_another_page_can_not_send_a_message(serve: Serve) -> None:
    """What a browser sends to other origins without asking first: no JSON by its content type."""
    with ByteServer(says("Hello")) as server:
        async with serve(chat_on(server)) as client:
            for content_type in ("text/plain", "application/x-www-form-urlencoded", None):
                headers = {"content-type": content_type} if content_type else {}
                response = await client.post("/chat", content=b'{"message": "Hi"}', headers=headers)
                assert response.status_code == 400
        assert server.requests == []


async def test_pages_of_other_origins_are_let_in_by_name_alone(serve: Serve) -> None:
    asked = {
        "origin": "https://app.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,last-event-id",
    }
    with ByteServer(says("Hello")) as server:
        async with serve(chat_on(server)) as client:
            refused = await client.options("/chat", headers=asked)
            assert "access-control-allow-origin" not in refused.headers
        async with serve(chat_on(server), cors_origins=["https://app.example"]) as client:
            allowed = await client.options("/chat", headers=asked)
            assert allowed.headers["access-control-allow-origin"] == "https://app.example"
            other = await client.options("/chat", headers=asked | {"origin": "https://evil.example"})
            assert "access-control-allow-origin" not in other.headers


def test_a_token_that_could_be_guessed_is_refused() -> None:
    with ByteServer(says("x")) as server, pytest.raises(ConfigError, match="shorter than 8"):
        create_app(chat_on(server), token="1234")
