"""The common parameters of a request as properties of a chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Self, TypeVar, overload

__all__ = ["ParameterProperties"]

_T = TypeVar("_T")


class _Parameter(Generic[_T]):
    """A parameter of every request; None where it is not set."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self.__doc__ = f"`{name}` of every request; None removes it."

    @overload
    def __get__(self, chat: None, owner: type) -> Self: ...
    @overload
    def __get__(self, chat: ParameterProperties, owner: type) -> _T | None: ...
    def __get__(self, chat: Any, owner: type) -> Self | _T | None:
        return self if chat is None else chat.params.get(self._name)

    def __set__(self, chat: Any, value: _T | None) -> None:
        chat.set_params(**{self._name: value})

    def __delete__(self, chat: Any) -> None:
        chat.set_params(**{self._name: None})


class ParameterProperties:
    """A property for each of `nbstream.types.params.CommonParams`."""

    __slots__ = ()

    temperature = _Parameter[float]()
    top_p = _Parameter[float]()
    max_tokens = _Parameter[int]()
    seed = _Parameter[int]()
    stop = _Parameter[str | Sequence[str]]()
    presence_penalty = _Parameter[float]()
    frequency_penalty = _Parameter[float]()
    response_format = _Parameter[Mapping[str, Any]]()
    reasoning_effort = _Parameter[str]()
    verbosity = _Parameter[str]()
    logprobs = _Parameter[bool]()
    top_logprobs = _Parameter[int]()
    logit_bias = _Parameter[Mapping[str, float]]()
    n = _Parameter[int]()
    user = _Parameter[str]()
    tool_choice = _Parameter[str | Mapping[str, Any]]()
    parallel_tool_calls = _Parameter[bool]()
