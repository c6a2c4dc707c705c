"""Maps an HTTP status to the class and kind of the error, and to advice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from nbstream.errors import AuthenticationError, ErrorKind, RateLimitError, ServerError, StatusError
from nbstream.wire.problem import Problem, printable

__all__ = ["Verdict", "classified"]

_ADDRESS_SHOWN = 200
_QUOTA_WORDS = ("quota", "billing", "credit", "insufficient")
_LENGTH_WORDS = (
    "context_length",
    "context length",
    "context size",
    "exceed_context",
    "maximum context",
    "too many tokens",
    "too long",
)


class Verdict(NamedTuple):
    """How to report an HTTP error."""

    error: type[StatusError]
    kind: ErrorKind
    advice: str = ""


_VERDICTS: dict[int, Verdict] = {
    402: Verdict(RateLimitError, "quota", "The account has no credit left: see the provider's billing page."),
    403: Verdict(AuthenticationError, "permission", "This key may not use this model or endpoint."),
    404: Verdict(
        StatusError, "not_found", "%chat models lists the models; check the model and the base URL (…/v1)."
    ),
    405: Verdict(StatusError, "not_found", "Check the base URL: it usually ends in /v1."),
    407: Verdict(AuthenticationError, "auth", "The proxy requires a password: set it in HTTPS_PROXY."),
    409: Verdict(
        StatusError, "bad_request", "It conflicts with another request: wait, then run the cell again."
    ),
    408: Verdict(StatusError, "timeout", "The server timed out: try again."),
    413: Verdict(StatusError, "bad_request", "The request is too large: shorten it, or start a new chat."),
    429: Verdict(RateLimitError, "rate_limit", "Too many requests: wait, then run the cell again."),
    511: Verdict(ServerError, "server", "Sign in to this network in a browser, then run the cell again."),
}
_REFUSED = Verdict(StatusError, "bad_request", "Run the cell again; if that fails too, ask the provider.")
_NO_MODEL = _VERDICTS[404]
_NO_STREAM = Verdict(
    StatusError,
    "bad_request",
    "Use --no-stream (Chat(stream=False)): the answer then comes in one piece, without a stream.",
)
_STREAM_WORDS = re.compile(
    r"\bstream(?:ing|ed)?\b.*(?:support|verif|allow|enabl|permi)|(?:support|verif|allow|enabl|permi).*\bstream(?:ing|ed)?\b"
)
_KEY_WORDS = re.compile(
    r"\bapi[ _-]?key\b.*(?:invalid|not valid|missing|incorrect|expired|required)|invalid.*\bapi[ _-]?key\b"
)
_MODEL_WORDS = re.compile(
    r"model_not_found|\binvalid model\b|\bunknown model\b|\bmodel\b.{0,100}(?:not found|not exist|unknown)"
)
_IMAGE_WORDS = re.compile(
    r"\b(?:images?|image_url|vision|multi-?modal|mmproj)\b.{0,100}(?:support|accept|allow|enabl|invalid|unknown|expected)"
    r"|(?:support|accept|allow|enabl|invalid|unknown|unexpected).{0,100}\b(?:images?|image_url|vision|multi-?modal)\b"
    r"|messages?\b.{0,40}\bcontent\b.{0,40}must be a string"
)
_NO_IMAGES = Verdict(
    StatusError,
    "bad_request",
    "This model may not accept images: choose another with -m, or remove the images (--alone leaves out "
    "those of earlier turns).",
)
_PARAMETER_STATUSES = frozenset({400, 422})
_SERVER = Verdict(ServerError, "server", "The provider has a problem: try again later.")
_BAD_REQUEST = Verdict(StatusError, "bad_request", "Check the parameters that were sent.")
_TOO_LONG = Verdict(
    StatusError,
    "bad_request",
    "The conversation is too long for the model: shorten the prompt, start a new chat, or send less of it "
    "(--max-context, NBStream.max_context_tokens).",
)


def classified(status: int, problem: Problem, headers: Mapping[str, str], key_advice: str) -> Verdict:
    """Judge an error response.

    Parameters
    ----------
    status
        Its HTTP status.
    problem
        What its body says.
    headers
        Its headers.
    key_advice
        What to do about the key, should that be the reason.
    """
    said = f"{problem.code} {problem.message}".lower()
    if status == 401 or (status in _PARAMETER_STATUSES and _KEY_WORDS.search(said)):
        return Verdict(AuthenticationError, "auth", key_advice)
    if status in {400, 403, 422} and _STREAM_WORDS.search(said):
        return _NO_STREAM
    if status == 429 and any(word in said for word in _QUOTA_WORDS):
        return _VERDICTS[402]
    if 300 <= status < 400:
        return Verdict(StatusError, "redirect", _redirected(headers.get("location", "")))
    if status in _VERDICTS:
        return _VERDICTS[status]
    if status >= 500:
        return _SERVER
    if any(word in said for word in _LENGTH_WORDS):
        return _TOO_LONG
    if _MODEL_WORDS.search(said):
        return _NO_MODEL
    if status in _PARAMETER_STATUSES and _IMAGE_WORDS.search(said):
        return _NO_IMAGES
    return _BAD_REQUEST if status in _PARAMETER_STATUSES else _REFUSED


def _redirected(location: str) -> str:
    """Say where a redirect points, without what may be secret in it."""
    try:
        parts = urlsplit(location)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        parts, host = urlsplit(""), ""
    target = f"{parts.scheme}://{host}{parts.path}" if host else parts.path
    shown = printable(target)[:_ADDRESS_SHOWN] or "another address"
    return f"It redirects to {shown}. Redirects are not followed, to protect the key: fix the base URL."
