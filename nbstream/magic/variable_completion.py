"""Completion of names, attributes and columns inside the braces of a prompt, by IPython's own completer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from IPython.core.completer import IPCompleter, SimpleCompletion, provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from nbstream.prompts.expressions import sandbox

__all__ = ["VariableCompleter", "open_expression"]

_STRING = re.compile(r"'[^']*'" + r'|"[^"]*"')
_FILTER = re.compile(r"(?<!\|)\|\s*(\w*)$")
_NAME = re.compile(r"(?:^|[\s(,{:+\-*/%~<>=!])(\w*)$")
"""A name at the cursor that is not an attribute, an item or a part of a number."""


def open_expression(before: str) -> str | None:
    """The text of the expression that the cursor is in; None outside of braces.

    Parameters
    ----------
    before
        The prompt up to the cursor.

    Examples
    --------
    >>> open_expression("Dear {{ user.na"), open_expression("Dear {{ name }}, ")
    (' user.na', None)
    """
    start, end = before.rfind("{{"), before.rfind("}}")
    return before[start + 2 :] if start > end else None


class Found(NamedTuple):
    """Completions, and the text before the cursor that they replace."""

    completions: list[SimpleCompletion]
    fragment: str


class VariableCompleter:
    """Completes expressions with the names of a shell.

    Parameters
    ----------
    shell
        The shell.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._inner: IPCompleter | None = None

    def complete(self, expression: str, columns: Sequence[str] = ()) -> Found:
        """The completions of an expression that ends at the cursor.

        Parameters
        ----------
        expression
            The text after the opening braces.
        columns
            Names that the rows of a table define; those that are names are offered first.
        """
        if not {"'", '"'} & set(_STRING.sub("", expression)):  # the cursor is not in a text
            if found := _FILTER.search(expression):
                return _beginning_with(found[1], sandbox().filters, "function")
            if found := _NAME.search(expression):
                return self._names(found[1], columns)
        return self._inspected(expression)

    def _names(self, fragment: str, columns: Sequence[str]) -> Found:
        """Columns, variables of the notebook, and what templates have of Python once a letter is typed."""
        variables, hidden = self._shell.user_ns, self._shell.user_ns_hidden
        mine = [name for name in variables if name not in hidden or variables[name] is not hidden[name]]
        shown = [name for name in mine if not name.startswith("_") or fragment.startswith("_")]
        fields = [name for name in columns if name.isidentifier()]
        functions = sandbox().globals if fragment else ()
        return _beginning_with(fragment, dict.fromkeys([*fields, *sorted(shown), *functions]), "instance")

    def _inspected(self, expression: str) -> Found:
        """Attributes, items and names as IPython completes them."""
        text = expression.lstrip().rpartition("\n")[2].lstrip()
        with provisionalcompleter():
            found = list(self._completer.completions(text, len(text)))
        starts = {completion.start for completion in found if completion.end == len(text)}
        if not starts:
            return Found([], "")
        start = max(starts)
        words = [word for word in found if word.start == start and word.text[:1] not in {"%", "!"}]
        return Found([SimpleCompletion(word.text, type=word.type) for word in words], text[start:])

    @property
    def _completer(self) -> Any:
        """A completer beside that of the shell, which is in the middle of its own work."""
        if self._inner is None:
            shell = self._shell
            # Inspects the objects: Jedi does not know columns, and is slow.
            self._inner = IPCompleter(
                shell=shell,
                namespace=shell.user_ns,
                global_namespace=shell.user_global_ns,
                parent=shell,
                use_jedi=False,
            )
            self._inner.disable_matchers = [
                "IPCompleter.magic_matcher",
                "IPCompleter.magic_config_matcher",
                "IPCompleter.magic_color_matcher",
                "IPCompleter.file_matcher",
            ]
        return self._inner


def _beginning_with(fragment: str, names: Iterable[str], kind: str) -> Found:
    found = [SimpleCompletion(name, type=kind) for name in names if name.startswith(fragment)]
    return Found(found, fragment)
