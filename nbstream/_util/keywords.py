"""Functions that take the keywords of a TypedDict: named in their signature, and no others."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from nbstream._util.names import did_you_mean
from nbstream.errors import ArgumentError

__all__ = ["accepts", "check_keywords"]

_F = TypeVar("_F", bound=Callable[..., Any])


def accepts(
    keywords: type,
    shown: Iterable[str],
    advice: str = "",
    misplaced: Mapping[str, str] | None = None,
    called: str = "",
) -> Callable[[_F], _F]:
    """Decorate a function whose ``**keywords`` are those of a TypedDict.

    Type checkers read the TypedDict. Completion and help read the signature that is set here, because they
    do not follow `typing.Unpack`.

    Parameters
    ----------
    keywords
        The TypedDict.
    shown
        The names that the signature shows; the others are accepted as well.
    advice
        What to do with a name that is not accepted.
    misplaced
        Names that belong elsewhere, with where that is.
    called
        The function as its users know it, where that is not its qualified name.

    Examples
    --------
    >>> from typing import TypedDict
    >>> class Options(TypedDict, total=False):
    ...     seed: int
    >>> @accepts(Options, ["seed"])
    ... def ask(text, **options): ...
    >>> inspect.signature(ask)
    <Signature (text, *, seed: 'int' = None)>
    >>> ask("Hello", sed=1)
    Traceback (most recent call last):
        ...
    nbstream.errors.ArgumentError: ask() has no keyword 'sed'. Did you mean 'seed'?
    """
    types = {name: getattr(kind, "__forward_arg__", kind) for name, kind in keywords.__annotations__.items()}

    def decorate(function: _F) -> _F:
        signature = inspect.signature(function)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        known = {parameter.name for parameter in own} | types.keys()
        listed = [name for name in shown if name not in signature.parameters]
        added = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=False if types[name] in {bool, "bool"} else None,
                annotation=types[name],
            )
            for name in listed
        ]

        @functools.wraps(function)
        def checked(*args: Any, **given: Any) -> Any:
            if not given.keys() <= known:
                check_keywords(called or function.__qualname__, given, known, advice, misplaced or {})
            return function(*args, **given)

        checked.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
        return cast("_F", checked)

    return decorate


def check_keywords(
    function: str,
    given: Iterable[str],
    known: Iterable[str],
    advice: str = "",
    misplaced: Mapping[str, str] | None = None,
) -> None:
    """See that all names are known.

    Raises
    ------
    ArgumentError
        Names the first that is not, and the nearest known one.
    """
    known = frozenset(known)
    called = function.removesuffix(".__init__")
    for name in given:
        if name in known:
            continue
        told = (misplaced or {}).get(name) or f"{did_you_mean(name, known)} {advice}".strip()
        raise ArgumentError(f"{called}() has no keyword {name!r}.", advice=told)
