"""The demo's models: name, speed, and whether they reason first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from nbstream.demo.errors import APIError

__all__ = ["DEMO_MODELS", "DemoModel", "model_named"]


@dataclass(frozen=True, slots=True)
class DemoModel:
    """One model of the demo.

    Parameters
    ----------
    id
        Name in the API.
    first_token
        Seconds before the first token.
    per_token
        Seconds from one token to the next.
    reasons
        Whether ``reasoning_content`` comes before the text.
    """

    id: str
    first_token: float = 0.3
    per_token: float = 1 / 30
    reasons: bool = False


_MODELS = (
    DemoModel("nbstream-demo"),
    DemoModel("nbstream-demo-fast", first_token=0.0, per_token=0.0),
    DemoModel("nbstream-demo-reasoning", reasons=True),
)

DEMO_MODELS: Mapping[str, DemoModel] = MappingProxyType({model.id: model for model in _MODELS})
"""The demo's models by their ids, the default one first."""


def model_named(name: str, *, any_name: bool = False) -> DemoModel:
    """The model with the id `name`.

    Parameters
    ----------
    name
        Id of a model.
    any_name
        Whether every other name means the default model.

    Raises
    ------
    APIError
        404 ``model_not_found``, with the names of the known models.

    Examples
    --------
    >>> model_named("gpt-5-mini", any_name=True).id
    'gpt-5-mini'
    """
    if name in DEMO_MODELS:
        return DEMO_MODELS[name]
    if any_name and name:
        return replace(_MODELS[0], id=name)
    message = f"The model '{name}' does not exist. The demo has {', '.join(DEMO_MODELS)}."
    raise APIError(404, message, param="model", code="model_not_found")
