"""Which endpoint, which key, which model."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from openai import AsyncOpenAI

from nbstream import Chat
from nbstream.client.route import Route
from nbstream.client.router import Router
from nbstream.client.target import Target
from nbstream.config import NBStream
from nbstream.errors import ConfigError
from nbstream.providers.discovery import find_local_servers
from nbstream.providers.presets import PROVIDERS
from nbstream.reply import Reply
from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest
from tests.faults.chunks import ANSWER
from tests.loopback import ByteServer, RecordedRequest, Script, json_response, response, sse_response

QUIET = {"NBSTREAM_NO_PROBE": "1"}


async def route(target: Target, environ: Mapping[str, str] | None = None, **settings: object) -> Route:
    router = Router(NBStream(**settings), QUIET | dict(environ or {}))
    return await router.route(target)


async def test_with_nothing_configured_the_demo_answers_and_says_so() -> None:
    found = await route(Target())
    assert found.demo
    assert found.model == "nbstream-demo"
    assert found.why == "nothing is configured"


async def test_the_demo_never_stands_in_for_a_model_that_was_asked_for() -> None:
    with pytest.raises(ConfigError, match="OPENAI_API_KEY") as caught:
        await route(Target("gpt-5-mini"))
    assert "gpt-5-mini" in caught.value.message


async def test_the_demo_can_be_asked_for_next_to_a_key() -> None:
    found = await route(Target("demo:nbstream-demo-fast"), {"OPENAI_API_KEY": "sk-secret-secret"})
    assert found.demo
    assert found.model == "nbstream-demo-fast"
    assert found.client.endpoint.key is None


@pytest.mark.parametrize("name", PROVIDERS)
async def test_each_preset_gets_its_own_key_and_no_other(name: str) -> None:
    keys = {preset.key_env: f"key-of-{other}" for other, preset in PROVIDERS.items() if preset.key_env}
    found = await route(Target(f"{name}:some-model"), keys)
    endpoint = found.client.endpoint
    assert endpoint.base_url == PROVIDERS[name].base_url
    assert endpoint.key == (f"key-of-{name}" if PROVIDERS[name].key_env else None)
    assert found.model == "some-model"


async def test_a_missing_key_is_named() -> None:
    with pytest.raises(ConfigError, match="GROQ_API_KEY") as caught:
        await route(Target("groq:m"), {"OPENAI_API_KEY": "sk-secret-secret"})
    assert caught.value.kind == "auth"


async def test_the_environment_configures_openai() -> None:
    found = await route(Target(), {"OPENAI_API_KEY": "sk-secret-secret"})
    assert found.client.endpoint.host == "api.openai.com"
    assert found.client.endpoint.key == "sk-secret-secret"
    assert found.model == PROVIDERS["openai"].model


async def test_a_key_belongs_to_the_origin_of_its_base_url() -> None:
    environ = {"OPENAI_API_KEY": "sk-secret-secret", "OPENAI_BASE_URL": "https://own.example/v1"}
    own = await route(Target("m"), environ)
    assert (own.client.endpoint.host, own.client.endpoint.key) == ("own.example", "sk-secret-secret")
    foreign = await route(Target("m", "https://other.example/v1"), environ)
    assert foreign.client.endpoint.key is None
    look_alike = await route(Target("m", "https://own.example.evil.example/v1"), environ)
    assert look_alike.client.endpoint.key is None
    plain = await route(Target("m", "http://own.example/v1"), environ)
    assert plain.client.endpoint.key is None


async def test_a_base_url_of_a_preset_gets_the_presets_key() -> None:
    environ = {"GROQ_API_KEY": "gsk-secret", "OPENAI_API_KEY": "sk-secret-secret"}
    found = await route(Target("m", PROVIDERS["groq"].base_url), environ)
    assert (found.client.endpoint.provider, found.client.endpoint.key) == ("groq", "gsk-secret")


async def test_a_setting_names_the_variable_of_the_key() -> None:
    found = await route(
        Target(), {"MY_KEY": "mine-mine"}, base_url="http://127.0.0.1:9/v1", api_key_env="MY_KEY", model="m"
    )
    assert found.client.endpoint.key == "mine-mine"


async def test_where_no_key_is_sent_the_advice_says_so() -> None:
    environ = {"OPENAI_API_KEY": "sk-secret-secret"}
    foreign = await route(Target("m", "https://other.example/v1"), environ)
    assert foreign.client.endpoint.key_advice.startswith("No key was sent")
    given = await route(Target("m", "https://other.example/v1", "a-key"), environ)
    assert given.client.endpoint.key_advice == "Check the API key."
    signed_in = await route(Target("m", "https://me:word@other.example/v1"), environ)
    assert signed_in.client.endpoint.key_advice == "Check the API key."


async def test_another_host_for_one_turn_leaves_the_chats_key_behind() -> None:
    own = Target("m", "https://own.example/v1", "secret-key")
    assert own.switched_to("", "").key == "secret-key"
    assert own.switched_to("other-model", "").key == "secret-key"
    assert own.switched_to("", "https://other.example/v1").key is None
    assert own.switched_to("groq:m", "").key is None


async def test_a_colon_in_the_name_of_a_model_stays_there() -> None:
    found = await route(Target("ollama:llama3.2:3b"))
    assert found.model == "llama3.2:3b"
    with pytest.raises(ConfigError, match=r"llama3\.2:3b"):
        await route(Target("llama3.2:3b"))


async def test_azure_needs_an_endpoint_a_key_and_a_deployment() -> None:
    environ = {"AZURE_OPENAI_ENDPOINT": "https://me.example/", "AZURE_OPENAI_API_KEY": "azure-key"}
    found = await route(Target("azure:my-deployment"), environ)
    assert found.client.endpoint.base_url == "https://me.example/openai/v1"
    assert found.client.endpoint.key == "azure-key"
    assert found.params({"max_tokens": 5}) == {"max_completion_tokens": 5}
    with pytest.raises(ConfigError, match="AZURE_OPENAI_ENDPOINT"):
        await route(Target("azure:my-deployment"))


@pytest.mark.parametrize(
    ("base_url", "named"),
    [
        ("https://me.openai.azure.com/openai/v1", "max_completion_tokens"),
        ("https://me.cognitiveservices.azure.com/openai/v1", "max_completion_tokens"),
        ("https://api.openai.com/v1", "max_completion_tokens"),
        ("https://openai.azure.com.example/v1", "max_tokens"),
        ("http://127.0.0.1:9/v1", "max_tokens"),
    ],
)
async def test_the_limit_of_an_answer_has_the_name_that_its_address_knows(base_url: str, named: str) -> None:
    own = AsyncOpenAI(base_url=base_url, api_key="a-key")
    for target in (Target("m", base_url), Target("m", client=own)):
        assert (await route(target)).params({"max_tokens": 5}) == {named: 5}


@pytest.mark.parametrize("space", ["\n", "\r\n", " \t"])
async def test_white_space_around_keys_and_addresses_is_taken_away(space: str) -> None:
    environ = {"OPENAI_API_KEY": f"sk-secret-secret{space}", "GROQ_API_KEY": f"{space}groq-key{space}"}
    assert (await route(Target(), environ)).client.endpoint.key == "sk-secret-secret"
    assert (await route(Target("groq:m"), environ)).client.endpoint.key == "groq-key"
    own = {"OPENAI_BASE_URL": f"https://own.example/v1{space}", "OPENAI_API_KEY": f"own-key{space}"}
    endpoint = (await route(Target("m"), own)).client.endpoint
    assert (endpoint.base_url, endpoint.key) == ("https://own.example/v1", "own-key")
    given = await route(Target("m", "https://own.example/v1", key=f"given-key{space}"))
    assert given.client.endpoint.key == "given-key"


async def test_a_key_of_white_space_is_none() -> None:
    with pytest.raises(ConfigError, match="GROQ_API_KEY is not set"):
        await route(Target("groq:m"), {"GROQ_API_KEY": " \n"})


@pytest.mark.parametrize("inside", ["\n", "\x00", "\x1b", "\u200b", "ü"])
async def test_a_key_that_no_header_holds_is_refused_before_it_is_sent(inside: str) -> None:
    with pytest.raises(ConfigError, match="GROQ_API_KEY contains characters that cannot be sent") as told:
        await route(Target("groq:m"), {"GROQ_API_KEY": f"gsk-first{inside}second"})
    assert told.value.kind == "auth"
    assert "first" not in str(told.value)


async def test_models_are_not_listed_before_every_question() -> None:
    def answer(request: RecordedRequest) -> Script:
        listed = request.path == "/v1/models"
        return json_response(200, {"data": [{"id": "m"}]}) if listed else sse_response([ANSWER])

    router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
    with ByteServer(answer) as server:
        chat = Chat(base_url=server.base_url, router=router)
        for _ in range(3):
            assert (await chat.send("Hi")).text == "Hello world"
        paths = [request.path for request in server.requests]
    assert paths == ["/v1/models", *["/v1/chat/completions"] * 3]


async def test_a_provider_that_is_asked_for_comes_before_a_base_url_in_the_settings() -> None:
    own = "https://own.example/v1"
    assert (await route(Target("demo"), base_url=own)).demo
    found = await route(Target("ollama:llama3.2"), base_url=own)
    assert (found.client.endpoint.provider, found.model) == ("ollama", "llama3.2")
    for target in (Target("m"), Target("some:name")):
        assert (await route(target, base_url=own)).client.endpoint.base_url == own


@pytest.mark.parametrize(
    ("model", "near"), [("opnai:gpt-5", "openai:"), ("OLLAMA:llama3.2", "ollama:"), ("llama3.2:3b", None)]
)
async def test_a_provider_that_is_misspelt_is_named(model: str, near: str | None) -> None:
    with pytest.raises(ConfigError, match=model) as caught:
        await route(Target(model))
    assert ("Did you mean" in caught.value.advice) == (near is not None)
    assert near is None or f"Did you mean {near}?" in caught.value.advice


async def test_a_variable_that_is_no_url_does_no_harm_to_another_address() -> None:
    found = await route(Target("m", "http://127.0.0.1:9/v1"), {"OPENAI_BASE_URL": "http://localhost:port"})
    assert found.client.endpoint.host == "127.0.0.1:9"


@pytest.mark.parametrize(
    "url",
    [
        "api.example.com/v1",
        "ftp://x.example/v1",
        "http://",
        "https://x:notaport/v1",
        "file:///etc/passwd",
        "https://x.example/v1?key=hidden",
        "https://x.example/v1#part",
    ],
)
async def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        await route(Target("m", url))
    assert "hidden" not in str(caught.value)


async def test_credentials_in_a_base_url_are_never_shown() -> None:
    target = Target("m", "https://me:pass-word@host.example/v1")
    found = await route(target)
    assert found.client.endpoint.host == "host.example"
    for text in (repr(target), repr(found.client), repr(found), repr(found.client.endpoint)):
        assert "pass-word" not in text


@pytest.mark.parametrize(
    "url",
    [
        "https://me:pass@word@host.example/v1",
        "https://me:pass/word@host.example/v1",
        "https://me:word?pass@host.example/v1",
        "https://me:word#pass@host.example/v1",
    ],
)
async def test_no_part_of_a_password_is_shown_whatever_is_in_it(url: str) -> None:
    target = Target("m", url)
    try:
        found = await route(target)
        texts = [found.client.endpoint.host, repr(found.client.endpoint)]
    except ConfigError as error:
        texts = [str(error)]
    for text in texts:
        assert "pass" not in text.replace("In a password, write", "")
        assert "word" not in text.replace("In a password, write", "")


async def test_without_a_model_the_endpoint_is_asked() -> None:
    with ByteServer(json_response(200, {"data": [{"id": "b"}, {"id": "a"}]})) as server:
        found = await route(Target(base_url=server.base_url))
        assert found.model == "a"
        assert server.requests[0].path == "/v1/models"
        assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["bge-m3", "llama3.2", "nomic-embed-text"], "llama3.2"),
        (["whisper-large", "text-embedding-3", "zeta"], "zeta"),
        (["imagine-chat"], "imagine-chat"),
        (["bge-m3"], "bge-m3"),
    ],
)
async def test_of_models_that_nobody_named_one_is_asked_that_may_chat(names: list[str], chosen: str) -> None:
    with ByteServer(json_response(200, {"data": [{"id": name} for name in names]})) as server:
        assert (await route(Target(base_url=server.base_url))).model == chosen


async def test_the_limit_of_tokens_has_the_name_that_the_provider_wants() -> None:
    openai = await route(Target("openai:m"), {"OPENAI_API_KEY": "sk-secret-secret"})
    assert openai.params({"max_tokens": 5, "seed": 1}) == {"max_completion_tokens": 5, "seed": 1}
    ollama = await route(Target("ollama:m"))
    assert ollama.params({"max_tokens": 5}) == {"max_tokens": 5}


@pytest.fixture
async def local() -> AsyncIterator[ByteServer]:
    with ByteServer(json_response(200, {"data": [{"id": "llama3.2"}, {"id": "qwen"}]})) as server:
        yield server


async def test_a_probe_finds_a_model_server(local: ByteServer) -> None:
    (found,) = await find_local_servers({local.port: "ollama"})
    assert (found.name, found.models) == ("ollama", ("llama3.2", "qwen"))
    assert found.base_url == local.base_url


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"{}", b'{"data": []}', b'{"data": [{"name": "x"}]}', json.dumps([{"id": 1}]).encode()],
)
async def test_a_probe_takes_nothing_else_for_one(body: bytes) -> None:
    with ByteServer(response(200, body)) as server:
        assert await find_local_servers({server.port: "vllm"}) == []


async def test_a_probe_believes_what_a_server_says_it_is() -> None:
    listing = {"data": [{"id": "m", "owned_by": "llamacpp"}]}
    with ByteServer(json_response(200, listing)) as server:
        (found,) = await find_local_servers({server.port: "vllm"})
    assert found.name == "llamacpp"


async def test_a_probe_of_a_closed_port_finds_nothing() -> None:
    with ByteServer([]) as server:
        port = server.port
    assert await find_local_servers({port: "vllm"}) == []


async def test_a_local_server_is_used_when_nothing_is_configured(
    local: ByteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbstream.providers.discovery.LOCAL_PORTS", {local.port: "ollama"})
    router = Router(NBStream(), {})
    found = await router.route(Target())
    assert (found.model, found.client.endpoint.provider) == ("llama3.2", "ollama")
    assert found.why == "found on this machine"
    assert (await router.route(Target("qwen"))).model == "qwen"
    with pytest.raises(ConfigError, match="gpt-5"):
        await router.route(Target("gpt-5"))


async def test_one_client_for_each_endpoint() -> None:
    router = Router(NBStream(), QUIET)
    first, second = await router.route(Target("ollama:a")), await router.route(Target("ollama:b"))
    other = await router.route(Target("vllm:a"))
    assert first.client is second.client
    assert first.client is not other.client


async def test_a_closed_router_has_no_open_connections_and_can_be_used_again() -> None:
    router, request = Router(NBStream(), QUIET), ChatRequest("m", (Message("user", "Hi"),))
    with ByteServer(sse_response([ANSWER])) as server:
        for _ in range(2):
            found = await router.route(Target("m", server.base_url))
            await Reply(partial(found.client.stream, request)).wait()
            await router.aclose()
            assert await asyncio.to_thread(server.requests[-1].wait_disconnect)
        assert server.connections == 2
    await router.aclose()


async def test_a_closed_router_leaves_the_users_own_client_open() -> None:
    router, request = Router(NBStream(), QUIET), ChatRequest("m", (Message("user", "Hi"),))
    with ByteServer(sse_response([ANSWER])) as server:
        async with AsyncOpenAI(base_url=server.base_url, api_key="none") as own:
            for _ in range(2):
                found = await router.route(Target("m", client=own))
                reply = Reply(partial(found.client.stream, request))
                await reply.wait()
                await router.aclose()
                assert reply.status == "finished"
        assert server.connections == 1


def test_nothing_is_kept_of_a_loop_that_has_ended() -> None:
    router = Router(NBStream(), QUIET)

    async def ask() -> weakref.ref[asyncio.AbstractEventLoop]:
        await router.route(Target("ollama:a"))
        return weakref.ref(asyncio.get_running_loop())

    ended = [asyncio.run(ask()) for _ in range(3)]
    gc.collect()
    assert [loop() for loop in ended] == [None, None, None]


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an installed local model, which is not loaded here."""
    monkeypatch.setattr("nbstream.local.store.engine_is_installed", lambda: True)
    monkeypatch.setattr("nbstream.providers.discovery.LOCAL_PORTS", {})
    (tmp_path / "smollm2-135m.gguf").write_bytes(b"GGUF")
    return tmp_path


