"""Checks arguments of public calls early."""

from __future__ import annotations

from collections.abc import Sequence

from nbstream.errors import ArgumentError

__all__ = ["check_choice", "check_class"]


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Check that an argument is one of the choices, or None.

    Examples
    --------
    >>> check_choice("api", "morse", ("chat", "responses"))
    Traceback (most recent call last):
        ...
    nbstream.errors.ArgumentError: api='morse' is not valid. Choose one of 'chat', 'responses'.
    """
    if value is not None and value not in choices:
        known = ", ".join(map(repr, choices))
        raise ArgumentError(f"{name}={value!r} is not valid.", advice=f"Choose one of {known}.")


def check_class(name: str, value: object, wanted: type) -> None:
    """Check that an argument is an instance of a class, or None.

    Examples
    --------
    >>> from nbstream import Timeouts
    >>> check_class("timeouts", 5, Timeouts)
    Traceback (most recent call last):
        ...
    nbstream.errors.ArgumentError: timeouts=5 is not valid. Pass nbstream.Timeouts(…).
    """
    if value is not None and not isinstance(value, wanted):
        raise ArgumentError(f"{name}={value!r} is not valid.", advice=f"Pass nbstream.{wanted.__name__}(…).")
