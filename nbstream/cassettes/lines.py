r"""The file format of cassettes: JSON lines, of which a file that ends anywhere keeps the readable beginning.

::

    {"nbstream_cassette": 1}
    {"part": 1, "value": {"role": "user", "content": "Hi"}}
    {"request": 1, "method": "POST", "url": "https://…", "body": {"messages": [{"$part": 1}], …}}
    {"response": 1, "status": 200, "headers": {"content-type": "text/event-stream"}}
    {"data": 1, "text": "data: {…}\n\n"}
    {"end": 1, "how": "complete", "head_ms": 612, "ms": [614], "at": 640}
    {"verdict": "contains: Oslo (1)", "passed": {"contains: Oslo": true}}

Each server-sent event is a separate line; null in `ms` means that it arrived together with the one before it.
Each message is a separate line too, which later requests refer to, and times are in the last line of an
exchange, so a changed word changes few lines. Lines of exchanges that run at the same time are mixed until
the cassette is closed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from nbstream.cassettes.exchange import Ending, Exchange, How, RecordedRequest
from nbstream.errors import DamagedFileError

__all__ = ["Recorded", "RecordedRoute", "Writer", "as_text", "read"]

VERSION = 1
_HEADER = "nbstream_cassette"
_PART = "$part"
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class RecordedRoute:
    """Which endpoint a name meant while recording.

    Parameters
    ----------
    wanted
        The model as it was asked for; empty if none was named.
    model
        The model that was sent.
    base_url, provider
        The endpoint.
    """

    wanted: str
    model: str
    base_url: str
    provider: str


@dataclass
class Recorded:
    """The content of a cassette.

    Parameters
    ----------
    exchanges
        In the order of their requests.
    routes
        By the model that was asked for.
    verdicts
        Which checks of an answer passed, by the names of all its checks.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    routes: dict[str, RecordedRoute] = field(default_factory=dict)
    verdicts: dict[str, dict[str, bool | None]] = field(default_factory=dict)


class Writer:
    """Makes the lines of one file, in order.

    Examples
    --------
    >>> request = RecordedRequest("POST", "http://host.example/v1/x", {"messages": [{"role": "user"}]})
    >>> for line in Writer().request(Exchange(1, request)):
    ...     print(line, end="")
    {"part": 1, "value": {"role": "user"}}
    {"request": 1, "method": "POST", "url": "http://host.example/v1/x", "body": {"messages": [{"$part": 1}]}}
    """

    def __init__(self) -> None:
        self._parts: dict[str, int] = {}

    @staticmethod
    def header() -> str:
        """The first line."""
        return _line({_HEADER: VERSION})

    @staticmethod
    def route(route: RecordedRoute) -> str:
        """A route."""
        named = {"model": route.model, "base_url": route.base_url, "provider": route.provider}
        return _line({"route": route.wanted} | named)

    @staticmethod
    def verdict(key: str, passed: Mapping[str, bool | None]) -> str:
        """Which checks of an answer passed."""
        return _line({"verdict": key, "passed": dict(passed)})

    def request(self, exchange: Exchange) -> Iterator[str]:
        """A request, after the parts of it that no earlier request has."""
        request = exchange.request
        lines: list[str] = []
        body = self._with_parts(request.body, lines)
        yield from lines
        known = {"request": exchange.number, "method": request.method, "url": request.url}
        yield _line(known if body is None else known | {"body": body})

    @staticmethod
    def response(exchange: Exchange) -> str:
        """Status and headers."""
        return _line(
            {"response": exchange.number, "status": exchange.status, "headers": dict(exchange.headers)}
        )

    @staticmethod
    def data(number: int, pieces: Sequence[str]) -> str:
        """Chunks that were received."""
        return _line({"data": number, "text": pieces[0] if len(pieces) == 1 else list(pieces)})

    @staticmethod
    def end(exchange: Exchange) -> str:
        """How and when the exchange ended."""
        ending = exchange.ending
        line: dict[str, Any] = {"end": exchange.number, "how": ending.how}
        if ending.phase:
            line["phase"] = ending.phase
        if ending.error:
            line["error"] = list(ending.error)
        return _line(line | {"head_ms": exchange.head_ms, "ms": exchange.ms, "at": ending.ms})

    def _with_parts(self, body: Any, lines: list[str]) -> Any:
        if not isinstance(body, dict):
            return body
        return {name: self._list_of_parts(value, lines) for name, value in body.items()}

    def _list_of_parts(self, value: Any, lines: list[str]) -> Any:
        if not (isinstance(value, list) and value and all(isinstance(held, dict) for held in value)):
            return value
        return [{_PART: self._part(held, lines)} for held in value]

    def _part(self, value: dict[str, Any], lines: list[str]) -> int:
        text = json.dumps(value, sort_keys=True)
        if text not in self._parts:
            self._parts[text] = len(self._parts) + 1
            lines.append(_line({"part": self._parts[text], "value": value}))
        return self._parts[text]


