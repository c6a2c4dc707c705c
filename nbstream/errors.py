"""Everything nbstream raises, importable from `nbstream` too.

::

    NbstreamError
    ├── ConfigError                   nothing was sent: the call or the setup has to change
    │   ├── ArgumentError             an argument, an option or a message is wrong; also a ValueError
    │   ├── StateError                the call is not possible now; also a RuntimeError
    │   ├── BudgetExceededError       a budget does not cover the price of the request
    │   ├── CassetteMissError         a recording that is replayed has no answer to the request
    │   ├── SettingsError             a key, an endpoint or a model is missing or cannot be used
    │   ├── MissingPackageError       an optional package is not installed; also an ImportError
    │   └── FileError                 a file is missing, or cannot be read or written
    │       └── DamagedFileError      the content of a file is not what it should be
    │           └── DamagedTranscriptError   `.conversation` holds the readable part
    ├── RequestError                  no answer began
    │   ├── ConnectError              the server could not be reached
    │   ├── RequestTimeoutError       the server did not respond in time
    │   └── StatusError               the server refused the request with an HTTP status
    │       ├── AuthenticationError   401, 403
    │       ├── RateLimitError        429
    │       └── ServerError           5xx
    ├── StreamError                   an answer began; `.partial` holds its text
    │   ├── StreamInterruptedError    the connection ended before the answer was complete
    │   ├── ProtocolError             the response is not a chat completion, or exceeds a limit
    │   ├── ModelError                the server reported an error inside the stream
    │   └── SchemaError               the answer does not match its schema; `.errors` lists the fields
    ├── BatchError                    a batch stopped early; `.table` holds the rows so far
    ├── ExpectationError              an answer does not pass its checks; also an AssertionError
    └── ToolFailed                    `Tool.call` has no result; `.text` is what the model receives

`NotSentWarning` is a warning: a script made a reply and never used it, so nothing was sent.

Errors of the `openai` SDK and of HTTP libraries are translated into these in `nbstream.client` and
nowhere else; the original is the `__cause__`. A stop asked for by the user is a status of the reply,
not an error.

Examples
--------
>>> from nbstream import NbstreamError, ServerError
>>> try:
...     raise ServerError("The server is overloaded.", status=503, advice="Try again in a minute.")
... except NbstreamError as error:
...     print(error.kind, error.status, "|", error)
server 503 | The server is overloaded. Try again in a minute.
"""

from __future__ import annotations

import sys
import textwrap
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from decimal import Decimal

    from nbstream.conversation.conversation import Conversation

__all__ = [
    "ArgumentError",
    "AuthenticationError",
    "BatchError",
    "BudgetExceededError",
    "CassetteMissError",
    "ConfigError",
    "ConnectError",
    "DamagedFileError",
    "DamagedTranscriptError",
    "ErrorKind",
    "ExpectationError",
    "FileError",
    "MissingPackageError",
    "ModelError",
    "NbstreamError",
    "NotSentWarning",
    "ProtocolError",
    "RateLimitError",
    "RequestError",
    "RequestTimeoutError",
    "SchemaError",
    "ServerError",
    "SettingsError",
    "StateError",
    "StatusError",
    "StreamError",
    "StreamInterruptedError",
    "ToolFailed",
]

ErrorKind = Literal[
    "connection",
    "timeout",
    "truncated",
    "provider",
    "protocol",
    "redirect",
    "limit",
    "auth",
    "permission",
    "quota",
    "not_found",
    "bad_request",
    "rate_limit",
    "server",
]

MESSAGE_BYTES = 2000
LINE_CHARS = 90

KEPT = "The partial answer is kept. Run the cell again to retry."
"""Advice of an answer that ended early."""


class FieldProblem(NamedTuple):
    """What is wrong with one field.

    Parameters
    ----------
    row
        Index of the row; 0 where the answer is one object.
    field
        The field, with a dot before each name or index inside it; empty for the whole row.
    message
        What is wrong.
    """

    row: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"row {self.row}, {self.field}" if self.field else f"row {self.row}"
        return f"{where}: {self.message}"


