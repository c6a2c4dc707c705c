"""Removes secrets from what a cassette keeps.

A cassette is committed, so this looks for more than a text on a screen needs: keys by the formats of many
services, values of environment variables, credentials of the request, and fields by their names.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from nbstream._util.credentials import is_harmless_parameter
from nbstream._util.redaction import MASK, forms_of, is_secret_name

__all__ = ["MASK", "Scrubber"]

_FORMATS = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|nvapi|pplx|csk)[-_][A-Za-z0-9_\-*.]{12,}"
    r"|\b(?:ask|tgp|fw|lsv2|shpat|dop|r8|whsec|sess)[-_]"
    r"(?=[A-Za-z0-9_\-*.]{0,60}\d)[A-Za-z0-9_\-*.]{12,}|\bdapi[0-9a-f]{24,}"
    r"|\b(?:gh[opsur]|github_pat|glpat|npm|pypi|xox[abeoprs]|ATATT|EAA|SG|ya29)[-_.]?[A-Za-z0-9_\-.=]{16,}"
    r"|\bAIza[A-Za-z0-9_\-]{20,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"
    r"|\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?"
    r"|(?i:\b(?:bearer|basic)\s+)(?=\S{0,60}\d)[A-Za-z0-9._~+/=\-]{8,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(?:(?!-----END).)*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
    re.DOTALL,
)
_USER_INFO = re.compile(r"(?<=://)[^\s/@\"'\\]+:[^\s/@\"'\\]+(?=@)")
# A value that is assigned to a secret's name, if it looks random: code such as password = input() stays.
_ASSIGNED = re.compile(
    r"(?i)(?<![a-z])((?:api[-_]?key|access[-_]?key|accountkey|secret[-_]?key|auth[-_]?token"
    r"|access[-_]?token|client[-_]?secret|private[-_]?key|secret|password|passwd|pwd|sig|signature)"
    r"[\\\"']{0,4}\s{0,2}[:=]\s{0,2}[\\\"']{0,4})"
    r"(?=[^\s\"'\\,;&)]{0,200}\d)(?=[^\s\"'\\,;&)]{0,200}[A-Za-z])[A-Za-z0-9_\-./+=%!@#$^*~]{8,}"
)
_SECRET_WORDS = ("key", "token", "secret", "pass", "pwd", "sig")
_SECRET_VARIABLE = re.compile(r"(?i)(?:key|token|secret|passwords?|passwd|pwd|credentials?|dsn|auth)$")
_SHORTEST_VALUE = 8
_SHORTEST_WORD = 20
# Fields of stream events whose values add up to one text.
_DELTA = re.compile(
    r'"(?:content|text|delta|reasoning_content|reasoning|thinking|arguments|refusal)":\s*"((?:[^"\\]|\\.)*)"'
)


class Scrubber:
    """Masks secrets, known ones and likely ones.

    Examples
    --------
    >>> scrub = Scrubber({"SERVICE_KEY": "correct-horse-1"})
    >>> scrub("ghp_0123456789abcdefghij and correct-horse-1")
    '[secret] and [secret]'
    >>> scrub('password = "hunter2hunter2", password = input()')
    'password = "[secret]", password = input()'
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._known: dict[str, None] = {}
        self._known_forms: re.Pattern[str] | None = None
        self.learn(_in_environment(os.environ if environ is None else environ))

    def learn(self, secrets: Iterable[str]) -> None:
        """Also mask these from now on."""
        new = [secret for secret in secrets if len(secret) >= _SHORTEST_VALUE and secret not in self._known]
        if new:
            self._known.update(dict.fromkeys(new))
            forms = {form for secret in self._known for form in forms_of(secret)}
            longest_first = sorted(forms, key=len, reverse=True)
            self._known_forms = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(self, text: str) -> str:
        """The text with each secret replaced by ``[secret]``."""
        if self._known_forms is not None:
            text = self._known_forms.sub(MASK, text)
        text = _FORMATS.sub(MASK, text)
        if "://" in text:
            text = _USER_INFO.sub(MASK, text)
        lower = text.lower()
        if any(word in lower for word in _SECRET_WORDS):
            text = _ASSIGNED.sub(rf"\1{MASK}", text)
        return text

    def within(self, value: Any) -> Any:
        """The same for every text in a value of JSON; fields with the name of a secret are masked."""
        match value:
            case str():
                return self(value)
            case Mapping():
                return {self(name): self._held(name, held) for name, held in value.items()}
            case list() | tuple():
                return [self.within(held) for held in value]
            case _:
                return value

    def _held(self, name: str, value: Any) -> Any:
        return MASK if isinstance(value, str) and is_secret_name(name) else self.within(value)

    def url(self, url: str) -> str:
        """A URL without user and password; query parameters keep their names."""
        parts = urlsplit(url)
        query = [
            (name, value if _is_harmless(name, value) else MASK) for name, value in parse_qsl(parts.query)
        ]
        host = parts.netloc.rpartition("@")[2]
        return self(urlunsplit((parts.scheme, host, parts.path, urlencode(query, safe="[]"), "")))

    def pieces(self, pieces: Sequence[str]) -> list[str]:
        """Consecutive parts of a body. A secret that spans several of them is masked in the last one."""
        scrubbed = [self(piece) for piece in pieces]
        if len(pieces) == 1:
            return scrubbed
        whole = self("".join(pieces))
        return scrubbed if "".join(scrubbed) == whole else ["" for _ in pieces[1:]] + [whole]

    def across(self, pieces: Sequence[str]) -> list[str]:
        """The same for a secret that a model wrote in several deltas: its first delta becomes the mask.

        Examples
        --------
        >>> Scrubber({}).across(['{"content": "sk-abcdefgh"}', '{"content": "ijklmnop ok"}'])
        ['{"content": "[secret]"}', '{"content": " ok"}']
        """
        places = [
            (number, match.span(1)) for number, text in enumerate(pieces) for match in _DELTA.finditer(text)
        ]
        texts = [_decoded(pieces[number][start:end]) for number, (start, end) in places]
        whole = "".join(texts)
        spans = [span for span in self._spans(whole) if whole[slice(*span)] != MASK]
        if not spans:
            return list(pieces)
        changed = list(pieces)
        new = _masked(texts, spans)
        for (number, (start, end)), before, after in reversed(list(zip(places, texts, new, strict=True))):
            if before != after:
                changed[number] = changed[number][:start] + json.dumps(after)[1:-1] + changed[number][end:]
        return changed

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where secrets are in a text, in order and without overlaps."""
        known = [match.span() for secret in self._known for match in re.finditer(re.escape(secret), text)]
        likely = [match.span() for form in (_FORMATS, _USER_INFO) for match in form.finditer(text)]
        assigned = [(match.end(1), match.end()) for match in _ASSIGNED.finditer(text)]
        found = sorted([*known, *likely, *assigned])
        apart: list[tuple[int, int]] = []
        for start, end in found:
            if apart and start < apart[-1][1]:
                apart[-1] = apart[-1][0], max(end, apart[-1][1])
            else:
                apart.append((start, end))
        return apart


def _is_harmless(name: str, value: str) -> bool:
    """Whether a query parameter holds no secret, such as ``starting_after=7``."""
    return is_harmless_parameter(name) or (len(value) < _SHORTEST_VALUE and not _SECRET_VARIABLE.search(name))


def _in_environment(environ: Mapping[str, str]) -> Iterator[str]:
    for name, value in environ.items():
        words = value.isalpha() and len(value) < _SHORTEST_WORD
        if _SECRET_VARIABLE.search(name) and len(value) >= _SHORTEST_VALUE and not words:
            yield value


def _decoded(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _masked(texts: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[str]:
    """The parts of one text with the spans masked, each in the part where it begins."""
    new, begin = [], 0
    for text in texts:
        end, kept, place = begin + len(text), "", begin
        for start, stop in spans:
            if start >= end or stop <= begin:
                continue
            kept += text[place - begin : max(start, begin) - begin] + (MASK if start >= begin else "")
            place = min(stop, end)
        new.append(kept + text[place - begin :])
        begin = end
    return new
