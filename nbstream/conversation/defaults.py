"""Which model a chat asks, and with which options: what holds for every question until it is changed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from nbstream._util.names import did_you_mean
from nbstream._util.read_only import ReadOnlyDict
from nbstream.client import sdk
from nbstream.client.router import Router
from nbstream.client.target import Target
from nbstream.conversation.options import RequestOptions, param_keywords
from nbstream.conversation.parameters import ParameterProperties
from nbstream.errors import ArgumentError
from nbstream.types.params import ParamKeywords

__all__ = ["RequestDefaults"]

_INSTEAD = {
    "messages": "Use chat.send(…), chat.system or Chat(messages=…).",
    "params": "Use chat.set_params(…).",
}


class RequestDefaults(ParameterProperties):
    """The model and the options of a chat.

    Parameters
    ----------
    router
        Chooses endpoints.
    target
        The model and the endpoint.
    options
        The options.
    """

    def __init__(self, router: Router, target: Target, options: RequestOptions) -> None:
        self._router = router
        self._target = target
        self._options = options

    if not TYPE_CHECKING:  # with it, type checkers would accept every name

        def __setattr__(self, name: str, value: object) -> None:
            if not name.startswith("_") and name != "conversation":
                _check_settable(type(self), name)
            super().__setattr__(name, value)

    @property
    def model(self) -> str:
        """The model, as ``NAME`` or ``PROVIDER:NAME``; empty for the default.

        Another model of the same endpoint is set by its name, as `models` lists it. With the name of a
        provider before it, the endpoint changes too.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("ollama:llama3.2")
        >>> chat.model = "qwen3"
        >>> chat.model
        'ollama:qwen3'
        """
        return self._target.model

    @model.setter
    def model(self, model: str) -> None:
        self._target = self._target.with_model(model or "", self._router.settings.model)

    def use_model(self, name: str) -> None:
        """Deprecated: set `model`."""
        _deprecated("chat.use_model(name)", "chat.model = name")
        self.model = name

    @property
    def params(self) -> Mapping[str, Any]:
        """Parameters of every request, for reading only; `set_params` or an attribute sets one."""
        advice = "Set an attribute, such as chat.temperature = 0.2, or use chat.set_params(…)."
        return ReadOnlyDict(self._options.request_params, advice)

    @param_keywords
    def set_params(self, **params: Unpack[ParamKeywords]) -> None:
        """Set parameters of every request from now on; None removes one.

        Parameters
        ----------
        **params
            Parameters by name. Those that nbstream does not know go into ``extra={…}``.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo", seed=7)
        >>> chat.set_params(seed=None, top_k=20, extra={"my_field": True})
        >>> chat.params
        {'top_k': 20, 'my_field': True}
        """
        changed = RequestOptions.of(params).over(self._options)
        kept = [{n: v for n, v in held.items() if v is not None} for held in (changed.params, changed.extra)]
        self._options = replace(changed, params=kept[0], extra=kept[1])

    def set_param(self, name: str, value: Any) -> None:
        """Deprecated: use `set_params`."""
        _deprecated("chat.set_param(name, value)", "chat.set_params(name=value)")
        self.set_params(**{name: value})

    async def models(self) -> list[str]:
        """List the models of the chat's endpoint.

        Raises
        ------
        NbstreamError
            If no endpoint is configured, or the request fails.

        Examples
        --------
        >>> import asyncio
        >>> from nbstream import Chat
        >>> asyncio.run(Chat("demo").models())[:2]
        ['nbstream-demo', 'nbstream-demo-fast']
        """
        await sdk.ready()
        route = await self._router.route(self._target)
        return await route.client.models()


def _check_settable(kind: type, name: str) -> None:
    """See that a chat has an attribute that can be set; classes of users' own may add some.

    Raises
    ------
    ArgumentError
        Names the nearest attribute.
    """
    if name in _INSTEAD:
        raise ArgumentError(f"chat.{name} is read-only.", advice=_INSTEAD[name])
    held = {key: value for base in kind.__mro__ for key, value in vars(base).items()}
    names = {key for key, value in held.items() if hasattr(value, "__set__") and not key.startswith("_")}
    names -= _INSTEAD.keys()
    near = did_you_mean(name, names)
    if name not in names and (near or kind.__module__.startswith("nbstream.")):
        advice = near or "Other parameters are set with chat.set_params(…)."
        raise ArgumentError(f"A chat has no attribute {name!r} that can be set.", advice=advice)


def _deprecated(old: str, new: str) -> None:
    warnings.warn(f"{old} is deprecated. Use {new}.", DeprecationWarning, stacklevel=3)