class _UnpickledLink:
    """``__cause__`` or ``__context__`` of an error, which no pickle contains.

    tblib pickles both of every exception, and Dask applies it to the whole process. They can be an error of
    an HTTP library, which holds the request with its key.

    Parameters
    ----------
    name
        The attribute of `BaseException`.
    """

    def __init__(self, name: str) -> None:
        self._link: Any = BaseException.__dict__[name]

    def __get__(self, error: BaseException | None, _owner: object = None) -> Any:
        if error is None:
            return self
        reader = sys._getframe(1).f_globals.get("__name__")  # noqa: SLF001  inspect has no cheap way
        return None if reader == "tblib.pickling_support" else self._link.__get__(error)

    def __set__(self, error: BaseException, linked: BaseException | None) -> None:
        self._link.__set__(error, linked)


class NbstreamError(Exception):
    """Base of all errors of nbstream.

    Parameters
    ----------
    message
        What happened, in one or two sentences; truncated at 2,000 bytes of UTF-8.
    kind
        One word from a fixed list, for code that handles errors. Each class has a default.
    advice
        What to do next.
    status
        HTTP status, if the server sent one.
    retry_after
        Seconds after which the server asks to retry.
    retryable
        Whether retrying the same request may succeed; None if the kind decides.

    Examples
    --------
    >>> error = NbstreamError("The server is full.", advice="Try again in a minute.", retryable=True)
    >>> print(error)
    The server is full. Try again in a minute.
    >>> error.message, error.retryable
    ('The server is full.', True)
    """

    default_kind: ErrorKind = "bad_request"
    __cause__ = _UnpickledLink("__cause__")
    __context__ = _UnpickledLink("__context__")

    def __init__(
        self,
        message: str,
        *,
        kind: ErrorKind | None = None,
        advice: str = "",
        status: int | None = None,
        retry_after: float | None = None,
        retryable: bool | None = None,
    ) -> None:
        self.message = _shortened(message)
        self.kind: ErrorKind = kind or self.default_kind
        self.advice = _shortened(advice)
        self.status = status
        self.retry_after = retry_after
        self.retryable = retryable
        super().__init__(self.message)

    def __str__(self) -> str:
        if "\n" in self.message:  # a list, after which a sentence begins a line
            return f"{self.message}\n{self.advice}".strip()
        stop = "" if not self.advice or self.message.endswith((".", "!", "?", "…", "。")) else "."
        return f"{self.message}{stop} {self.advice}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by value: `__cause__` holds the request with its headers, and must not be included."""
        return _rebuild, (type(self), self.__dict__.copy())

    def _render_traceback_(self) -> list[str]:
        """One or two sentences instead of a traceback: the protocol of IPython's `showtraceback`.

        Lines end between words, because notebooks break longer ones anywhere.
        """
        name, whole = type(self).__name__, str(self)
        fits = len(name) + len(whole) + 2 <= LINE_CHARS
        texts = [f"{name}: {whole}"] if fits else [f"{name}: {self.message}", self.advice]
        return ["\n".join(line for text in texts for part in text.splitlines() for line in _lines(part))]


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, LINE_CHARS, break_long_words=False, break_on_hyphens=False)


def _shortened(text: str) -> str:
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= MESSAGE_BYTES:
        return encoded.decode()
    return encoded[: MESSAGE_BYTES - len("…".encode())].decode("utf-8", "ignore") + "…"


def _rebuild(cls: type[NbstreamError], fields: dict[str, object]) -> NbstreamError:
    error = cls.__new__(cls, fields["message"])
    error.__dict__.update(fields)
    return error


class ConfigError(NbstreamError):
    """Nothing was sent: the call or the setup has to change. Base of the errors that say which.

    What to do: read the message, change the call or the setup, and run the cell again. Nothing was paid.

    Examples
    --------
    >>> from nbstream import Chat
    >>> try:
    ...     Chat("demo", temprature=1)
    ... except ConfigError as error:
    ...     print(error.message)
    Chat() has no keyword 'temprature'.
    """


