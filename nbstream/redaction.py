"""Taking secrets out of text that a reader, a log or a file may get to see.

A key is known where it is used, so it is looked for by its value; keys that nbstream does not know (a
server may echo another one) are looked for by the shapes that providers give them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["Redactor", "without_credentials"]

MASK = "[secret]"
_SHORTEST = 6
_SHAPES = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|nvapi|ask|pplx|csk)[-_][A-Za-z0-9_\-*.]{12,}"
    r"|\bAIza[A-Za-z0-9_\-]{20,}"
    r"|(?i:\bbearer\s+)[A-Za-z0-9._~+/=\-]{8,}"
)


class Redactor:
    """Callable that masks known secrets and whatever looks like one.

    Examples
    --------
    >>> Redactor(["s3cr3t-value"])("Incorrect key: s3cr3t-value or sk-abcdefghijklmnop")
    'Incorrect key: [secret] or [secret]'
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = [secret for secret in secrets if len(secret) >= _SHORTEST]
        # In JSON a slash may be escaped, and some servers do so.
        self._secrets = known + [secret.replace("/", "\\/") for secret in known if "/" in secret]

    def __call__(self, text: str) -> str:
        """The text with each secret replaced by ``[secret]``."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return _SHAPES.sub(MASK, text)

    def within(self, value: Any) -> Any:
        """The same of every text in a value, as JSON; what JSON has no form for becomes text.

        Examples
        --------
        >>> Redactor().within({"user": "sk-abcdefghijklmnop", "stop": ("a", 1)})
        {'user': '[secret]', 'stop': ['a', 1]}
        """
        match value:
            case None | bool() | int() | float():
                return value
            case Mapping():
                return {self(str(name)): self.within(held) for name, held in value.items()}
            case list() | tuple():
                return [self.within(held) for held in value]
            case _:
                return self(str(value))

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"


def without_credentials(url: str) -> str:
    """The URL without user, password and query: any of them may hold a key.

    Examples
    --------
    >>> without_credentials("https://me:pw@host.example/v1?key=1")
    'https://host.example/v1'
    """
    return re.sub(r"[?#].*$", "", re.sub(r"//[^/]*@", "//", url))
