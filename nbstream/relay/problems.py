"""What a relay refuses, as HTTP errors with a body in the shape that clients of OpenAI's API read."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from nbstream.errors import ConfigError, ErrorKind, NbstreamError
from nbstream.redaction import Redactor

__all__ = ["Refusal", "add_handlers", "error_body", "refusal_of"]

_WITHOUT_BODY = frozenset({204, 304})
_TYPES = {401: "auth", 403: "permission", 404: "not_found", 409: "conflict", 413: "limit", 429: "rate_limit"}

# What is wrong between the relay and its model is no fault of the client: its own token was accepted.
_STATUSES: dict[ErrorKind, int] = {
    "bad_request": 400,
    "rate_limit": 429,
    "server": 503,
    "timeout": 504,
}


class Refusal(HTTPException):
    """An HTTP error for the client.

    Parameters
    ----------
    status
        HTTP status.
    message
        What is wrong and what to do.
    param
        Field of the request that is wrong.
    retry_after
        Seconds after which to try again.
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
    """The JSON object that says what went wrong, in a response or in place of a chunk."""
    return {"error": {"message": message, "type": kind, "param": param, "code": kind}}


def refusal_of(error: NbstreamError) -> Refusal:
    """The HTTP error for an answer that did not begin."""
    message = Redactor()(error.message)
    status = 500 if isinstance(error, ConfigError) else _STATUSES.get(error.kind, 502)
    return Refusal(status, message, retry_after=error.retry_after)


def add_handlers(app: FastAPI) -> None:
    """Have every error of the app answered in one shape."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code in _WITHOUT_BODY:
        return Response(status_code=error.status_code)
    kind = _TYPES.get(error.status_code, "server" if error.status_code >= 500 else "bad_request")
    body = error_body(_message(request, error), kind, getattr(error, "param", None))
    return JSONResponse(body, error.status_code, error.headers)


def _message(request: Request, error: HTTPException) -> str:
    """Our own words, or better ones than those of the framework."""
    if isinstance(error, Refusal):
        return error.detail
    if error.status_code == 413:
        return f"The body is longer than {request.app.state.relay.limits.body_bytes:,} bytes. Send less."
    return f"{request.method} {request.url.path}: {error.detail}."


async def _invalid(_: Request, error: Exception) -> Response:
    """The first thing that is wrong with a body. What the client sent is not repeated."""
    if not isinstance(error, RequestValidationError):
        raise error
    problem = error.errors()[0]
    where = ".".join(str(step) for step in problem["loc"] if step != "body")
    message = f"{where}: {problem['msg']}." if where else f"The body is not valid: {problem['msg']}."
    return JSONResponse(error_body(message, "bad_request", where or None), 400)


async def _unexpected(_: Request, __: Exception) -> Response:
    """What went wrong is for the log alone, into which the framework writes it."""
    return JSONResponse(error_body("The relay failed. Its log says why.", "server"), 500)