async def test_an_installed_model_answers_where_nothing_is_configured(models: Path) -> None:
    environ = {"NBSTREAM_MODELS": str(models)}
    found = await Router(NBStream(), environ).route(Target())
    assert (found.model, found.client.endpoint.provider) == ("smollm2-135m", "local")
    assert found.why == "nothing is configured, and it is installed"
    assert found.badge == "local · SmolLM2 135M: a very small model, often wrong"
    assert found.loading == "SmolLM2 135M"
    assert (await Router(NBStream(), environ).route(Target("smollm2-135m"))).badge
    assert (await Router(NBStream(probe=False), environ).route(Target())).demo
    assert (await Router(NBStream(), environ | QUIET).route(Target())).demo


async def test_a_server_and_a_key_come_before_an_installed_model(
    models: Path, local: ByteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"NBSTREAM_MODELS": str(models)}
    key = environ | {"OPENAI_API_KEY": "sk-secret-secret"}
    assert (await Router(NBStream(), key).route(Target())).client.endpoint.provider == "openai"
    monkeypatch.setattr("nbstream.providers.discovery.LOCAL_PORTS", {local.port: "ollama"})
    assert (await Router(NBStream(), environ).route(Target())).client.endpoint.provider == "ollama"
    assert (await Router(NBStream(), key).route(Target("local:"))).model == "smollm2-135m"


async def test_a_local_models_answers_have_a_limit_of_their_own(models: Path) -> None:
    found = await route(Target("local:"), {"NBSTREAM_MODELS": str(models)})
    assert found.params({"seed": 1}) == {"seed": 1, "max_tokens": 512}
    assert found.params({"max_tokens": 5}) == {"max_tokens": 5}
    assert found.params({"max_completion_tokens": 5}) == {"max_completion_tokens": 5}


async def test_a_local_model_that_is_missing_is_explained(tmp_path: Path, models: Path) -> None:
    environ = {"NBSTREAM_MODELS": str(tmp_path / "empty")}
    with pytest.raises(ConfigError, match="No local model is installed") as caught:
        await route(Target("local:"), environ)
    assert "nbstream local install" in caught.value.advice
    with pytest.raises(ConfigError, match="does not exist"):
        await route(Target("local:there-is-no.gguf"), environ)


async def test_without_its_engine_a_local_model_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbstream.local.store.engine_is_installed", lambda: False)
    with pytest.raises(ConfigError, match="engine") as caught:
        await route(Target("local:smollm2-135m"))
    assert 'pip install "nbstream[local]"' in caught.value.advice
