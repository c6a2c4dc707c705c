"""What tokens cost: known prices, and never a price that is not known."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest

from nbstream import NBStream
from nbstream.cost.prices import is_free, price, price_text
from nbstream.errors import ArgumentError
from nbstream.providers.endpoint import Endpoint
from nbstream.providers.presets import PROVIDERS
from nbstream.types.usage import Usage


def at(provider: str) -> Endpoint:
    return Endpoint(PROVIDERS[provider].base_url, provider=provider)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o-mini"),
        ("anthropic", "claude-sonnet-4-5"),
        ("deepseek", "deepseek-chat"),
        ("gemini", "gemini-2.5-flash"),
    ],
)
def test_cached_tokens_cost_less_and_are_counted_once(provider: str, model: str) -> None:
    fresh = price(Usage(1_000_000, 0), at(provider), (model,), {})
    half = price(Usage(1_000_000, 0, cached=500_000), at(provider), (model,), {})
    cached = price(Usage(1_000_000, 0, cached=1_000_000), at(provider), (model,), {})
    assert fresh
    assert half
    assert cached
    assert cached < fresh
    assert half == (fresh + cached) / 2


def test_the_price_is_that_of_the_provider() -> None:
    assert price(Usage(1_000_000, 1_000_000), at("openai"), ("gpt-4o-mini",), {}) == Decimal("0.75")


def test_reasoning_that_only_the_total_counts_is_paid() -> None:
    hidden = price(Usage(1000, 10, 1510), at("gemini"), ("gemini-2.5-flash",), {})
    assert hidden == price(Usage(1000, 510), at("gemini"), ("gemini-2.5-flash",), {})


@pytest.mark.parametrize(
    ("endpoint", "usage"),
    [
        (at("openai"), Usage(1, 1)),
        (Endpoint("http://127.0.0.1:4000/v1", provider="127.0.0.1:4000"), Usage(1, 1)),
        (Endpoint("https://proxy.example/v1", provider="proxy.example"), Usage(1, 1)),
        (at("openai"), Usage(total=5)),
        (at("openai"), Usage()),
    ],
)
def test_what_has_no_price_is_none(endpoint: Endpoint, usage: Usage) -> None:
    model = "gpt-4o-mini" if usage != Usage(1, 1) or endpoint.provider != "openai" else "no-such-model"
    assert price(usage, endpoint, (model,), {}) is None


def test_models_on_this_machine_are_free() -> None:
    ollama = Endpoint("http://127.0.0.1:11434/v1", provider="ollama")
    assert price(Usage(1, 1), ollama, ("llama3.2",), {}) == 0
    assert not is_free(ollama, "gpt-oss:120b-cloud")
    assert not is_free(Endpoint("http://gpu.example:11434/v1", provider="ollama"), "llama3.2")


def test_own_prices_win() -> None:
    own = {"gpt-4o-mini": {"input": 1, "output": 2, "cached": 0.5}}
    assert price(Usage(1_000_000, 0), at("openai"), ("gpt-4o-mini",), own) == 1
    assert price(Usage(1_000_000, 500_000, cached=500_000), at("openai"), ("gpt-4o-mini",), own) == Decimal(
        "1.75"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"m": 3},
        {"m": {"input": 1}},
        {"m": {"input": 1, "output": "2"}},
        {"m": {"input": 1, "output": -2}},
        {"m": {"input": 1, "output": 2, "cachd": 1}},
    ],
)
def test_a_wrong_price_is_an_error_where_it_is_set(wrong: dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        NBStream(prices=wrong)


def test_only_openrouter_is_believed_what_an_answer_cost() -> None:
    usage = Usage(1, 1, cost=Decimal("0.5"))
    assert price(usage, at("openrouter"), ("no-such-model",), {}) == Decimal("0.5")
    assert price(usage, Endpoint("https://proxy.example/v1"), ("no-such-model",), {}) is None


def test_without_the_package_nothing_has_a_price() -> None:
    program = """
import sys
sys.modules["genai_prices"] = None
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "genai_prices" else real(name, *rest)
from nbstream.cost import prices
from nbstream.providers.endpoint import Endpoint
from nbstream.types.usage import Usage
openai = Endpoint("https://api.openai.com/v1", provider="openai")
print(prices.is_installed(), prices.price(Usage(1, 1), openai, ("gpt-4o-mini",), {}))
print(prices.price(Usage(1, 1), openai, ("m",), {"m": {"input": 1, "output": 1}}))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "None", "0.000002"]


@pytest.mark.parametrize(
    ("cost", "text"), [("0", "$0"), ("0.00213", "$0.0021"), ("12345.678", "$12,345.68"), ("0.125", "$0.13")]
)
def test_a_price_has_two_digits_after_the_zeros(cost: str, text: str) -> None:
    assert price_text(Decimal(cost)) == text
