"""What the front matter of a prompt file says, as keywords of `Prompt`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nbstream.prompts.picoschema import json_schema
from nbstream.providers.presets import PROVIDERS
from nbstream.types.params import KNOWN_PARAMS

__all__ = ["FrontMatter", "of_dotprompt", "of_prompty"]

_PARAM_NAMES = {
    "maxOutputTokens": "max_tokens",
    "topP": "top_p",
    "topK": "top_k",
    "stopSequences": "stop",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
}
_PREFIXES = {"googleai": "gemini", "google-genai": "gemini", "azure_openai": "azure"}
_DESCRIBING = frozenset(
    {"name", "description", "authors", "tags", "version", "variant", "metadata", "sample"}
)
_FORMATS = frozenset({"jinja2", "mustache"})

Read = dict[str, Any]


class FrontMatter:
    """Reads the fields of a file, and notes those that are not used.

    Parameters
    ----------
    fields
        The fields.
    """

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = dict(fields)
        self.unused: list[str] = []

    def take(self, name: str) -> Any:
        """The value of a field; None if the file does not have it."""
        return self.fields.pop(name, None)

    def inside(self, name: str) -> FrontMatter:
        """The fields within a field; what is left of them is not used."""
        value = self.take(name)
        return FrontMatter(value if isinstance(value, Mapping) else {})

    def leave(self, rest: Mapping[str, Any], within: str = "") -> None:
        """Note fields that are not used."""
        self.unused += [f"{within}{name}" for name in rest if within or name not in _DESCRIBING]


def of_dotprompt(matter: FrontMatter) -> Read:
    """The keywords in the front matter of dotprompt.

    Raises
    ------
    ValueError
        When a schema is not valid.
    """
    config, inputs, output = (matter.inside(name) for name in ("config", "input", "output"))
    found: Read = {"model": _model(matter.take("model")), "params": _params(config, matter, "config.")}
    found |= {"defaults": inputs.take("default"), "input_schema": _schema(inputs.take("schema"))}
    found["output_schema"] = _schema(output.take("schema"))
    if output.take("format") == "json" and found["output_schema"] is None:
        found["params"].setdefault("response_format", {"type": "json_object"})
    matter.leave(inputs.fields, "input.")
    matter.leave(output.fields, "output.")
    matter.leave(matter.fields)
    return found


def of_prompty(matter: FrontMatter) -> Read:
    """The keywords in the front matter of Prompty, version 1 or 2.

    Raises
    ------
    ValueError
        When the template is of another kind than Jinja2 or Mustache.
    """
    model = (
        FrontMatter({"id": matter.fields["model"]}) if _is_text(matter, "model") else matter.inside("model")
    )
    matter.take("model")
    connection, parameters, options = (model.inside(n) for n in ("configuration", "parameters", "options"))
    provider = model.take("provider") or connection.take("type") or ""
    name = model.take("id") or connection.take("name") or connection.take("azure_deployment")
    params = _params(parameters, matter, "model.parameters.") | _params(options, matter, "model.options.")
    schema, defaults = _inputs(matter.take("inputs"))
    outputs, _ = _inputs(matter.take("outputs"))
    _check_template(matter.take("template"))
    model.fields = {key: value for key, value in model.fields.items() if (key, value) != ("api", "chat")}
    matter.leave(connection.fields, "model.configuration.")
    matter.leave(model.fields, "model.")
    matter.leave(matter.fields)
    found: Read = {"model": _model(f"{provider}/{name}" if provider and name else name), "params": params}
    return found | {"defaults": defaults, "input_schema": schema, "output_schema": outputs}


def _is_text(matter: FrontMatter, name: str) -> bool:
    return isinstance(matter.fields.get(name), str)


def _model(name: Any) -> str | None:
    """The model as nbstream names it: ``googleai/gemini-x`` is ``gemini:gemini-x``."""
    if not isinstance(name, str) or not name:
        return None
    provider, slash, model = name.partition("/")
    provider = _PREFIXES.get(provider, provider)
    return f"{provider}:{model}" if slash and provider in {*PROVIDERS, "azure"} else name


def _params(config: FrontMatter, matter: FrontMatter, within: str) -> Read:
    named = {_PARAM_NAMES.get(name, name): (name, value) for name, value in config.fields.items()}
    matter.leave({name: 0 for param, (name, _) in named.items() if param not in KNOWN_PARAMS}, within)
    return {param: value for param, (_, value) in named.items() if param in KNOWN_PARAMS}


def _schema(schema: Any) -> dict[str, Any] | None:
    return None if schema is None else json_schema(schema)


def _inputs(inputs: Any) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The JSON schema and the default values of a list or dict of Prompty's inputs."""
    if isinstance(inputs, Mapping) and isinstance(inputs.get("properties"), Mapping):
        return dict(inputs), {}
    if isinstance(inputs, list):
        inputs = {item["name"]: item for item in inputs if isinstance(item, Mapping) and "name" in item}
    if not isinstance(inputs, Mapping) or not inputs:
        return None, {}
    fields = {name: item if isinstance(item, Mapping) else {"default": item} for name, item in inputs.items()}
    properties = {str(name): _property(item) for name, item in fields.items()}
    defaults = {name: item["default"] for name, item in fields.items() if "default" in item}
    return {"type": "object", "properties": properties}, defaults


def _property(item: Mapping[str, Any]) -> dict[str, Any]:
    kind = item.get("type", item.get("kind"))
    described = {"description": item["description"]} if "description" in item else {}
    return ({} if kind is None else {"type": kind}) | described


def _check_template(template: Any) -> None:
    kind = (
        template.get("format", template.get("type", "jinja2")) if isinstance(template, Mapping) else template
    )
    kind = kind.get("kind", "jinja2") if isinstance(kind, Mapping) else kind
    if kind is not None and kind not in _FORMATS:
        raise ValueError(f"templates of {kind} are not supported")


Reader = Callable[[FrontMatter], Read]
