"""The demo's errors, in the format of OpenAI's API."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

__all__ = ["APIError"]

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class APIError(Exception):
    """A request that is answered with an HTTP error.

    Parameters
    ----------
    status
        HTTP status.
    message
        What is wrong and what to do about it.
    kind
        OpenAI's ``type`` of the error.
    param
        Name of the invalid field of the request.
    code
        OpenAI's ``code`` of the error.
    headers
        Headers of the response besides its content type.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.param = param
        self.code = code
        self.headers = headers

    def body(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        error = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        return {"error": error}
