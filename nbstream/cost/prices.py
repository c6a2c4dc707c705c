"""Prices of tokens: those that the user set, and those of the `genai-prices` package.

The package is the extra ``nbstream[cost]``. It takes a third of a second to import, so `ready` imports it in
a thread, and the prices while the model writes. It brings them with it: nothing is downloaded.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from nbstream._util.browser import IN_BROWSER, called_aside
from nbstream._util.names import did_you_mean
from nbstream.errors import ArgumentError
from nbstream.providers.endpoint import Endpoint, is_loopback
from nbstream.providers.presets import LOCAL_PORTS
from nbstream.types.usage import Usage

__all__ = ["FREE", "INSTALL", "check_prices", "is_free", "is_installed", "price", "price_text", "ready"]

INSTALL = "pip install nbstream[cost]"
FREE = "free (this machine)"

_PACKAGE = "genai_prices"
_IN_PROCESS = frozenset({"demo", "local"})
_LOCAL_SERVERS = frozenset(LOCAL_PORTS.values())
_PROVIDERS = {"gemini": "google", "client": ""}
"""Providers that have another name in `genai-prices`."""
_REPORTS_COST = "openrouter.ai"
_MILLION = 1_000_000
_KINDS = frozenset({"input", "output", "cached"})
_DIGITS = 2
_loading = threading.Lock()


def is_free(endpoint: Endpoint, model: str) -> bool:
    """Whether the model runs on this machine, so that it costs nothing.

    A server of another kind at a local address may forward requests to a paid one: it is not free.

    Examples
    --------
    >>> is_free(Endpoint("http://127.0.0.1:11434/v1", provider="ollama"), "llama3.2")
    True
    >>> is_free(Endpoint("http://127.0.0.1:4000/v1", provider="127.0.0.1:4000"), "gpt-5")
    False
    """
    if endpoint.transport is not None and endpoint.provider in _IN_PROCESS:
        return True
    own = endpoint.provider in _LOCAL_SERVERS and is_loopback(endpoint.base_url)
    return own and not model.endswith("cloud")  # Ollama forwards these to its service


def is_installed() -> bool:
    """Whether the package of prices is installed: also if that happened during the session."""
    return sys.modules.get(_PACKAGE) is not None or find_spec(_PACKAGE) is not None


async def ready(endpoint: Endpoint, model: str) -> None:
    """Import the package off the event loop, if this endpoint has prices; then, without waiting, these."""
    if not _imported() and is_installed() and not is_free(endpoint, model):
        await called_aside(_package)
        if not IN_BROWSER:
            asyncio.get_running_loop().run_in_executor(None, _known_providers)


def price(
    usage: Usage, endpoint: Endpoint, models: tuple[str, ...], own: Mapping[str, Any]
) -> Decimal | None:
    """What a usage costs in US dollars; None where no price is known.

    Parameters
    ----------
    usage
        The tokens of one request.
    endpoint
        Who answered it.
    models
        Names of the model, the most exact one first.
    own
        Prices that the user set: ``NBStream.prices``.
    """
    if any(is_free(endpoint, model) for model in models):
        return Decimal()
    if usage.input is None or usage.output is None:
        return None
    for name in models:
        if name in own:
            return _own_price(usage, own[name])
    if usage.cost is not None and endpoint.host == _REPORTS_COST:
        return usage.cost
    found = (_package_price(usage, endpoint, model) for model in models if model)
    return next((cost for cost in found if cost is not None), None)


def check_prices(prices: Mapping[str, Any]) -> None:
    """Check prices that a user sets: US dollars per million tokens, by model.

    Raises
    ------
    ArgumentError
        Names the wrong part.
    """
    example = 'For example: {"my-model": {"input": 0.15, "output": 0.6, "cached": 0.075}}.'
    for model, rates in prices.items():
        if not isinstance(rates, Mapping) or not {"input", "output"} <= rates.keys():
            raise ArgumentError(f"The price of {model!r} needs input and output.", advice=example)
        for kind, rate in rates.items():
            if kind not in _KINDS:
                near = did_you_mean(str(kind), _KINDS)
                raise ArgumentError(f"The price of {model!r} has no part {kind!r}.", advice=near or example)
            if (
                isinstance(rate, bool)
                or not isinstance(rate, int | float | Decimal)
                or not 0 <= rate < _MILLION
            ):
                raise ArgumentError(f"The price {rate!r} of {model!r} is not a number.", advice=example)


def price_text(cost: Decimal) -> str:
    """A price as text, with two digits after the zeros.

    Examples
    --------
    >>> price_text(Decimal("0.00213")), price_text(Decimal("1.234")), price_text(Decimal("0.1"))
    ('$0.0021', '$1.23', '$0.10')
    """
    if not cost:
        return "$0"
    places = max(_DIGITS, _DIGITS - 1 - cost.adjusted())
    return f"${cost.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"


def _own_price(usage: Usage, rates: Mapping[str, Any]) -> Decimal:
    rate = {kind: Decimal(str(value)) for kind, value in rates.items()}
    cached = min(usage.cached or 0, usage.input or 0) if "cached" in rate else 0
    fresh = (usage.input or 0) - cached
    whole = fresh * rate["input"] + cached * rate.get("cached", Decimal()) + _output(usage) * rate["output"]
    return whole / _MILLION


def _output(usage: Usage) -> int:
    """All tokens after the prompt: some providers count reasoning in the total only."""
    return max(usage.output or 0, (usage.total or 0) - (usage.input or 0))


def _imported() -> bool:
    return _PACKAGE in sys.modules and not _loading.locked()


def _package() -> Any:
    with _loading:
        return import_module(_PACKAGE)


def _package_price(usage: Usage, endpoint: Endpoint, model: str) -> Decimal | None:
    """The price by the package; None where it is not installed, or does not know provider or model."""
    if not is_installed() or not _knows(endpoint.provider, endpoint.base_url, model):
        return None
    counts = {
        "input_tokens": usage.input,
        "output_tokens": _output(usage),
        "cache_read_tokens": min(usage.cached or 0, usage.input or 0) or None,
        "cache_write_tokens": usage.cache_written or None,
    }
    try:
        return _calculated(counts, endpoint.provider, endpoint.base_url, model)
    except ValueError:  # counts that contradict each other
        return None


@lru_cache(maxsize=512)
def _knows(provider: str, base_url: str, model: str) -> bool:
    try:
        _calculated({"input_tokens": 1, "output_tokens": 1}, provider, base_url, model)
    except LookupError:
        return False
    return True


def _calculated(counts: Mapping[str, int | None], provider: str, base_url: str, model: str) -> Decimal:
    package = _package()
    provider = _PROVIDERS.get(provider, provider)
    known = provider in _known_providers()
    where = {"provider_id": provider} if known else {"provider_api_url": base_url}
    cost: Decimal = package.calc_price(package.Usage(**counts), model, **where).total_price
    return cost


@cache
def _known_providers() -> frozenset[str]:
    return frozenset(provider.id for provider in import_module(f"{_PACKAGE}.data").providers)
