"""Whatever a server echoes, no credential of the user is shown, logged or saved.

Servers here say everything that they were sent, in each of the places that a response has. What was sent is
marked: each way to give an endpoint a credential has a table row, and each place for a text of the server.
"""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, cast, get_args
from urllib.parse import quote

import httpx2
import pytest
from openai import AsyncOpenAI

from nbstream import Chat, NBStream, errors
from nbstream._util.credentials import credentials_sent
from nbstream._util.redaction import Redactor
from nbstream.client.cleaning import cleaned
from nbstream.client.router import Router
from nbstream.errors import NbstreamError, ServerError
from nbstream.reply import Reply
from nbstream.types.event_json import to_json
from nbstream.types.events import Failed, StreamEvent
from nbstream.types.usage import Usage
from nbstream.views.static import bundle
from tests.loopback import ByteServer, Close, RecordedRequest, Script, json_response, response, sse_response

KEY = "mark/key+0123456789"
USER, PASSWORD = "mark-user", "mark pass/word"
BASIC = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
HEADER, QUERY, COOKIE = "mark-header-value", "mark query/value", "mark-cookie-value"
MARKS = (KEY, USER, PASSWORD, BASIC, HEADER, QUERY, COOKIE)
HELLO = {"choices": [{"index": 0, "delta": {"content": "Hello"}}]}
STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
QUIET = {"NBSTREAM_NO_PROBE": "1"}


def a_key(base_url: str) -> dict[str, Any]:
    return {"base_url": base_url, "api_key": KEY}


def a_user_in_the_address(base_url: str) -> dict[str, Any]:
    return {"base_url": base_url.replace("//", f"//{USER}:{quote(PASSWORD, safe='')}@")}


def a_client(base_url: str) -> dict[str, Any]:
    return {"client": AsyncOpenAI(base_url=base_url, api_key=KEY)}


def a_client_with_headers_and_query(base_url: str) -> dict[str, Any]:
    headers, query = {"X-Gateway": HEADER, "Cookie": f"s={COOKIE}"}, {"code": QUERY}
    sdk = AsyncOpenAI(base_url=base_url, api_key=KEY, default_headers=headers, default_query=query)
    return {"client": sdk}


def a_client_around_an_http_client(base_url: str) -> dict[str, Any]:
    http = httpx2.AsyncClient(
        auth=(USER, PASSWORD),
        headers={"X-Gateway": HEADER},
        params={"code": QUERY},
        cookies={"s": COOKIE},
        trust_env=False,
    )
    return {"client": AsyncOpenAI(base_url=base_url, api_key=KEY, http_client=http)}


def a_client_with_a_key_made_for_each_request(base_url: str) -> dict[str, Any]:
    async def key() -> str:
        return KEY

    return {"client": AsyncOpenAI(base_url=base_url, api_key=key)}


GIVEN = [
    a_key,
    a_user_in_the_address,
    a_client,
    a_client_with_headers_and_query,
    a_client_around_an_http_client,
    a_client_with_a_key_made_for_each_request,
]


def heard(request: RecordedRequest) -> str:
    """All that a careless server may repeat: raw as it came, and read."""
    gate = ("authorization", "cookie", "x-gateway")
    sent = [request.headers[name] for name in gate if name in request.headers]
    sent.append(request.path)
    return " ".join([*sent, *(mark for mark in MARKS if _was_sent(mark, request))])


def _was_sent(mark: str, request: RecordedRequest) -> bool:
    lines = " ".join([request.path, *request.headers.values()])
    if BASIC in lines and mark in {USER, PASSWORD}:
        return True
    return any(form in lines for form in (mark, quote(mark, safe=""), mark.replace(" ", "+")))


def in_ascii(text: str) -> str:
    return text.replace("\n", " ")


