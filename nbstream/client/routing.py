"""Which endpoint answers, with which key and which model: decided here and nowhere else.

In this order: a client passed in; ``PROVIDER:MODEL``; a base URL passed in or configured; the environment
(``OPENAI_BASE_URL``, ``OPENAI_API_KEY``); a model server on this machine; a local model, if one is installed
(`nbstream.local`); and, only where nothing at all is configured or asked for, the demo model. The demo never
stands in for an endpoint that was configured.

A key belongs to an origin: ``OPENAI_API_KEY`` goes to the host of ``OPENAI_BASE_URL`` (by default OpenAI's)
and to no other.
"""

from __future__ import annotations

import asyncio
import difflib
import os
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from weakref import WeakKeyDictionary

from nbstream._util.redaction import without_credentials
from nbstream.client.chat_client import ChatClient
from nbstream.config import NBStream
from nbstream.errors import ConfigError
from nbstream.local import Installed, find, find_default, installed
from nbstream.providers.discovery import find_local_servers
from nbstream.providers.endpoint import Endpoint, is_loopback
from nbstream.providers.presets import PROVIDERS, Provider
from nbstream.types.events import FOUND

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["Asked", "Route", "Router", "check_provider", "provider_of"]

DEMO = "demo"
LOCAL = "local"
_PROVIDER_NAMES = (*PROVIDERS, "azure", LOCAL, DEMO)
# Servers list models of all kinds without saying which ones chat.
_NO_CHAT = re.compile(
    r"embed|\bbge|\bgte-|\be5-|minilm|rerank|whisper|\btts|dall-e|\bimage|moderation", re.IGNORECASE
)
# Azure's API without a version is that of OpenAI, whose newer models refuse the old name.
_MAX_TOKENS = {name: preset.max_tokens for name, preset in PROVIDERS.items()} | {
    "azure": PROVIDERS["openai"].max_tokens
}
_LIMITS = frozenset({"max_tokens", "max_completion_tokens"})
_AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".openai.azure.us")
_SET_UP = (
    "Set OPENAI_API_KEY, name a provider (-m ollama:llama3.2), give --base-url, "
    "install a local one (nbstream local install), or try the demo model (-m demo)."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller asked for; empty means the default.

    Parameters
    ----------
    model
        ``NAME`` or ``PROVIDER:NAME``.
    base_url
        URL of an API.
    key
        API key for it.
    client
        A ready `AsyncOpenAI`, used as it is.
    """

    model: str = ""
    base_url: str = ""
    key: str | None = None
    client: AsyncOpenAI | None = None

    def instead(self, model: str, base_url: str) -> Asked:
        """The same with another model or address; key and client stay behind where the host changes."""
        if base_url or _split(model)[0]:
            return Asked(model, base_url)
        return replace(self, model=model or self.model)

    def beside(self, model: str, default: str) -> Asked:
        """The same endpoint with another of its models; `default` is the model where none is asked for."""
        if not model or _split(model)[0]:
            return replace(self.instead(model, ""), model=model)
        provider = "" if self.base_url or self.client else _split(self.model or default)[0]
        return replace(self, model=f"{provider}:{model}" if provider else model)

    def __repr__(self) -> str:
        return f"Asked(model={self.model!r}, base_url={without_credentials(self.base_url)!r})"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes.

    Parameters
    ----------
    client
        Sends it.
    model
        Name of the model at that endpoint.
    why
        One sentence for the reader: how this endpoint was chosen.
    local
        The local model, where one answers.
    """

    client: ChatClient
    model: str
    why: str = ""
    local: Installed | None = None

    @property
    def demo(self) -> bool:
        """Whether the scripted demo model answers."""
        return self.client.endpoint.provider == DEMO

    @property
    def badge(self) -> str:
        """What stands below every answer of a local model; empty for all others."""
        return self.local.model.badge if self.local else ""

    @property
    def loading(self) -> str:
        """Title of the local model that has to be loaded before it can answer; empty for all others."""
        transport = self.client.endpoint.transport
        return self.local.model.title if self.local and not getattr(transport, "loaded", True) else ""

    def params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters under the names that this provider gives them, with its own defaults."""
        renamed = _max_tokens(self.client.endpoint)
        named = {renamed if name == "max_tokens" else name: value for name, value in params.items()}
        if self.local and not _LIMITS & named.keys():
            named["max_tokens"] = self.local.model.max_tokens
        return named


@dataclass(frozen=True, slots=True)
class _Choice:
    endpoint: Endpoint
    model: str
    why: str
    local: Installed | None = None


class _Clients:
    """The open clients of one event loop, closed together with it.

    Parameters
    ----------
    forget
        Called when the loop ends: what is kept here refers to its loop, so that neither would ever go.
    """

    def __init__(self, forget: Callable[[], object]) -> None:
        self.open: dict[Endpoint | AsyncOpenAI, ChatClient] = {}
        self._forget = forget
        self._keeper = self._keep()

    async def start(self) -> None:
        """Tie the clients to the running loop: a loop closes its asynchronous generators when it ends."""
        await anext(self._keeper)

    async def _keep(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self._forget()
            for client in self.open.values():
                await client.aclose()


class Router:
    """Finds the route for a request, and keeps one client for each event loop and endpoint.

    Parameters
    ----------
    settings
        Defaults; those of the configuration by default.
    environ
        Environment variables; those of the process by default.
    """

    def __init__(self, settings: NBStream | None = None, environ: Mapping[str, str] | None = None) -> None:
        self._settings = settings or NBStream.instance()
        self._environ = os.environ if environ is None else environ
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()

    @property
    def settings(self) -> NBStream:
        """Defaults of every chat."""
        return self._settings

    async def route(self, asked: Asked) -> Route:
        """Choose endpoint and model.

        Raises
        ------
        ConfigError
            When what is asked for is not configured, or a key is missing. Says what to set.
        """
        if asked.client is not None:
            endpoint = Endpoint(str(asked.client.base_url), provider="client")
            client = await self._client(endpoint, asked.client)
            return Route(client, asked.model or self._settings.model or await _first_model(client))
        choice = await self._choose(asked)
        client = await self._client(choice.endpoint)
        model = choice.model or await _first_model(client)
        return Route(client, model, choice.why, choice.local)

    async def _client(self, endpoint: Endpoint, sdk: AsyncOpenAI | None = None) -> ChatClient:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = clients = _Clients(lambda: self._clients.pop(loop, None))
            await clients.start()
        open_clients = self._clients[loop].open
        key = sdk or endpoint
        if key not in open_clients:
            open_clients[key] = ChatClient(endpoint, sdk)
        return open_clients[key]

    async def _choose(self, asked: Asked) -> _Choice:
        wanted = asked.model or self._settings.model
        configured = "" if _split(asked.model)[0] else self._settings.base_url
        base_url = asked.base_url or configured
        provider, model = ("", wanted) if base_url else _split(wanted)
        if provider == DEMO:
            return _demo(model, "asked for")
        if provider == LOCAL:
            return _local(find(model, self._environ), "asked for")
        if provider == "azure":
            return self._azure(model)
        if provider:
            return self._preset(provider, model, asked.key)
        if base_url:
            key_env = "" if asked.base_url else self._settings.api_key_env
            return self._address(base_url, model, asked.key, key_env)
        return self._from_environment(model, asked.key) or await self._local_or_demo(model)

    def _preset(self, name: str, model: str, key: str | None) -> _Choice:
        preset = PROVIDERS[name]
        key = key or self._env(preset.key_env) or None
        if preset.key_env and not key:
            advice = f"Set {preset.key_env} in the environment, then run the cell again."
            raise ConfigError(f"No key for {name}: {preset.key_env} is not set.", kind="auth", advice=advice)
        endpoint = Endpoint(preset.base_url, key, preset.key_env, name, preset.hint)
        return _Choice(endpoint, model or preset.model, f"preset {name}")

    def _azure(self, model: str) -> _Choice:
        """Azure's own address, with the API that needs no api-version."""
        address, key = self._env("AZURE_OPENAI_ENDPOINT"), self._env("AZURE_OPENAI_API_KEY")
        if not address or not key or not model:
            raise ConfigError(
                "Azure needs an endpoint, a key and the name of a deployment.",
                advice="Set AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_KEY, and use -m azure:DEPLOYMENT; "
                "for Entra ID pass Chat(client=AsyncAzureOpenAI(…)).",
            )
        base_url = f"{address.rstrip('/')}/openai/v1"
        return _Choice(Endpoint(base_url, key, "AZURE_OPENAI_API_KEY", "azure"), model, "preset azure")

    def _address(self, base_url: str, model: str, key: str | None, key_env: str) -> _Choice:
        base_url = base_url.strip()
        _check_url(base_url)
        name, preset = _preset_at(base_url)
        key_env = key_env or self._key_env_of(base_url, preset)
        key = key or self._env(key_env) or None
        default = preset.model if preset else ""
        hint = preset.hint if preset else "Is the server running, and is the base URL right?"
        endpoint = Endpoint(base_url, key, key_env, name or _host(base_url), hint)
        return _Choice(endpoint, model or default, "base URL given")

    def _key_env_of(self, base_url: str, preset: Provider | None) -> str:
        """The variable whose key belongs to the URL's origin; none for a foreign host."""
        own = self._env("OPENAI_BASE_URL") or PROVIDERS["openai"].base_url
        if _origin(own) == _origin(base_url):
            return "OPENAI_API_KEY"
        return preset.key_env if preset else ""

    def _from_environment(self, model: str, key: str | None) -> _Choice | None:
        base_url, env_key = self._env("OPENAI_BASE_URL"), self._env("OPENAI_API_KEY")
        if base_url:
            choice = self._address(base_url, model, key, "OPENAI_API_KEY")
            return _Choice(choice.endpoint, choice.model, "OPENAI_BASE_URL is set")
        if env_key or key:
            choice = self._preset("openai", model, key)
            return _Choice(choice.endpoint, choice.model, "OPENAI_API_KEY is set")
        return None

    async def _local_or_demo(self, model: str) -> _Choice:
        servers = await find_local_servers() if self._may_probe() else []
        for server in servers:
            if not model or model in server.models:
                endpoint = Endpoint(server.base_url, None, "", server.name)
                return _Choice(endpoint, model or _chat_model(server.models), FOUND)
        if self._may_probe() and (found := self._installed(model)):
            return _local(found, "nothing is configured, and it is installed")
        if not model:
            return _demo("", "nothing is configured")
        if model.startswith("nbstream-demo"):
            return _demo(model, "asked for")
        head, colon, _ = model.partition(":")
        advice = f"{_near(head)}{_SET_UP}" if colon else _SET_UP
        raise ConfigError(f"No endpoint is configured for the model {model!r}.", advice=advice)

    def _installed(self, model: str) -> Installed | None:
        """The local model of that name, or the default one."""
        default = find_default(self._environ)
        return installed(self._environ).get(model) if model and default else default

    def _env(self, name: str) -> str:
        """An environment variable without the line end that files and secrets often end with."""
        return self._environ.get(name, "").strip()

    def _may_probe(self) -> bool:
        return self._settings.probe and not self._environ.get("NBSTREAM_NO_PROBE")


def _max_tokens(endpoint: Endpoint) -> str:
    """The name of the parameter that limits an answer, also at an address that was given without a name."""
    name = endpoint.provider
    if name not in _MAX_TOKENS:
        host = (urlsplit(endpoint.base_url).hostname or "").lower()
        name = "azure" if host.endswith(_AZURE_HOSTS) else _preset_at(endpoint.base_url)[0]
    return _MAX_TOKENS.get(name, "max_tokens")


def _demo(model: str, why: str) -> _Choice:
    from nbstream.demo import create_app
    from nbstream.transports.asgi import ASGITransport

    endpoint = Endpoint("http://demo.invalid/v1", None, "", DEMO, transport=ASGITransport(create_app()))
    return _Choice(endpoint, model or "nbstream-demo", why)


def _local(found: Installed, why: str) -> _Choice:
    from nbstream.local.transport import LocalTransport

    base_url = f"http://local.invalid/{quote(str(found.path), safe='')}/v1"
    endpoint = Endpoint(base_url, None, "", LOCAL, transport=LocalTransport(found))
    return _Choice(endpoint, found.model.name, why, found)


def provider_of(model: str) -> str:
    """The provider that is named before a model; empty where none is.

    Examples
    --------
    >>> provider_of("ollama:llama3.2"), provider_of("qwen3:8b")
    ('ollama', '')
    """
    return _split(model)[0]


def _split(wanted: str) -> tuple[str, str]:
    """``PROVIDER:MODEL`` in two; a colon in a model's own name (``llama3.2:3b``) stays there."""
    head, colon, tail = wanted.partition(":")
    if head in _PROVIDER_NAMES:
        return (head, tail) if colon else (head, "")
    return "", wanted


def check_provider(name: str) -> None:
    """See whether there is a provider of that name.

    Raises
    ------
    ConfigError
        Where there is none; names the nearest.
    """
    if name not in _PROVIDER_NAMES:
        known = ", ".join(_PROVIDER_NAMES)
        raise ConfigError(f"There is no provider {name!r}.", advice=f"{_near(name)}There are {known}.")


def _near(name: str) -> str:
    near = difflib.get_close_matches(name.lower(), _PROVIDER_NAMES, n=1, cutoff=0.75)
    return f"Did you mean {near[0]}:? " if near else ""


def _preset_at(base_url: str) -> tuple[str, Provider | None]:
    for name, preset in PROVIDERS.items():
        if _origin(preset.base_url) == _origin(base_url):
            return name, preset
    return "", None


def _origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; of what is no URL an origin that nothing else has."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", url, None
    return parts.scheme, (parts.hostname or "").lower(), port


def _host(url: str) -> str:
    return urlsplit(without_credentials(url)).netloc


def _check_url(url: str) -> None:
    shown = without_credentials(url)
    from httpx2 import URL, InvalidURL

    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it checks it
        URL(url)
    except (ValueError, InvalidURL):  # its text may quote a part of a password
        hidden = re.sub("//.*@", "//", url) if "@" in url else shown
        advice = "Is the port a number? In a password, write @, :, / and ? as %40, %3A, %2F and %3F."
        raise ConfigError(f"The base URL {hidden!r} is not a URL.", advice=advice) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(
            f"The base URL {shown!r} is not an http(s) address.",
            advice="It looks like https://api.example.com/v1.",
        )
    if parts.query or parts.fragment:
        raise ConfigError(
            f"The base URL {shown!r} has a query or a fragment after it.",
            advice="Paths are added to its end. For a query use Chat(client=AsyncOpenAI(default_query={…})).",
        )
    if parts.scheme == "http" and not is_loopback(url) and parts.username:
        raise ConfigError(f"The base URL {shown!r} would send a password unencrypted.", advice="Use https.")


async def _first_model(client: ChatClient) -> str:
    """A model of an endpoint that was named without one."""
    models = await client.known_models()
    if not models:
        raise ConfigError(f"{client.endpoint.host} lists no models.", advice="Name one with -m.")
    return _chat_model(models)


def _chat_model(names: Sequence[str]) -> str:
    """The first that may chat, as far as its name tells."""
    return next((name for name in names if not _NO_CHAT.search(name)), names[0])
