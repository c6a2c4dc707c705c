"""What the requests of a batch share, made once: model, parameters, schema, start of the fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from nbstream.client.apis import sent_body
from nbstream.structured.modes import Ladder
from nbstream.types.events import SchemaMode
from nbstream.types.messages import Message
from nbstream.types.request import APIName, ChatRequest

__all__ = ["RequestTemplate", "json_text"]


class RequestTemplate:
    """A request without its messages.

    Parameters
    ----------
    base_url
        Address of the API, without a user and a password.
    model, params, api
        As of a `ChatRequest`.
    ladder
        Sends the schema; None without one.
    sample
        Number of the answer among several to the same request.
    streams
        Whether answers are requested as streams, for servers that send no other.

    Examples
    --------
    >>> template = RequestTemplate("https://api.example.com/v1", "m", {"temperature": 0})
    >>> text = json_text([Message("user", "Hi")])
    >>> template.body((Message("user", "Hi"),), text)
    b'{"messages":[{"content":"Hi","role":"user"}],"model":"m","stream":false,"temperature":0}'
    >>> template.key(text) == template.key(json_text([Message("user", "Hi")]))
    True
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        params: Mapping[str, Any],
        *,
        api: APIName = "chat",
        ladder: Ladder | None = None,
        sample: int = 0,
        streams: bool = False,
    ) -> None:
        self.streams = streams
        self.sample = sample
        self.model = model
        self.params = params
        self.api = api
        self.ladder = ladder
        self._fixed: dict[tuple[SchemaMode | None, bool], bytes] = {}
        schema = None if ladder is None else ladder.structure.json_schema
        shared = [base_url.rstrip("/"), api, model, dict(params), schema, sample]
        self._hash = hashlib.sha256(json_text(shared).encode("utf-8", "surrogatepass"))

    @property
    def mode(self) -> SchemaMode | None:
        """How the schema is sent at the moment; None without one."""
        return None if self.ladder is None else self.ladder.mode(self.model)

    def key(self, messages: str) -> bytes:
        """Fingerprint of the request with these messages, as JSON."""
        whole = self._hash.copy()
        whole.update(messages.encode("utf-8", "surrogatepass"))
        return whole.digest()

    def sent(self, messages: tuple[Message, ...], *, stream: bool = False) -> ChatRequest:
        """The request with these messages, and with the schema as the server takes it."""
        request = ChatRequest(self.model, messages, self.params, stream, api=self.api)
        return request if self.ladder is None else self.ladder.shaped(request)

    def body(self, messages: tuple[Message, ...], text: str, *, stream: bool = False) -> bytes:
        """The body to send.

        Parameters
        ----------
        messages, text
            The messages, and the same as JSON.
        stream
            Whether to request a stream.
        """
        mode = self.mode
        if self.api != "chat" or mode not in {None, "json_schema"}:  # then messages are sent in another form
            return _utf8(_compact(sent_body(self.sent(messages, stream=stream))))
        fixed = self._fixed.get((mode, stream))
        if fixed is None:
            whole = self.sent((), stream=stream).body()
            others = {name: value for name, value in whole.items() if name != "messages"}
            # In the given order: models write the fields of an answer in the order of the schema.
            fixed = self._fixed[mode, stream] = _utf8("," + _compact(others)[1:])
        return b'{"messages":' + _utf8(text) + fixed


def json_text(value: object) -> str:
    """Canonical JSON: equal values have the same text. Messages are taken as they are sent."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=Message.as_dict
    )


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _utf8(text: str) -> bytes:
    """JSON as bytes; half of a surrogate pair, which UTF-8 does not have, is escaped."""
    return text.encode("utf-8", "backslashreplace")
