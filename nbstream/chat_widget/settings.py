"""What the reader of a chat widget sets: the model and common parameters, checked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from nbstream.chat import Chat
from nbstream.client.target import provider_of
from nbstream.errors import ArgumentError, ConfigError

__all__ = ["PARAMETERS", "ChatSettings"]

_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
_MAX_NAME = 500


class ChatSettings:
    """Applies settings to a chat and remembers those that its reader has chosen.

    Parameters
    ----------
    chat
        The chat.

    Attributes
    ----------
    chosen : dict
        What the reader has chosen, by name, as a notebook keeps it.

    Examples
    --------
    >>> chat = Chat("demo")
    >>> settings = ChatSettings(chat)
    >>> settings.apply({"temperature": 0.2, "top_p": None})
    >>> chat.params, settings.chosen
    ({'temperature': 0.2}, {'temperature': 0.2})
    """

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self.chosen: dict[str, Any] = {}

    def apply(self, settings: Mapping[str, Any]) -> None:
        """Set the model and parameters; None takes a parameter away.

        Raises
        ------
        ConfigError
            When a value is not possible. Nothing is set then.
        """
        checked = {name: _checked(name, settings[name]) for name in PARAMETERS if name in settings}
        if "model" in settings:
            model = _model(settings["model"])
            self._chat.model = model
            self.chosen["model"] = model
        for name, value in checked.items():
            setattr(self._chat, name, value)
        kept = {**self.chosen, **checked}
        self.chosen = {name: value for name, value in sorted(kept.items()) if value is not None}

    def restore(self, saved: object) -> None:
        """Set what a notebook has kept.

        Notebooks come from anywhere: what is not possible is left out, and so is a model of another provider,
        which would send the conversation there.
        """
        for name, value in saved.items() if isinstance(saved, Mapping) else ():
            try:
                if name != "model" or provider_of(_model(value)) in {"", provider_of(self._chat.model)}:
                    self.apply({name: value})
            except ConfigError:
                continue


def _model(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_NAME or not (value.isprintable() or not value):
        raise ArgumentError("That is not a model name.", advice="Choose one from the list.")
    return value


def _checked(name: str, value: object) -> object:
    return None if value is None else PARAMETERS[name](name, value)


def _number(low: float, high: float) -> Callable[[str, object], float]:
    bounds = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of at least {low:g}"

    def check(name: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ArgumentError(
                f"{name} must be a number {bounds}.", advice="Leave it empty for the default."
            )
        return float(value)

    return check


def _whole(low: int) -> Callable[[str, object], int]:
    def check(name: str, value: object) -> int:
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number < 2**53:
            bounds = f" of at least {low}" if low > 0 else ""
            advice = "Leave it empty for the default."
            raise ArgumentError(f"{name} must be a whole number{bounds}.", advice=advice)
        return number

    return check


def _effort(name: str, value: object) -> str:
    if value not in _EFFORTS:
        raise ArgumentError(f"{name} must be one of {', '.join(_EFFORTS)}.")
    return str(value)


PARAMETERS: Mapping[str, Callable[[str, object], object]] = {
    "temperature": _number(0, math.inf),
    "top_p": _number(0, 1),
    "max_tokens": _whole(1),
    "seed": _whole(-(2**53)),
    "reasoning_effort": _effort,
}
"""The parameters that the widget offers, with what checks each."""
