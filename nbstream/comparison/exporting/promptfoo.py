"""A comparison as a configuration of promptfoo: prompts, providers, tests with their assertions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

from nbstream.comparison.checks import Check, PairCheck
from nbstream.comparison.exporting.plain import plain
from nbstream.comparison.grid.plan import Plan
from nbstream.comparison.grid.variant import Variant
from nbstream.comparison.judging import Judge, PairJudge
from nbstream.errors import ArgumentError
from nbstream.prompts import Prompt
from nbstream.prompts.template_strings import is_template_string
from nbstream.providers.presets import PROVIDERS

__all__ = ["promptfoo_yaml"]

# What promptfoo's providers for OpenAI take under the same name.
_CONFIG = frozenset(
    {
        "frequency_penalty",
        "max_completion_tokens",
        "max_tokens",
        "presence_penalty",
        "reasoning_effort",
        "response_format",
        "seed",
        "stop",
        "temperature",
        "top_p",
    }
)
_BLOCKS = ("{%", "{#", "#}")
_FILE = "file://"


def promptfoo_yaml(plan: Plan, models: Mapping[int, str]) -> str:
    """The configuration, with a comment for each check that promptfoo has not.

    Parameters
    ----------
    plan
        What is compared.
    models
        The models that answered, by number of the variant, for those that use the configured one.

    Raises
    ------
    ArgumentError
        When a prompt is not text, or a value would be read as a file.
    """
    checks: dict[str, Check | PairCheck] = {**plan.checks, **plan.pairs}
    asserts = {name: _assertion(name, check, plan) for name, check in checks.items()}
    left_out = [name for name, found in asserts.items() if found is None]
    data: dict[str, Any] = {
        "description": "Exported by nbstream",
        "prompts": _once(_prompt(variant) for variant in plan.variants),
        "providers": _once(
            _provider(variant, plan.chat, models.get(variant.index, "")) for variant in plan.variants
        ),
        "tests": [_test(row.fields, row.label) for row in plan.rows],
    }
    found = [one for one in asserts.values() if one is not None]
    data |= {"defaultTest": {"assert": found}} if found else {}
    data |= {"evaluateOptions": {"repeat": plan.n}} if plan.n > 1 else {}
    comments = [f"# Not exported, since it is a function of Python: {json.dumps(name)}" for name in left_out]
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
    return "\n".join([*comments, text])


def _prompt(variant: Variant) -> dict[str, str]:
    """The messages as JSON: of a text, promptfoo would expand the values again, and read some as JSON."""
    prompt = Prompt(variant.prompt) if is_template_string(variant.prompt) else variant.prompt
    if not isinstance(prompt, Prompt | str):
        raise ArgumentError(
            f"The prompt of {variant.name!r} is not a text.",
            advice="promptfoo is sent prompts of text alone.",
        )
    messages = _messages(prompt, variant.system)
    differing = variant.differing
    label = ", ".join(str(differing[part]) for part in ("prompt", "system") if part in differing) or "prompt"
    return {"label": label, "raw": json.dumps(messages, ensure_ascii=False)}


def _messages(prompt: Prompt | str, system: str | None) -> list[dict[str, str]]:
    if isinstance(prompt, str):
        first, turns, text = None, [], _literal(prompt)
    else:
        first, turns = prompt.system, [(role, _template(source)) for role, source in prompt.examples]
        text = _template(prompt.template) if prompt.variables else _literal(prompt.render())
    head = _template(first) if first is not None else None if system is None else _literal(system)
    found = [] if head is None else [("system", head)]
    return [{"role": role, "content": content} for role, content in [*found, *turns, ("user", text)]]


def _literal(text: str) -> str:
    """A text that promptfoo's templates leave as it is."""
    if not any(mark in text for mark in ("{{", *_BLOCKS)):
        return text
    return "{% raw %}" + text.replace("{% endraw", "{% endraw %}{{ '{%' }} endraw{% raw %}") + "{% endraw %}"


def _template(text: str) -> str:
    """A template with expressions only, since promptfoo's have blocks and comments too."""
    for mark in _BLOCKS:
        text = text.replace(mark, "{{ '" + mark[0] + "' }}" + mark[1])
    return text


def _provider(variant: Variant, chat: Mapping[str, Any], answered_by: str) -> dict[str, Any]:
    asked = variant.prompt if isinstance(variant.prompt, Prompt) else None
    model = variant.model or (asked.model if asked else None) or answered_by
    params = {**(asked.params if asked else {}), **chat, **variant.params}
    differing = variant.differing
    label = ", ".join(str(differing[part]) for part in ("model", "params") if part in differing)
    found = _endpoint(model, params.get("base_url"))
    config = found.get("config", {}) | {name: plain(params[name]) for name in sorted(_CONFIG & params.keys())}
    return {"id": found["id"], "label": label or model or "model", **({"config": config} if config else {})}


def _endpoint(model: str, base_url: object) -> dict[str, Any]:
    prefix, _, name = model.partition(":")
    preset = PROVIDERS.get(prefix) if name and base_url is None else None
    if preset is None:
        config = {} if base_url is None else {"apiBaseUrl": _without_password(str(base_url))}
        return {"id": f"openai:chat:{model or PROVIDERS['openai'].model}", "config": config}
    key = {"apiKeyEnvar": preset.key_env} if preset.key_env else {}
    return {"id": f"openai:chat:{name}", "config": {"apiBaseUrl": preset.base_url, **key}}


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def _assertion(name: str, check: Check | PairCheck, plan: Plan) -> dict[str, Any] | None:
    found = check.as_promptfoo()
    if found is None:
        return None
    found = {field: _template(value) if isinstance(value, str) else value for field, value in found.items()}
    if isinstance(check, Judge | PairJudge):
        found["provider"] = _endpoint(check.model or "", check.base_url or plan.chat.get("base_url"))
    return {**found, "metric": name}


def _test(fields: Mapping[str, Any], label: object) -> dict[str, Any]:
    values = {name: plain(value) for name, value in fields.items()}
    given = {name: value for name, value in values.items() if value is not None}  # which its schema refuses
    for name, value in given.items():
        if isinstance(value, str) and value.startswith(_FILE):
            raise ArgumentError(
                f"Row {label!r}: promptfoo would replace {name}={value[:40]!r} by the content of that file.",
                advice=f"Change the value, so that it does not begin with {_FILE}.",
            )
    return {"description": f"row {label}", **({"vars": given} if given else {})}


def _once(found: Iterable[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    unique: list[dict[str, Any]] = []
    for one in found:
        if one not in unique:
            unique.append(one)
    return unique
