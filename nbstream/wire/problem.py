"""What a server says when it refuses: one message out of the many shapes in which servers put it.

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

__all__ = ["Problem", "problem_in", "problem_in_body"]

_SHOWN = 300


class Problem(NamedTuple):
    """The server's own words, and its code for them where it gave one."""

    message: str
    code: str = ""


def problem_in(value: object) -> Problem | None:
    """Find the error in a parsed JSON value, or None where it holds none.

    Understood are ``{"error": {"message": …}}``, ``{"error": "…"}``, ``{"object": "error", "message": …}``,
    ``{"detail": …}`` (FastAPI), ``{"message": …, "code": …}`` and a list around any of them (Gemini).
    """
    if isinstance(value, list) and value:
        return problem_in(value[0])
    if not isinstance(value, Mapping) or value.get("choices"):
        return None
    error = value.get("error")
    if isinstance(error, Mapping):
        return _described(error)
    if error:
        return Problem(str(error))
    if value.get("object") == "error" or ("message" in value and "code" in value):
        return _described(value)
    return Problem(_detail(value["detail"])) if value.get("detail") else None


def problem_in_body(body: bytes) -> Problem:
    """The error of an HTTP response by its body: JSON of any of the shapes above, HTML, or plain text."""
    import json

    text = body.decode("utf-8", "replace").strip()
    try:
        problem = problem_in(json.loads(text))
    except (ValueError, RecursionError):
        problem = None
    return problem or Problem(_shortened(_without_tags(text)))


def _described(error: Mapping[str, Any]) -> Problem:
    message = error.get("message") or error.get("detail") or error.get("type") or "no message"
    code = error.get("code") or error.get("type") or ""
    return Problem(_detail(message), str(code))


def _detail(detail: object) -> str:
    """FastAPI lists its validation errors as ``[{"loc": […], "msg": …}]``."""
    if isinstance(detail, list):
        return "; ".join(_validation(item) for item in detail)
    return str(detail)


def _validation(item: object) -> str:
    if not isinstance(item, Mapping) or "msg" not in item:
        return str(item)
    where = ".".join(str(part) for part in item.get("loc", ()))
    return f"{where}: {item['msg']}" if where else str(item["msg"])


def _without_tags(text: str) -> str:
    if not text.lstrip().startswith("<"):
        return text
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    return title[1] if title else re.sub(r"<[^>]*>", " ", text)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