Echo = Callable[[str], Script]
ECHOES: dict[str, Echo] = {
    # --- refusals
    "401": lambda said: json_response(401, {"error": {"message": f"Wrong: {said}"}}),
    "400 of text": lambda said: response(400, said.encode()),
    "403 of HTML": lambda said: response(403, f"<html><title>{said}</title></html>".encode()),
    "404, code and all": lambda said: json_response(404, {"error": {"message": said, "code": said}}),
    "422 of FastAPI": lambda said: json_response(422, {"detail": [{"loc": [said], "msg": said}]}),
    "429": lambda said: json_response(429, {"error": said}, {"retry-after": in_ascii(said)}),
    "500, tried again": lambda said: json_response(500, {"error": said}, {"retry-after-ms": "1"}),
    "302": lambda said: response(302, b"", {"location": f"http://x.example/{in_ascii(said)}"}),
    "an id of the request": lambda said: json_response(401, {"error": "no"}, {"x-request-id": said}),
    "a refusal cut in a secret": lambda said: response(400, f"{'x' * 270} {said}".encode()),
    "slashes escaped": lambda said: response(
        400, json.dumps({"error": {"message": said}}).replace("/", "\\/").encode()
    ),
    # --- no answer, with status 200
    "JSON that is something else": lambda said: json_response(200, {"sent": said}),
    "JSON that names an error": lambda said: json_response(200, {"error": {"message": said}}),
    "text": lambda said: response(200, said.encode(), {"content-type": "text/plain"}),
    "text cut in a secret": lambda said: response(200, f"{'x' * 270} {said}".encode()),
    "HTML": lambda said: response(200, f"<h1>{said}</h1>".encode(), {"content-type": "text/html"}),
    "a content type": lambda said: response(200, b"no", {"content-type": in_ascii(said)}),
    # --- inside a stream
    "a content type of a stream": lambda said: sse_response(
        [HELLO, STOP, "[DONE]"], headers={"content-type": in_ascii(said)}
    ),
    "an error object": lambda said: sse_response([HELLO, {"error": {"message": said, "code": said}}]),
    "an event called error": lambda said: sse_response([HELLO, f"event: error\ndata: {said}\n\n".encode()]),
    "a field called error": lambda said: sse_response(
        [HELLO, b"error: " + json.dumps({"message": said, "code": 500}).encode() + b"\n\n"]
    ),
    "a chunk that cannot be read": lambda said: sse_response([HELLO, f"{{{said}", STOP, "[DONE]"]),
    "a chunk cut in a secret": lambda said: sse_response([HELLO, f"{{{'x' * 470} {said}", STOP, "[DONE]"]),
    "names": lambda said: sse_response([HELLO | {"id": said, "model": said}, STOP, "[DONE]"]),
    "a reason": lambda said: sse_response(
        [HELLO, {"choices": [{"index": 0, "delta": {}, "finish_reason": said}]}, "[DONE]"]
    ),
    "the end of a stream that is cut": lambda said: sse_response(
        [HELLO, f": {said}\n\n".encode(), f'data: {{"choices": "{said}'.encode(), Close()]
    ),
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
@pytest.mark.parametrize("given", GIVEN)
async def test_no_credential_is_shown_logged_or_saved(
    given: Callable[[str], dict[str, Any]],
    echo: Echo,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG, "nbstream")
    with ByteServer(lambda request: echo(heard(request))) as server:
        settings = given(server.base_url)
        chat = Chat("m", router=Router(NBStream(retries=1), QUIET), **settings)
        reply = chat.send("Hi")
        await reply.wait()
        if "client" in settings:
            await settings["client"].close()
        sent = [mark for mark in MARKS if any(_was_sent(mark, request) for request in server.requests)]
        assert sent, "the case proves nothing where nothing was sent"
        shown = dict(channels(chat, reply, tmp_path))
    shown["log"] = caplog.text
    leaks = [(name, mark) for name, text in shown.items() for mark in sent if leaked(mark, text)]
    assert leaks == []


def leaked(mark: str, text: str) -> bool:
    """Whether it is there in any form, or more than half of it at an end."""
    forms = (mark, quote(mark, safe=""), json.dumps(mark)[1:-1], mark.replace("/", "\\/"), mark[:12])
    return any(form in text for form in forms if len(form) >= 6)


def channels(chat: Chat, reply: Reply, folder: Path) -> Iterator[tuple[str, str]]:
    """Every way in which a reply, its error and its chat become text."""
    yield "repr", repr(reply) + repr(chat) + repr(chat.conversation)
    yield "events", repr(reply.events) + json.dumps([to_json(event) for event in reply.events], default=repr)
    yield "state", repr(reply.state)
    yield "warnings", repr(reply.warnings)
    yield "snapshot", json.dumps([reply.showing.snapshot(), reply.to_dict()], default=repr)
    yield "output", json.dumps(bundle(reply.state, reply.about), default=repr)
    yield "params", repr(reply.params) + repr(chat.params)
    inspection = reply.inspect()
    shown = json.dumps(inspection._repr_mimebundle_(), default=repr)
    yield "inspection", repr(inspection) + shown + inspection.to_jsonl() + repr(inspection.attributes)
    yield "page", json.dumps(inspection.page(0), default=repr)
    for kind in ("jsonl", "ipynb", "json", "md"):
        path = folder / f"talk.{kind}"
        try:
            chat.save(path)
        except NbstreamError:  # not every kind is written
            continue
        yield kind, path.read_text()
    if reply.error is not None:
        yield from error_channels(reply.error)


def error_channels(error: NbstreamError) -> Iterator[tuple[str, str]]:
    yield "error", repr(error) + str(error) + repr(vars(error)) + repr(error.args)
    yield "traceback", "".join(traceback.format_exception(error))
    yield "in a notebook", "".join(error._render_traceback_())
    yield "pickle", pickle.dumps(error).decode("latin-1")


# --- that nothing new is left out

MARK = "a-secret-of-somebody"
OF_THE_MODEL = {
    ("TextDelta", "text"),
    ("ReasoningDelta", "text"),
    ("RefusalDelta", "text"),
    ("ToolCallDelta", "id"),
    ("ToolCallDelta", "name"),
    ("ToolCallDelta", "arguments"),
    ("ToolRoundEnded", "reasoning_field"),
    ("Finished", "reasoning_field"),
}
"""What the model wrote is passed on as it is: calls run with it, and go back to the server."""
_ROUTE = ("model", "provider", "host", "why", "prompt_hash", "badge", "loading")
OF_OUR_OWN = {("Routed", name) for name in _ROUTE} | {
    ("Prefilled", "text"),
    ("Prefilled", "reasoning"),
    ("ToolStep", "result"),
    ("CorrectionRequested", "problem"),
    ("Rated", "note"),
}
"""What no endpoint says; it does not come through its client."""
CHOSEN = {("ToolStep", "state"), ("Continued", "way"), ("Stopped", "by"), ("Warned", "kind")}


@pytest.mark.parametrize("kind", get_args(StreamEvent), ids=lambda kind: kind.__name__)
def test_every_text_of_every_event_is_cleaned(kind: type[StreamEvent]) -> None:
    marked = [field.name for field in fields(kind) if "str" in str(field.type).split(" | ")]
    texts: dict[str, Any] = dict.fromkeys(marked, MARK)
    event = replace(blank(kind), **texts)
    [clean] = cleaned([event], Redactor([MARK]))
    kept = {(kind.__name__, name) for name in marked if MARK in str(getattr(clean, name))}
    assert kept <= OF_THE_MODEL | OF_OUR_OWN
    assert MARK not in str(getattr(clean, "error", ""))


def blank(kind: type[StreamEvent]) -> StreamEvent:
    """An event with something in each field that has no default."""
    given: dict[str, Any] = {"error": ServerError(f"no {MARK}", advice=MARK), "usage": Usage()}
    values = {name: given.get(name, 0) for name in (field.name for field in fields(kind))}
    return kind(**values)


@pytest.mark.parametrize(
    "name", sorted({*errors.__all__} - {"ErrorKind", "NotSentWarning", "ToolFailed"})
)  # a call never ends a reply
def test_every_error_is_cleaned_with_what_caused_it(name: str) -> None:
    kind = getattr(errors, name)
    error = kind(f"no {MARK}", advice=MARK)
    error.__cause__ = ValueError(MARK)
    error.__cause__.__context__ = ExceptionGroup("two", [OSError(MARK), RuntimeError(MARK)])
    [failed] = cleaned([Failed(0.0, error)], Redactor([MARK]))
    told = "".join(text for _, text in error_channels(cast(Failed, failed).error))
    assert MARK not in told
    assert "[secret]" in told


def test_user_and_password_of_a_url_are_known_as_they_are_written_and_as_they_are_meant() -> None:
    request = httpx2.Request("POST", "https://me%40x:p%40ss@host.example/v1")
    assert {"me%40x", "me@x", "p%40ss", "p@ss", "me@x:p@ss"} <= set(credentials_sent(request))