class ArgumentError(ConfigError, ValueError):
    """An argument, an option or a message has a wrong value or type.

    What to do: correct the value that the message names. A misspelt name comes with the nearest valid one.

    One class for both, as in pydantic: a separate handler for each is rarely useful.

    Examples
    --------
    >>> from nbstream import Chat
    >>> try:
    ...     Chat("demo").send(7)
    ... except ValueError as error:
    ...     print(error.message)
    A message is text or a list of content parts, not int.
    """


class StateError(ConfigError, RuntimeError):
    """The call is not possible now, for example to continue an answer that is still streaming.

    What to do: first do what the message names, for example wait for the answer or send a message.

    Examples
    --------
    >>> from nbstream import Chat
    >>> Chat("demo").continue_reply()
    Traceback (most recent call last):
        ...
    nbstream.errors.StateError: There is no answer to continue. Send a message first.
    """


class BudgetExceededError(ConfigError):
    """A budget does not cover the highest price that a request can have, so it was not sent.

    What to do: raise the budget (``%chat budget 5``), or shorten the prompt or the answer
    (``--max-tokens``).

    Attributes
    ----------
    limit, spent, reserved, estimate : Decimal
        The budget, what is spent of it, what is reserved for requests in flight, and the highest estimated
        price of this request; all in US dollars.

    Examples
    --------
    >>> from nbstream import Chat, NBStream
    >>> from nbstream.client.router import Router
    >>> prices = {"m": {"input": 1, "output": 10}}
    >>> router = Router(NBStream(prices=prices))
    >>> reply = Chat("m", base_url="http://127.0.0.1:9/v1", router=router, budget=0.001).send("Hi")
    >>> try:
    ...     reply.result()
    ... except BudgetExceededError as error:
    ...     print(error.limit, error.spent, error.reserved)
    0.001 0 0
    """

    default_kind: ErrorKind = "quota"
    limit: Decimal
    spent: Decimal
    reserved: Decimal
    estimate: Decimal


class CassetteMissError(ConfigError):
    """A recording is replayed, and it has no answer to this request.

    What to do: compare the request with the recorded one that the message shows. If the change is meant,
    record again: ``NBSTREAM_CASSETTE_MODE=auto`` records only what is missing.

    Examples
    --------
    >>> CassetteMissError("summary.jsonl has no answer to this request.").kind
    'not_found'
    """

    default_kind: ErrorKind = "not_found"


class SettingsError(ConfigError):
    """A key, an endpoint, a model or an environment variable is missing or cannot be used.

    What to do: set the key, the endpoint or the model that the message names; ``%chat status`` shows what
    is in use.

    Examples
    --------
    >>> print(SettingsError("OPENAI_API_KEY is empty.", advice="Set it, or choose another model."))
    OPENAI_API_KEY is empty. Set it, or choose another model.
    """


class MissingPackageError(ConfigError, ImportError):
    """An optional package is not installed.

    What to do: run the ``pip install`` of the message, and restart the kernel if it says so.

    Examples
    --------
    >>> try:
    ...     raise MissingPackageError("pandas is not installed.", advice="Run: pip install pandas")
    ... except ImportError as error:
    ...     print(error)
    pandas is not installed. Run: pip install pandas
    """


class FileError(ConfigError):
    """A file is missing, or cannot be read or written.

    What to do: check the path, the permissions and the space on the disk.

    Examples
    --------
    >>> issubclass(DamagedFileError, FileError), issubclass(FileError, ConfigError)
    (True, True)
    """


class DamagedFileError(FileError):
    """The content of a file is not what it should be.

    What to do: take a copy of the file, or write it again. nbstream never repairs a file that it cannot
    read.

    Examples
    --------
    >>> raise DamagedFileError("model.gguf is not a GGUF file.", advice="Download it again.")
    Traceback (most recent call last):
        ...
    nbstream.errors.DamagedFileError: model.gguf is not a GGUF file. Download it again.
    """


class DamagedTranscriptError(DamagedFileError):
    """A saved conversation has lines that cannot be read.

    What to do: continue with `conversation`, the readable part, and save it to a new file.

    Attributes
    ----------
    conversation : Conversation
        The readable part.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from nbstream import Chat
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "talk.jsonl")
    ...     Chat("demo", system="You are terse.").save(path)
    ...     _ = path.write_text(path.read_text() + "{damaged")
    ...     try:
    ...         Chat.load(path, "demo")
    ...     except DamagedTranscriptError as error:
    ...         print(error.conversation.system)
    You are terse.
    """

    conversation: Conversation