def as_text(recorded: Recorded, order: Iterable[Exchange] | None = None) -> str:
    """The whole file, each exchange in one block."""
    writer = Writer()
    lines = [writer.header(), *map(writer.route, recorded.routes.values())]
    for exchange in recorded.exchanges if order is None else order:
        lines += writer.request(exchange)
        if exchange.status:
            lines.append(writer.response(exchange))
        lines += [writer.data(exchange.number, [piece]) for piece in exchange.pieces]
        if exchange.ending.ms is not None:
            lines.append(writer.end(exchange))
    lines += [writer.verdict(key, passed) for key, passed in recorded.verdicts.items()]
    return "".join(lines)


def read(text: str, name: str) -> Recorded:
    """The content of a file. A last line that was not written completely is left out.

    Parameters
    ----------
    text
        The content.
    name
        Of the file, for errors.

    Raises
    ------
    DamagedFileError
        If it is not a cassette, or of a later version.
    """
    reader = _Reader(name)
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if line.strip():
            reader.take(line, number, last=number == len(lines))
    return reader.recorded


class _Reader:
    def __init__(self, name: str) -> None:
        self.recorded = Recorded()
        self._name = name
        self._parts: dict[int, Any] = {}
        self._open: dict[int, Exchange] = {}
        self._begun = False

    def take(self, line: str, number: int, *, last: bool) -> None:
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            if last and self._begun:  # the writer was killed
                return
            raise self._damaged(number)
        if not self._begun:
            self._check_version(value)
            self._begun = True
            return
        try:
            self._line(value)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise self._damaged(number) from None

    def _line(self, line: Mapping[str, Any]) -> None:
        match line:
            case {"part": int(number), "value": value}:
                self._parts[number] = value
            case {"route": str(wanted)}:
                named = {name: str(line[name]) for name in ("model", "base_url", "provider")}
                self.recorded.routes[wanted] = RecordedRoute(wanted, **named)
            case {"verdict": str(key), "passed": dict(passed)}:
                self.recorded.verdicts[key] = passed
            case {"request": int(number)}:
                request = RecordedRequest(line["method"], line["url"], self._whole(line.get("body")))
                self._open[number] = Exchange(number, request)
                self.recorded.exchanges.append(self._open[number])
            case {"response": int(number)}:
                self._open[number].status = int(line["status"])
                self._open[number].headers = {str(key): str(held) for key, held in line["headers"].items()}
            case {"data": int(number), "text": text}:
                self._open[number].pieces += [text] if isinstance(text, str) else list(map(str, text))
            case {"end": int(number), "how": how} if how in get_args(How):
                exchange = self._open.pop(number)
                exchange.head_ms = int(line["head_ms"])
                exchange.ms = [None if ms is None else int(ms) for ms in line["ms"]]
                exchange.ending = Ending(how, line["at"], line.get("phase", ""), tuple(line.get("error", ())))
            case _:
                raise ValueError(line)

    def _whole(self, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        return {name: self._values(value) for name, value in body.items()}

    def _values(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [self._parts[held[_PART]] if _is_part(held) else held for held in value]

    def _check_version(self, line: Mapping[str, Any]) -> None:
        version = line.get(_HEADER)
        if version == VERSION:
            return
        if isinstance(version, int):
            raise DamagedFileError(
                f"{self._name} is a cassette of version {version}; this nbstream reads version {VERSION}.",
                advice="Update nbstream, or record it again.",
            )
        raise DamagedFileError(
            f"{self._name} is not a cassette: its first line does not say so.",
            advice='Record one: with nbstream.record("FILE.jsonl").',
        )

    def _damaged(self, number: int) -> DamagedFileError:
        return DamagedFileError(
            f"{self._name}, line {number}: this is not a line of a cassette.",
            advice="Restore the file, for example from Git, or record it again.",
        )


def _is_part(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {_PART}


def _line(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False)
    # Bytes that are not UTF-8 are lone surrogates, which a file of UTF-8 cannot hold.
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"
