"""Reads the error message of a server from the many shapes that servers use.

The same reader serves the body of an HTTP error and an error object inside a stream.

Examples
--------
>>> problem_in({"error": {"message": "No such model", "code": "model_not_found"}})
Problem(message='No such model', code='model_not_found')
>>> problem_in({"choices": []}) is None
True
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import jiter

__all__ = ["Problem", "is_error_text", "printable", "problem_in", "problem_in_body"]

_SHOWN = 300
_READ = 1 << 16
_OTHER_NAMES = (("msg", "code"), ("error_msg", "error_code"), ("status_msg", "status_code"))
_ERROR_TEXT = re.compile(r"\W*(?:fatal |internal |upstream |server )*error\b", re.IGNORECASE)
# Controls, starts of escape sequences, and marks that reorder or hide text.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


class Problem(NamedTuple):
    """The server's message and its error code, if any."""

    message: str
    code: str = ""

    @property
    def status(self) -> int | None:
        """The HTTP status that some servers send as the error code inside a stream."""
        return int(self.code) if re.fullmatch("[45][0-9][0-9]", self.code) else None


def problem_in(value: object) -> Problem | None:
    """Find the error in a parsed JSON value; None if there is none.

    Supported are ``{"error": {"message": …}}``, ``{"error": "…"}``, ``{"object": "error", "message": …}``,
    ``{"detail": …}`` (FastAPI), ``{"message": …, "code": …}``, ``{"errors": […]}``, a list around any of them
    (Gemini), and ``msg``, ``error_msg`` or ``status_msg`` with a code other than 0.
    """
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, Mapping):
        return None
    error = value.get("error")
    if isinstance(error, Mapping):
        return _described(error)
    if error:
        return Problem(str(error))
    if value.get("choices"):
        return None
    errors = value.get("errors")
    if isinstance(errors, list) and errors:
        return problem_in({"error": errors[0]})
    if value.get("object") == "error" or ("message" in value and "code" in value):
        return _described(value)
    inner = value.get("base_resp")
    named = _named_otherwise(inner if isinstance(inner, Mapping) else value)
    if named is not None:
        return named
    return Problem(_detail(value["detail"])) if value.get("detail") else None


def problem_in_body(body: bytes) -> Problem:
    """The error of an HTTP response by its body: JSON of any of the shapes above, HTML, or plain text.

    The body may be truncated anywhere.
    """
    body = body[:_READ]
    try:
        problem = problem_in(jiter.from_json(body, partial_mode="trailing-strings"))
    except ValueError:
        problem = None
    return problem or Problem(_shortened(_without_tags(body.decode("utf-8", "replace"))))


def is_error_text(text: str) -> bool:
    """Whether plain text describes an error.

    Examples
    --------
    >>> [is_error_text(text) for text in ("error: the queue is full", "[ERROR] busy", "terrors")]
    [True, True, False]
    """
    return _ERROR_TEXT.match(text) is not None


def printable(text: str) -> str:
    r"""Server text on one line, without terminal control or misleading characters.

    Examples
    --------
    >>> printable("Wrong key\x1b[31m\n  try again")
    'Wrong key [31m try again'
    """
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def _described(error: Mapping[str, Any]) -> Problem:
    message = error.get("message") or error.get("detail") or error.get("type") or "no message"
    code = error.get("code") or error.get("type") or ""
    return Problem(_detail(message), str(code))


def _named_otherwise(value: Mapping[str, Any]) -> Problem | None:
    """An error with unusual field names; code 0 means no error."""
    for message, code in _OTHER_NAMES:
        if value.get(message) and value.get(code):
            return Problem(str(value[message]), str(value[code]))
    return None


def _detail(detail: object) -> str:
    """FastAPI lists its validation errors as ``[{"loc": […], "msg": …}]``."""
    if isinstance(detail, list):
        return "; ".join(_validation(item) for item in detail)
    return str(detail)


def _validation(item: object) -> str:
    if not isinstance(item, Mapping) or "msg" not in item:
        return str(item)
    where = ".".join(str(part) for part in _listed(item.get("loc")))
    return f"{where}: {item['msg']}" if where else str(item["msg"])


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _without_tags(text: str) -> str:
    if not text.lstrip().startswith("<"):
        return text
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    return title[1] if title else re.sub(r"<[^>]*>", " ", text)


def _shortened(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
