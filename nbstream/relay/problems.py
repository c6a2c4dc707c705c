"""HTTP errors of a relay, in the format of OpenAI's API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from nbstream.errors import ConfigError, ErrorKind, NbstreamError

__all__ = ["FailureMessage", "RelayError", "add_handlers", "error_body", "failure_message", "relay_error"]

_WITHOUT_BODY = frozenset({204, 304})
_TYPES = {401: "auth", 403: "permission", 404: "not_found", 409: "conflict", 413: "limit", 429: "rate_limit"}

# An error between the relay and its model is not the client's fault: its token was accepted.
_STATUSES: dict[ErrorKind, int] = {
    "bad_request": 400,
    "rate_limit": 429,
    "server": 503,
    "timeout": 504,
}


_TOLD: dict[ErrorKind, str] = {
    "bad_request": "The model's server rejected the request. Check the parameters, or shorten the messages.",
    "limit": "The answer is longer than this relay allows. Ask for less.",
    "provider": "The model's server ended the answer with an error. Send the message again.",
    "rate_limit": "The model's server has too many requests. Try again later.",
    "server": "The model's server failed. Try again later.",
    "timeout": "The model's server took too long. Try again later.",
    "truncated": "The connection to the model broke. Send the message again.",
}
"""Messages for clients. The server's own messages may name hosts, paths and accounts of the operator."""
_MISCONFIGURED = "The relay cannot use its model. Contact its operator; the cause is in its log."

# A retry would cost another answer and fail in the same way: clients must not retry by themselves.
_FINAL_STATUS = 422
_PROBLEM_STATUSES = {"stopped": 503, "truncated": 502}


class FailureMessage(NamedTuple):
    """Why an answer failed: a message for the client, and the kind of error."""

    message: str
    kind: str

    def as_error(self) -> RelayError:
        """The HTTP error for an answer that is not streamed."""
        return RelayError(_PROBLEM_STATUSES.get(self.kind, _FINAL_STATUS), self.message)


class RelayError(HTTPException):
    """An HTTP error for the client.

    Parameters
    ----------
    status
        HTTP status.
    message
        The problem and what to do.
    param
        Invalid field of the request.
    retry_after
        Seconds to wait before a retry.
    """

    def __init__(
        self, status: int, message: str, *, param: str | None = None, retry_after: float | None = None
    ) -> None:
        headers = {} if retry_after is None else {"retry-after": f"{max(1, round(retry_after))}"}
        if status == 401:
            headers["www-authenticate"] = "Bearer"
        super().__init__(status, message, headers)
        self.param = param


def error_body(message: str, kind: str, param: str | None = None) -> dict[str, Any]:
    """The JSON error object, for a response or instead of a chunk."""
    return {"error": {"message": message, "type": kind, "param": param, "code": kind}}


def relay_error(error: NbstreamError) -> RelayError:
    """The HTTP error for an answer that did not start."""
    status = 500 if isinstance(error, ConfigError) else _STATUSES.get(error.kind, 502)
    return RelayError(status, failure_message(error).message, retry_after=error.retry_after)


def failure_message(error: NbstreamError) -> FailureMessage:
    """The client's message for an error between the relay and its model."""
    told = None if isinstance(error, ConfigError) else _TOLD.get(error.kind)
    return FailureMessage(told or _MISCONFIGURED, error.kind)


def add_handlers(app: FastAPI) -> None:
    """Give all errors of the app one format."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code in _WITHOUT_BODY:
        return Response(status_code=error.status_code)
    kind = _TYPES.get(error.status_code, "server" if error.status_code >= 500 else "bad_request")
    body = error_body(_message(request, error), kind, getattr(error, "param", None))
    return JSONResponse(body, error.status_code, error.headers)


def _message(request: Request, error: HTTPException) -> str:
    """Our own message, or a better one than the framework's."""
    if isinstance(error, RelayError):
        return error.detail
    return f"{request.method} {request.url.path}: {error.detail}."


async def _invalid(_: Request, error: Exception) -> Response:
    """The problem with a body; of several, the first of the deepest ones.

    A field with several types has an error for each: the deepest one is reported. Client input is not
    repeated.
    """
    if not isinstance(error, RequestValidationError):
        raise error
    problem = max(error.errors(), key=lambda problem: len(problem["loc"]))
    where = ".".join(_path(problem["loc"][1:], error.body))
    message = f"{where}: {problem['msg']}." if where else f"The body is not valid: {problem['msg']}."
    return JSONResponse(error_body(message, "bad_request", where or None), 400)


def _path(steps: Sequence[int | str], body: Any) -> Iterator[str]:
    """The path of a field in a body, without the names of the attempted types."""
    for place, step in enumerate(steps):
        known = range(len(body)) if isinstance(body, list) else body if isinstance(body, dict) else ()
        is_there = step in known
        if is_there:
            body = body[step]
        if is_there or (isinstance(body, dict) and place == len(steps) - 1):  # the name of the missing field
            yield str(step)


async def _unexpected(_: Request, __: Exception) -> Response:
    """Hide the cause from the client; the framework logs it."""
    return JSONResponse(error_body("The relay failed. The cause is in its log.", "server"), 500)
