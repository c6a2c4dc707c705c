"""Translates SDK, HTTP and network errors into nbstream's errors; done only here."""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
from collections.abc import Mapping
from copy import copy
from typing import Any

import httpx2
import openai

from nbstream._util.browser import IN_BROWSER
from nbstream._util.credentials import credentials_sent
from nbstream._util.redaction import Redactor
from nbstream.client.cleaning import causes, clean_chain
from nbstream.client.deadline_timer import DeadlineError
from nbstream.errors import (
    KEPT,
    ArgumentError,
    ConnectError,
    NbstreamError,
    ProtocolError,
    RequestTimeoutError,
    SettingsError,
    StatusError,
    StreamInterruptedError,
)
from nbstream.providers.endpoint import Endpoint
from nbstream.wire.problem import printable, problem_in_body
from nbstream.wire.refusal import classified
from nbstream.wire.retry import duration, retry_after

__all__ = ["ErrorTranslator"]

_FROM_A_PAGE = " The server must also allow requests from this page (CORS)."
_CERTIFICATES = "Check this machine's clock; behind a proxy that inspects TLS, set SSL_CERT_FILE."


class ErrorTranslator:
    """Translates the errors of one endpoint.

    Parameters
    ----------
    endpoint
        Whose name and advice the messages carry.
    redact
        Removes secrets from server and network messages.
    """

    def __init__(self, endpoint: Endpoint, redact: Redactor) -> None:
        self._endpoint = endpoint
        self._redact = redact
        self._host = endpoint.host or "the server"

    def unanswered(self, error: Exception) -> NbstreamError:
        """Why no answer started."""
        for link in causes(error):
            with contextlib.suppress(AttributeError, RuntimeError):  # httpx raises it if there is no request
                self.note(link.request)  # type: ignore[attr-defined]
        translated = self._unanswered(error)
        translated.__cause__ = error
        clean_chain(translated, self._redact)
        return translated

    def note(self, request: Any) -> None:
        """Record the credentials of a sent request: those of a user's own client may change."""
        self._redact.learn(credentials_sent(request))

    def refused(self, response: Any) -> StatusError:
        """What a response says whose status is not success."""
        headers: Mapping[str, str] = response.headers
        problem = problem_in_body(response.content)
        verdict = classified(response.status_code, problem, headers, self._endpoint.key_advice)
        said = self._redact(printable(problem.message)) or "no message"
        after = retry_after(headers)
        return verdict.error(
            f"{self._host} answered {response.status_code}: {said}",
            kind=verdict.kind,
            advice=verdict.advice if after is None else f"{verdict.advice} Try again in {duration(after)}.",
            status=response.status_code,
            retry_after=after,
            retryable=_asked_to_retry(headers),
        )

    def broken(self, error: Exception, *, begun: bool) -> NbstreamError:
        """Why an answer ended early."""
        if isinstance(error, DeadlineError):
            return self._too_slow(error, begun=begun)
        if isinstance(error, NbstreamError):
            return StreamInterruptedError(error.message, advice=f"The partial answer is kept. {error.advice}")
        if _is(error, "DecodingError"):
            translated: NbstreamError = ProtocolError("The response could not be decompressed.", advice=KEPT)
        else:
            message = "The connection broke before the answer was complete."
            translated = StreamInterruptedError(message, advice=KEPT)
        translated.__cause__ = error
        clean_chain(translated, self._redact)
        return translated

    def _unanswered(self, error: Exception) -> NbstreamError:
        if isinstance(error, DeadlineError):
            return self._too_slow(error, begun=False)
        if isinstance(error, openai.APIStatusError):
            return self.refused(error.response)
        # The SDK wraps httpx, which wraps httpcore, which wraps the OS: any of them may have the cause.
        chain = list(causes(error))
        for cause in chain:
            translated = self._connection(cause)
            if translated is not None:
                return translated
        if isinstance(error, openai.APITimeoutError):
            return self._timed_out("No answer")
        if isinstance(error, openai.APIConnectionError | httpx2.TransportError | OSError):
            return self._unreached(self._said(chain[-1]) or "the connection failed")
        said = self._said(error).rstrip(".") or type(error).__name__
        return ArgumentError(
            f"The request could not be created: {said}.",
            kind="bad_request",
            advice="Check the parameters, the base URL and the key.",
        )

    def _connection(self, cause: BaseException) -> NbstreamError | None:
        """The meaning of one exception in the chain of causes of a failed request."""
        match cause:
            case NbstreamError():
                return copy(cause)  # a copy, because the original's cause will be this error
            case _ if _is(cause, "LocalProtocolError") or _is_header(cause):
                message = "The key or another header contains characters that cannot be sent."
                return SettingsError(message, kind="auth", advice=self._endpoint.key_advice)
            case _ if _is(cause, "RemoteProtocolError"):
                return self._not_http(cause)
            case socket.gaierror():
                return self._unreached(
                    "its name could not be resolved", retryable=cause.errno == socket.EAI_AGAIN
                )
            case ssl.SSLCertVerificationError():
                said = f"its certificate is not trusted ({cause.verify_message})"
                return self._unreached(said, advice=_CERTIFICATES, retryable=False)
            case ssl.SSLError():
                advice = "Check that the server supports https; on your own network, try http://."
                return self._unreached("the TLS handshake failed", advice=advice, retryable=False)
            case ConnectionRefusedError():
                return self._unreached("it refused the connection")
            case OSError(errno=errno.EMFILE | errno.ENFILE):
                advice = "Close unused files, or raise the limit (ulimit -n)."
                return self._unreached("this process has too many open files", advice=advice)
        return None

    def _not_http(self, cause: BaseException) -> NbstreamError:
        if "without sending a response" in str(cause):
            return self._unreached("it closed the connection without a response")
        return ProtocolError(
            f"{self._host} did not send a valid HTTP response.",
            advice="Check the port, and http or https in the URL.",
        )

    def _unreached(self, said: str, *, advice: str = "", retryable: bool | None = None) -> NbstreamError:
        advice = advice or self._endpoint.hint or "Check the address and the network."
        if IN_BROWSER:  # which does not tell whether it was this
            advice += _FROM_A_PAGE
        message = f"Could not reach {self._host}: {said}."
        return ConnectError(message, advice=advice, retryable=retryable)

    def _too_slow(self, expired: DeadlineError, *, begun: bool) -> NbstreamError:
        seconds = f"{expired.seconds:g} seconds"
        if begun:
            what = "took longer than" if expired.phase == "total" else "received nothing new for"
            return StreamInterruptedError(f"The answer {what} {seconds}.", kind="timeout", advice=KEPT)
        if expired.phase == "connect":
            return self._timed_out(f"No connection within {seconds}", retryable=True)
        return self._timed_out(f"No answer within {seconds}")

    def _timed_out(self, what: str, *, retryable: bool | None = None) -> NbstreamError:
        advice = self._endpoint.hint or "Try again later; Timeouts(…) sets how long to wait."
        return RequestTimeoutError(f"{what} from {self._host}.", advice=advice, retryable=retryable)

    def _said(self, error: BaseException) -> str:
        return self._redact(printable(str(error)))[:300]


def _is_header(cause: BaseException) -> bool:
    """Whether a header could not be encoded: headers are ASCII, bodies UTF-8."""
    return isinstance(cause, UnicodeEncodeError) and cause.encoding == "ascii"


def _is(error: BaseException, name: str) -> bool:
    """Whether it is this error of httpx2, or of the older httpx, which a user's own client may use."""
    return any(cls.__name__ == name for cls in type(error).__mro__)


def _asked_to_retry(headers: Mapping[str, str]) -> bool | None:
    """Whether the server asks for a retry."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", ""))