class RequestError(NbstreamError):
    """No answer began.

    What to do: see the error's own class. Nothing was answered, so that the request can be sent again.

    Examples
    --------
    >>> issubclass(ConnectError, RequestError), issubclass(RateLimitError, RequestError)
    (True, True)
    """

    default_kind: ErrorKind = "connection"


class ConnectError(RequestError):
    """The server could not be reached, or closed the connection before it answered.

    What to do: start the server, or check the URL, the network and the proxy. It was retried already.

    Examples
    --------
    >>> ConnectError("No server responds at 127.0.0.1:8000.").kind
    'connection'
    """


class RequestTimeoutError(RequestError):
    """The server did not respond in time.

    What to do: try again later, or set a longer timeout, for example ``NBStream.first_event_timeout``.

    Examples
    --------
    >>> RequestTimeoutError("The server did not respond in 60 s.").kind
    'timeout'
    """

    default_kind: ErrorKind = "timeout"


class StatusError(RequestError):
    """The server refused the request with an HTTP status.

    What to do: change the request as the server's message says. For 404, ``%chat models`` lists the models.

    Examples
    --------
    >>> StatusError("There is no model gpt-0.", kind="not_found", status=404).status
    404
    """

    default_kind: ErrorKind = "bad_request"


class AuthenticationError(StatusError):
    """The server did not accept the key (401), or the key may not do this (403).

    What to do: check the variable that the message names, and that the key is one for this host. For 403,
    ask for access to the model.

    Examples
    --------
    >>> AuthenticationError("The key is not valid.", status=401).kind
    'auth'
    """

    default_kind: ErrorKind = "auth"


class RateLimitError(StatusError):
    """Too many requests, or the account has no credit left (429).

    What to do: wait for `retry_after` seconds; send fewer requests at a time; or add credit, where the
    message says so. `nbstream.batch` adapts by itself.

    Examples
    --------
    >>> RateLimitError("Too many requests.", status=429, retry_after=20).retry_after
    20
    """

    default_kind: ErrorKind = "rate_limit"


class ServerError(StatusError):
    """The server failed (5xx).

    What to do: try again in a moment. It was retried already; if it stays, look at the status page of the
    provider.

    Examples
    --------
    >>> ServerError("The server is overloaded.", status=503).status
    503
    """

    default_kind: ErrorKind = "server"


class StreamError(NbstreamError):
    """An answer started and then failed.

    What to do: the partial answer is kept. Run the cell again, or continue the answer.

    Attributes
    ----------
    partial : str
        The partial answer. Empty if the error occurred before any text.

    Examples
    --------
    >>> issubclass(StreamInterruptedError, StreamError), ModelError("The model failed.").partial
    (True, '')
    """

    default_kind: ErrorKind = "provider"
    partial: str = ""


class StreamInterruptedError(StreamError):
    """The connection ended before the answer was complete.

    What to do: ``%chat continue`` where the server can continue an answer, else run the cell again;
    ``--on-disconnect`` does either by itself.

    Examples
    --------
    >>> StreamInterruptedError("The connection ended early.", advice=KEPT).kind
    'truncated'
    """

    default_kind: ErrorKind = "truncated"


class ProtocolError(StreamError):
    """The response is not a chat completion, or exceeds one of the limits.

    What to do: check that the URL is that of an OpenAI-compatible API (it often ends in ``/v1``); the
    inspector shows the raw response.

    Examples
    --------
    >>> ProtocolError("The response is an HTML page.").kind
    'protocol'
    """

    default_kind: ErrorKind = "protocol"


class ModelError(StreamError):
    """The server reported an error inside the stream.

    What to do: read the server's message. A shorter prompt helps if the context is full.

    Examples
    --------
    >>> ModelError("The model failed.").kind
    'provider'
    """


