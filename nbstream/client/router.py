"""Chooses the endpoint, key and model; this is decided only here.

In this order: a client passed in; ``PROVIDER:MODEL``; a base URL passed in or configured; the environment
(``OPENAI_BASE_URL``, ``OPENAI_API_KEY``); a model server on this machine; a local model, if one is installed
(`nbstream.local`); and, only if nothing is configured or requested, the demo model. The demo never replaces
a configured endpoint.

A key belongs to an origin: ``OPENAI_API_KEY`` goes to the host of ``OPENAI_BASE_URL`` (by default OpenAI's)
and to no other.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from nbstream.cassettes.lines import RecordedRoute
from nbstream.client.addresses import check_url, origin_of, preset_at, shown_host
from nbstream.client.chat_models import chat_model, first_model
from nbstream.client.clients import ClientPool
from nbstream.client.recorded_routes import note_route, recorded_route
from nbstream.client.route import Route
from nbstream.client.target import DEMO, LOCAL, Target, nearest_provider, provider_of, split_model
from nbstream.config import NBStream
from nbstream.errors import ConfigError, SettingsError
from nbstream.local import Installed, find, find_default, installed, recorded_model
from nbstream.providers.discovery import find_local_servers
from nbstream.providers.endpoint import Endpoint
from nbstream.providers.presets import PROVIDERS, Provider
from nbstream.structured.modes import KnownModes

__all__ = ["Router", "default_router"]

_FOUND = "found on this machine"
_SET_UP = (
    "Set OPENAI_API_KEY, use a provider (-m ollama:llama3.2), set --base-url, install a local model "
    "(nbstream local install), or try the demo model (-m demo)."
)


@dataclass(frozen=True, slots=True)
class _Choice:
    endpoint: Endpoint
    model: str
    why: str
    local: Installed | None = None
    discovered: bool = False


class Router:
    """Finds the route of a request, and keeps one client per event loop and endpoint.

    Parameters
    ----------
    settings
        Defaults; those of the configuration by default.
    environ
        Environment variables; those of the process by default.

    Attributes
    ----------
    schema_modes : dict
        How schemas were accepted, by endpoint and model.
    """

    def __init__(self, settings: NBStream | None = None, environ: Mapping[str, str] | None = None) -> None:
        self._settings = settings or NBStream.instance()
        self._environ = os.environ if environ is None else environ
        self._clients = ClientPool()
        self.schema_modes: KnownModes = {}

    @property
    def settings(self) -> NBStream:
        """Defaults of every chat."""
        return self._settings

    async def route(self, target: Target) -> Route:
        """Choose endpoint and model.

        Raises
        ------
        SettingsError
            When what is asked for is not configured, or a key is missing. Says what to set.
        """
        if target.client is not None:
            endpoint = Endpoint(str(target.client.base_url), provider="client")
            client = await self._clients.client(endpoint, target.client)
            return Route(client, target.model or self._settings.model or await first_model(client))
        choice = await self._choose_or_replay(target)
        client = await self._clients.client(choice.endpoint)
        model = choice.model or await first_model(client)
        note_route(self._wanted(target), choice.endpoint, model)
        return Route(client, model, choice.why, choice.local, choice.discovered)

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later request opens new ones.

        Clients that users passed in stay open: they are theirs to close.
        """
        await self._clients.aclose()

    def _wanted(self, target: Target) -> str | None:
        """The model that is asked for, by which a recording knows its endpoint; None with a base URL."""
        return None if self._base_url(target) else target.model or self._settings.model

    def _base_url(self, target: Target) -> str:
        configured = "" if provider_of(target.model) else self._settings.base_url
        return target.base_url or configured

    async def _choose_or_replay(self, target: Target) -> _Choice:
        """The endpoint that a recording has for this target, without a key; otherwise the usual choice."""
        recorded = recorded_route(self._wanted(target))
        if recorded is None:
            return await self._choose(target)
        if not recorded.only_if_needed:
            return _recorded(recorded.route)
        try:
            choice = await self._choose(target)
        except ConfigError:
            return _recorded(recorded.route)
        by_default = choice.endpoint.provider == DEMO and not target.model
        return _recorded(recorded.route) if by_default else choice

    async def _choose(self, target: Target) -> _Choice:
        wanted = target.model or self._settings.model
        base_url = self._base_url(target)
        provider, model = ("", wanted) if base_url else split_model(wanted)
        if provider == DEMO:
            return _demo(model, "requested")
        if provider == LOCAL:
            return _local(find(model, self._environ), "requested")
        if provider == "azure":
            return self._azure(model)
        if provider:
            return self._preset(provider, model, target.key)
        if base_url:
            key_env = "" if target.base_url else self._settings.api_key_env
            return self._address(base_url, model, target.key, key_env)
        return self._from_environment(model, target.key) or await self._local_or_demo(model)

    def _preset(self, name: str, model: str, key: str | None) -> _Choice:
        preset = PROVIDERS[name]
        key = key or self._env(preset.key_env) or None
        if preset.key_env and not key:
            advice = f"Set {preset.key_env} in the environment, then run the cell again."
            raise SettingsError(
                f"No key for {name}: {preset.key_env} is not set.", kind="auth", advice=advice
            )
        endpoint = Endpoint(preset.base_url, key, preset.key_env, name, preset.hint)
        return _Choice(endpoint, model or preset.model, f"preset {name}")

    def _azure(self, model: str) -> _Choice:
        """Azure's own address, with the API that needs no api-version."""
        address, key = self._env("AZURE_OPENAI_ENDPOINT"), self._env("AZURE_OPENAI_API_KEY")
        if not address or not key or not model:
            raise SettingsError(
                "Azure needs an endpoint, a key and the name of a deployment.",
                advice="Set AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_KEY, and use -m azure:DEPLOYMENT; "
                "for Entra ID pass Chat(client=AsyncAzureOpenAI(…)).",
            )
        base_url = f"{address.rstrip('/')}/openai/v1"
        return _Choice(Endpoint(base_url, key, "AZURE_OPENAI_API_KEY", "azure"), model, "preset azure")

    def _address(self, base_url: str, model: str, key: str | None, key_env: str) -> _Choice:
        base_url = base_url.strip()
        check_url(base_url)
        name, preset = preset_at(base_url)
        key_env = key_env or self._key_env_of(base_url, preset)
        key = key or self._env(key_env) or None
        default = preset.model if preset else ""
        hint = preset.hint if preset else "Check that the server is running and that the base URL is correct."
        endpoint = Endpoint(base_url, key, key_env, name or shown_host(base_url), hint)
        return _Choice(endpoint, model or default, "base URL given")

    def _key_env_of(self, base_url: str, preset: Provider | None) -> str:
        """The variable whose key belongs to the URL's origin; none for a foreign host."""
        own = self._env("OPENAI_BASE_URL") or PROVIDERS["openai"].base_url
        if origin_of(own) == origin_of(base_url):
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
                return _Choice(endpoint, model or chat_model(server.models), _FOUND, discovered=True)
        if self._may_probe() and (found := self._installed(model)):
            return _local(found, "nothing is configured, and it is installed")
        if not model:
            return _demo("", "nothing is configured")
        if model.startswith("nbstream-demo"):
            return _demo(model, "requested")
        head, colon, _ = model.partition(":")
        advice = f"{nearest_provider(head)}{_SET_UP}" if colon else _SET_UP
        raise SettingsError(f"No endpoint is configured for the model {model!r}.", advice=advice)

    def _installed(self, model: str) -> Installed | None:
        """The local model of that name, or the default one."""
        default = find_default(self._environ)
        return installed(self._environ).get(model) if model and default else default

    def _env(self, name: str) -> str:
        """An environment variable without the line end that files and secrets often end with."""
        return self._environ.get(name, "").strip()

    def _may_probe(self) -> bool:
        return self._settings.probe and not self._environ.get("NBSTREAM_NO_PROBE")


def _recorded(route: RecordedRoute) -> _Choice:
    why = "of a recording"
    if route.provider == DEMO:
        return _demo(route.model, why)
    if route.provider == LOCAL:
        return _local(recorded_model(route.model), why)
    return _Choice(Endpoint(route.base_url, None, "", route.provider), route.model, why)


@cache
def default_router() -> Router:
    """The router of this process, which chats share unless they have their own."""
    return Router()


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
