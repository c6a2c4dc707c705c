"""Removes secrets from text that may be shown, logged or saved.

Known secrets are found by value; unknown keys (a server may echo another one) are found by the formats
of the providers.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

__all__ = ["MASK", "Redactor", "forms_of", "is_secret_name", "without_credentials"]

MASK = "[secret]"
_SHORTEST = 6
_MOST = 200
_CUT = " …"
"""Mark at the end of a truncated text."""
_SHAPES = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|nvapi|ask|pplx|csk)[-_][A-Za-z0-9_\-*.]{12,}"
    r"|\bAIza[A-Za-z0-9_\-]{20,}"
    r"|(?i:\bbearer\s+)[A-Za-z0-9._~+/=\-]{8,}"
)
_SECRET_NAME = re.compile(r"(?i)(?:api[-_]?key|token|secret|password|passwd|authorization|credentials?)$")


class Redactor:
    """Callable that masks known secrets and likely ones.

    Examples
    --------
    >>> redact = Redactor(["s3cr3t-value"])
    >>> redact("Incorrect key: s3cr3t-value or sk-abcdefghijklmnop")
    'Incorrect key: [secret] or [secret]'

    The start of a secret at the end of a truncated text is masked as well:

    >>> redact("Incorrect key: s3cr3t-v…")
    'Incorrect key: [secret]…'
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: dict[str, re.Pattern[str]] = {}
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Also mask these from now on. Only the latest are kept, for tokens that change."""
        for secret in secrets:
            if len(secret) >= _SHORTEST and secret not in self._secrets:
                self._secrets[secret] = _pattern(secret)
        while len(self._secrets) > _MOST:
            del self._secrets[next(iter(self._secrets))]

    def __call__(self, text: str) -> str:
        """The text with each secret replaced by ``[secret]``."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = self._secrets[secret].sub(MASK, text)
        for secret in self._secrets:
            text = _without_beginning(text, secret)
        return _SHAPES.sub(MASK, text)

    def within(self, value: Any) -> Any:
        """The same for every text in a value, as JSON; values without a JSON form become text.

        Examples
        --------
        >>> Redactor().within({"user": "sk-abcdefghijklmnop", "stop": ("a", 1), "api_key": "x"})
        {'user': '[secret]', 'stop': ['a', 1], 'api_key': '[secret]'}
        """
        match value:
            case None | bool() | int() | float():
                return value
            case Mapping():
                return {self(str(name)): self._held(str(name), held) for name, held in value.items()}
            case list() | tuple():
                return [self.within(held) for held in value]
            case _:
                return self(str(value))

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"

    def _held(self, name: str, value: Any) -> Any:
        return MASK if isinstance(value, str) and is_secret_name(name) else self.within(value)


def is_secret_name(name: str) -> bool:
    """Whether a field or an environment variable holds a secret, judged by its name.

    Examples
    --------
    >>> is_secret_name("OPENAI_API_KEY"), is_secret_name("MAX_TOKENS")
    (True, False)
    """
    return _SECRET_NAME.search(name) is not None


def without_credentials(url: str) -> str:
    """The URL without user, password and query, which may contain a key.

    Examples
    --------
    >>> without_credentials("https://me:pw@host.example/v1?key=1")
    'https://host.example/v1'
    """
    return re.sub(r"[?#].*$", "", re.sub(r"//[^/]*@", "//", url))


def _pattern(secret: str) -> re.Pattern[str]:
    forms = sorted(set(forms_of(secret)), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, forms)))


def forms_of(secret: str) -> Iterator[str]:
    """A secret as written in text, JSON, a URL and HTML. In JSON a slash may be escaped."""
    in_json = json.dumps(secret)[1:-1]
    yield from (secret, in_json, in_json.replace("/", "\\/"))
    yield from (quote(secret, safe=""), quote(secret), html.escape(secret))


def _without_beginning(text: str, secret: str) -> str:
    """Mask a truncated secret at the end of a text."""
    kept = text.rstrip(_CUT)
    for size in range(min(len(secret) - 1, len(kept)), _SHORTEST - 1, -1):
        if kept.endswith(secret[:size]):
            return kept[:-size] + MASK + text[len(kept) :]
    return text
