"""Errors of a connection as JSON, and back: a fault is raised again as the same class, with its causes."""

from __future__ import annotations

import builtins
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import httpx2

from nbstream import errors
from nbstream.cassettes.scrubbing import Scrubber

__all__ = ["from_links", "links_of"]

_MOST = 8


def links_of(error: BaseException, scrub: Scrubber) -> tuple[dict[str, Any], ...]:
    """The error and its causes, each with its class, its message and what else decides about it.

    Examples
    --------
    >>> links_of(httpx2.ReadError("the connection was reset"), Scrubber({}))
    ({'class': 'httpx2.ReadError', 'text': 'the connection was reset'},)
    """
    return tuple(_link(link, scrub) for link in _chain(error))


def from_links(links: Sequence[Mapping[str, Any]]) -> Exception:
    """The error that the links describe.

    Examples
    --------
    >>> error = from_links([{"class": "httpx2.ConnectError"}, {"class": "socket.gaierror", "errno": -2}])
    >>> type(error).__name__, type(error.__cause__).__name__
    ('ConnectError', 'gaierror')
    """
    made = [_made(link) for link in links] or [httpx2.ReadError("The recorded error is not known.")]
    for error, cause in pairwise(made):
        error.__cause__ = cause
    return made[0]


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    seen: list[BaseException] = []
    while link is not None and len(seen) < _MOST and not any(link is one for one in seen):
        seen.append(link)
        yield link
        following = link.__cause__ or link.__context__
        if following is None and isinstance(link, BaseExceptionGroup):
            following = link.exceptions[0]
        link = following


def _link(error: BaseException, scrub: Scrubber) -> dict[str, Any]:
    link: dict[str, Any] = {"class": _name(error), "text": scrub(_text(error))}
    for name in ("errno", "verify_message", "kind", "advice"):
        value = getattr(error, name, None)
        if isinstance(value, int | str) and value:
            link[name] = scrub(value) if isinstance(value, str) else value
    return {name: value for name, value in link.items() if value != ""}


def _text(error: BaseException) -> str:
    if isinstance(error, errors.NbstreamError):
        return error.message
    return str(error.strerror or error) if isinstance(error, OSError) else str(error)


def _name(error: BaseException) -> str:
    """The class that is raised again: the nearest one that is known by name."""
    for cls in type(error).__mro__:
        package = cls.__module__.partition(".")[0]
        if package == "nbstream" and cls.__module__ == errors.__name__:
            return f"nbstream.{cls.__name__}"
        if package in {"httpx", "httpx2"}:  # their errors have the same names
            return f"httpx2.{cls.__name__}"
        if cls.__module__ in {"socket", "ssl", "builtins"}:
            return cls.__name__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__name__}"
    return "Exception"


_HOMES = {"httpx2": httpx2, "socket": socket, "ssl": ssl, "nbstream": errors, "": builtins}


def _made(link: Mapping[str, Any]) -> Exception:
    home, _, name = str(link.get("class", "")).rpartition(".")
    text = str(link.get("text", ""))
    found = getattr(_HOMES.get(home), name, None)
    if not (isinstance(found, type) and issubclass(found, Exception)):
        return httpx2.ReadError(text)
    if issubclass(found, errors.NbstreamError):
        return found(text, kind=link.get("kind"), advice=str(link.get("advice", "")))
    if issubclass(found, OSError) and "errno" in link:
        error: Exception = found(link["errno"], text)
    else:
        error = _plain(found, text)
    if "verify_message" in link:
        error.verify_message = link["verify_message"]  # type: ignore[attr-defined]
    return error


def _plain(cls: type[Exception], text: str) -> Exception:
    try:
        return cls(text)
    except TypeError:  # a class whose constructor needs more
        return httpx2.ReadError(text)