class SchemaError(StreamError):
    """The answer does not match the schema that was asked for, or is not complete.

    What to do: use the rows that are whole (`Reply.rows`), let the model correct the others (``--retries
    2``), or raise ``--max-tokens`` if the answer was cut.

    Attributes
    ----------
    errors : list of FieldProblem
        What is wrong, each with the `row`, the `field` and a `message`.

    Examples
    --------
    >>> from nbstream import Chat
    >>> try:
    ...     Chat("demo:nbstream-demo-fast").send('echo: [1, "x"]', schema=list[int]).result().parsed
    ... except SchemaError as error:
    ...     print(error.errors[0].row, len(error.errors))
    1 1
    """

    default_kind: ErrorKind = "protocol"

    def __init__(
        self,
        message: str,
        *,
        kind: ErrorKind | None = None,
        advice: str = "",
        errors: Sequence[FieldProblem] = (),
    ) -> None:
        super().__init__(message, kind=kind, advice=advice)
        self.errors = list(errors)


class BatchError(NbstreamError):
    """A batch stopped before its end: too many rows failed, a budget was used up, or the store failed.

    What to do: read `table`, correct the cause, and run the same cell again. Only what is missing is sent.

    Attributes
    ----------
    table : DataFrame, list of dict or other
        The table with the answers so far.

    Examples
    --------
    >>> from nbstream import Chat
    >>> chat = Chat("m", base_url="http://127.0.0.1:9/v1")
    >>> rows = [{"city": "Oslo"}, {"city": "Rome"}]
    >>> try:
    ...     options = {"store": False, "concurrency": 1, "fail_fast": 1, "progress": False}
    ...     chat.batch("{{ city }}", rows, **options).result()
    ... except BatchError as error:
    ...     print(sorted(row["status"] for row in error.table))
    ['failed', 'unsent']
    """

    table: Any = None


class ExpectationError(NbstreamError, AssertionError):
    """An answer does not pass the checks of `Reply.should` or ``%%expect``.

    What to do: look at the answer and at the lines of the checks. In a test, record again if the new answer
    is right.

    Examples
    --------
    >>> from nbstream import Chat
    >>> reply = Chat("demo:nbstream-demo-fast").send("echo: Bergen").result()
    >>> try:
    ...     reply.should("contains: Oslo")
    ... except AssertionError as error:
    ...     print(error.message)
    The answer does not pass:
    contains: Oslo: It does not contain 'Oslo'.
    """

    default_kind: ErrorKind = "protocol"


class ToolFailed(NbstreamError):  # noqa: N818  the model reads it, and a chat never raises it
    """A tool was called with wrong arguments, or failed.

    What to do: nothing in the notebook. The model receives the text and can correct its call.

    Attributes
    ----------
    text : str
        The complete message for the model. Unlike `message` it is not truncated.

    Examples
    --------
    >>> ToolFailed("There is no city named Atlantis.").text
    'There is no city named Atlantis.'
    """

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.text = message


class NotSentWarning(RuntimeWarning):
    """A reply of a plain script was read before its request was sent, or was never sent at all.

    What to do: use ``reply.result()``, ``for delta in reply`` or ``await reply``.

    Examples
    --------
    >>> import warnings
    >>> from nbstream import Chat
    >>> reply = Chat("demo:nbstream-demo-fast").send("echo: Hello")
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     text = reply.text
    >>> text, caught[0].category.__name__
    ('', 'NotSentWarning')
    >>> reply.result().status
    'finished'
    """


_RENAMED: dict[str, type[NbstreamError]] = {
    "ConnectionFailed": ConnectError,
    "RateLimited": RateLimitError,
    "StreamInterrupted": StreamInterruptedError,
    "TimedOut": RequestTimeoutError,
}


if not TYPE_CHECKING:  # with it, type checkers would accept every name

    def __getattr__(name: str) -> Any:
        """Deprecated names, used by saved notebooks and pickled errors."""
        if name not in _RENAMED:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        new = _RENAMED[name]
        warnings.warn(
            f"nbstream.errors.{name} is now {new.__name__}.",
            DeprecationWarning,
            stacklevel=2,
        )
        return new
