"""A reply as code: each script, run as a separate process, sends what nbstream sent."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai import AsyncAzureOpenAI, AsyncOpenAI

from nbstream import Chat, FileError, NBStream, Reply
from nbstream.client.router import Router
from nbstream.client.sent import Destination, SentRequest
from nbstream.errors import ArgumentError, StateError
from nbstream.export import Code, CodeKind, code_for
from nbstream.export.scripts.literals import arguments, json_text, python_literal
from nbstream.types.messages import Message
from nbstream.types.request import ChatRequest
from tests.loopback import ByteServer, RecordedRequest, Reset, Script, json_response, sse_response
from tests.loopback.chunks import END, delta

KINDS = get_args(CodeKind)
KEY = "mark-key-0123456789"
ENVIRON = {"NBSTREAM_NO_PROBE": "1"}
HOSTILE = (
    "{braces} {{ x }} \"quotes\" 'and' \\back\\slashes\\n \U0001f469\u200d\U0001f4bb $HOME `id` $(id)\n"
    "EOF\nJSON\n'''\n\"\"\"\n\r\n\t\u2028\u202e\x00\x7f end\\"
)
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
LISTING = {"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "vllm"}]}


def responding(request: RecordedRequest) -> Script:
    """Say Hello in the way that the request wants it."""
    if request.method == "GET":
        return json_response(200, LISTING)
    body = request.json
    if "refused" in body.get("stop", ()) and "stream_options" in body:
        return json_response(400, {"error": {"message": "stream_options is not supported"}})
    if "responses" in request.path:
        content = [{"type": "output_text", "text": "Hello", "annotations": []}]
        message = {
            "type": "message",
            "id": "i",
            "role": "assistant",
            "status": "completed",
            "content": content,
        }
        whole = {"id": "r", "object": "response", "model": "m", "status": "completed", "output": [message]}
        text = {"type": "response.output_text.delta", "delta": "Hello", "item_id": "i", "output_index": 0}
        done = {"type": "response.completed", "response": whole}
        return sse_response([text, done]) if body["stream"] else json_response(200, whole)
    if body["stream"]:
        return sse_response([delta("Hel"), delta("lo"), *END])
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    return json_response(200, {"id": "c", "object": "chat.completion", "model": "m", "choices": [choice]})


def chat_on(server: ByteServer, *, key: str | None = KEY, **settings: Any) -> Chat:
    return Chat("m", base_url=server.base_url, api_key=key, router=Router(NBStream(), ENVIRON), **settings)


def run(code: Code, folder: Path, **environ: str) -> str:
    """What a script prints, as a process in an environment with nothing else."""
    file = folder / f"{len(list(folder.iterdir()))}.txt"
    code.save(file)
    program = "sh" if code.language == "sh" else sys.executable
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    whole = kept | ENVIRON | {"PYTHONUTF8": "1", "NO_PROXY": "127.0.0.1"} | environ
    ended = subprocess.run(
        [program, str(file)], capture_output=True, text=True, env=whole, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def what_matters(request: RecordedRequest) -> dict[str, Any]:
    """A request without the names of programs and the marks of a transport."""
    headers = {
        name: request.headers.get(name)
        for name in ("authorization", "api-key", "content-type", "openai-organization", "x-gateway")
    }
    return {"path": request.path, "body": request.json, **headers}


def posts(server: ByteServer) -> list[dict[str, Any]]:
    return [what_matters(request) for request in server.requests if request.method == "POST"]


def check(server: ByteServer, reply: Reply, folder: Path, *kinds: CodeKind, **environ: str) -> None:
    """Run a reply's code of these kinds, and compare each request with the one that was accepted."""
    own = posts(server)[-1]
    for kind in kinds:
        code = reply.to_code(kind)
        assert KEY not in str(code)
        printed = run(code, folder, **environ)
        assert "Hello" in printed if kind != "curl" else "Hel" in printed
        assert posts(server)[-1] == own, kind


def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


EXAMPLES = [{"role": "user", "content": HOSTILE}, {"role": "assistant", "content": "fine"}]
QUESTIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "hostile text": (HOSTILE, {"system": f"Be {HOSTILE}", "messages": EXAMPLES}),
    "images and parameters": (
        [{"type": "text", "text": HOSTILE}, IMAGE],
        {
            "temperature": 0.1,
            "seed": 2**40,
            "extra": {"top_q": [1, {"a": None}], "zz": None, "no name": True},
        },
    ),
    "tools and formats": (
        "Add",
        {"tools": [add], "response_format": {"type": "json_object"}, "logit_bias": {50256: -100}},
    ),
    "without a stream": ("Hi", {"stream": False, "max_tokens": 9}),
    "without a key": ("Hi", {"key": None}),
    "an option that was refused": ("Hi", {"stop": ["refused"]}),
    "Responses": ([{"type": "text", "text": HOSTILE}, IMAGE], {"api": "responses", "max_tokens": 9}),
    "Responses without a stream": (
        "Hi",
        {
            "api": "responses",
            "stream": False,
            "reasoning_effort": "low",
            "tools": [add],
            "system": "Be brief.",
        },
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_kind_sends_the_same_request(name: str, tmp_path: Path) -> None:
    content, settings = QUESTIONS[name]
    with ByteServer(responding) as server:
        chat = chat_on(server, **settings)
        chat.send("before").result(timeout=60)
        reply = chat.send(content).result(timeout=60)
        check(server, reply, tmp_path, *KINDS, API_KEY=KEY)


def test_a_continued_answer_is_continued(tmp_path: Path) -> None:
    def handle(request: RecordedRequest) -> Script:
        if request.method == "POST" and len(request.json["messages"]) == 1:
            return sse_response([delta("The quick brown fox jumps "), Reset()])
        return responding(request)

    with ByteServer(handle) as server:
        chat = chat_on(server)
        with pytest.raises(Exception, match="connection broke"):
            chat.send("Hi").result(timeout=60)
        reply = chat.continue_reply().result(timeout=60)
        check(server, reply, tmp_path, "openai", "httpx", "curl", API_KEY=KEY)
        with pytest.raises(StateError, match="continues an answer"):
            reply.to_code("nbstream")


async def test_a_client_of_the_users_own_is_described_without_its_secrets(tmp_path: Path) -> None:
    with ByteServer(responding) as server:
        http = httpx2.AsyncClient(
            headers={"X-Team": "mark-team"}, params={"code": "mark-code"}, trust_env=False
        )
        sdk = AsyncOpenAI(
            base_url=server.base_url,
            api_key=KEY,
            default_headers={"X-Gateway": "mark-gateway"},
            http_client=http,
        )
        async with sdk:
            reply = await Chat("m", client=sdk).send("Hi")
        for kind in KINDS:
            code = str(reply.to_code(kind))
            [remark] = re.findall("# Left out, because they may be secret: (.*)", code)
            assert set(remark.split(", ")) == {"X-Gateway", "X-Team", "?code="}
            assert "mark-" not in code
            run(reply.to_code(kind), tmp_path, API_KEY=KEY)
        own, *others = posts(server)
        assert [other["body"] for other in others] == [own["body"]] * 4
        assert [other["authorization"] for other in others] == [f"Bearer {KEY}"] * 4


@pytest.mark.parametrize("credentials", [{"api_key": KEY}, {"azure_ad_token": KEY}])
@pytest.mark.parametrize("deployment", [None, "d"])
async def test_an_azure_client_is_called_at_its_deployment(
    credentials: dict[str, Any], deployment: str | None, tmp_path: Path
) -> None:
    variable = "AZURE_OPENAI_API_KEY" if "api_key" in credentials else "AZURE_OPENAI_AD_TOKEN"
    with ByteServer(responding) as server:
        sdk = AsyncAzureOpenAI(
            azure_endpoint=server.url, api_version="2026-01-01", azure_deployment=deployment, **credentials
        )
        async with sdk:
            reply = await Chat("m", client=sdk).send("Hi")
        check(server, reply, tmp_path, *KINDS, **{variable: KEY})


def test_a_user_in_the_address_is_left_out_and_named() -> None:
    with ByteServer(responding) as server:
        address = server.base_url.replace("//", f"//mark-user:{quote('mark pass')}@")
        chat = Chat("m", base_url=address, router=Router(NBStream(), ENVIRON))
        reply = chat.send("Hi").result(timeout=60)
        codes = [str(reply.to_code(kind)) for kind in KINDS]
    assert not any("mark" in code for code in codes)
    assert all("the user and password of the base URL" in code for code in codes)


def test_a_key_within_a_message_is_masked_and_said() -> None:
    with ByteServer(responding) as server:
        reply = chat_on(server, system=f"My key is {KEY}.").send(f"Use {KEY}").result(timeout=60)
        codes = [str(reply.to_code(kind)) for kind in KINDS]
    assert not any(KEY in code for code in codes)
    assert all("# A key in the request is replaced by [secret]." in code for code in codes)


def test_a_failed_request_is_code_too(tmp_path: Path) -> None:
    with ByteServer(json_response(400, {"error": {"message": "No."}})) as server:
        reply = chat_on(server).send("Hi")
        with pytest.raises(Exception, match="No"):
            reply.result(timeout=60)
        code = reply.to_code("httpx")
    assert '"content": "Hi"' in str(code)


@pytest.mark.parametrize(
    ("provider", "variable"), [("openai", "OPENAI_API_KEY"), ("mistral", "MISTRAL_API_KEY")]
)
def test_the_key_is_that_of_the_provider(provider: str, variable: str) -> None:
    destination = Destination(f"https://{provider}.example/v1", provider, variable, sends_key=True)
    sent = SentRequest(ChatRequest("m", (Message("user", "Hi"),)), destination, lambda value: value)
    for kind in ("openai", "httpx", "curl"):
        assert variable in str(code_for(sent, kind))


def test_the_organization_goes_to_openai_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    with ByteServer(responding) as server:
        request = ChatRequest("m", (Message("user", "Hi"),))
        for provider, wanted in (("openai", "org-1"), ("other", None)):
            destination = Destination(server.base_url, provider, "API_KEY", sends_key=True)
            sent = SentRequest(request, destination, lambda value: value)
            for kind in ("openai", "httpx", "curl"):
                run(code_for(sent, kind), tmp_path, API_KEY=KEY, OPENAI_ORG_ID="org-1")
                assert server.requests[-1].headers.get("openai-organization") == wanted, kind


def test_the_demo_is_reached_at_its_server_and_a_local_model_in_the_process() -> None:
    reply = Chat("demo:nbstream-demo-fast").send("echo: Hi").result(timeout=60)
    assert "# Start the server first: nbstream demo-server\n" in str(reply.to_code("curl"))
    assert 'Chat("demo:nbstream-demo-fast")' in str(reply.to_code("nbstream"))

    local = Destination("http://local.invalid/%2Fm%2Fmine.gguf/v1", "local")
    sent = SentRequest(ChatRequest("mine", (Message("user", "Hi"),)), local, lambda value: value)
    assert 'Chat("local:/m/mine.gguf")' in str(code_for(sent, "nbstream"))
    for kind in ("openai", "httpx", "curl"):
        with pytest.raises(StateError, match='Use the code for "nbstream"'):
            code_for(sent, kind)


def test_nbstreams_own_code_runs(tmp_path: Path) -> None:
    reply = Chat("demo:nbstream-demo-fast", system="Be brief.").send(f"echo: {HOSTILE}").result(timeout=60)
    assert run(reply.to_code("nbstream"), tmp_path).rstrip("\n").endswith("end\\")


def test_what_cannot_be_written_says_why() -> None:
    reply = Chat("demo:nbstream-demo-fast").send("echo: Hi").result(timeout=60)
    with pytest.raises(ArgumentError, match=r"no code for 'opnai'\. Did you mean 'openai'"):
        reply.to_code("opnai")  # type: ignore[arg-type]
    with pytest.raises(StateError, match="not sent in this session"):
        Reply(None, log=reply.events).to_code()


def test_a_file_is_not_replaced_unless_told(tmp_path: Path) -> None:
    code = Code("print('é')\n", "python")
    code.save(tmp_path / "a.py")
    with pytest.raises(FileError, match=r"There is a file 'a\.py' already"):
        code.save(tmp_path / "a.py")
    code.save(str(tmp_path / "a.py"), overwrite=True)
    assert (tmp_path / "a.py").read_bytes() == "print('é')\n".encode()
    with pytest.raises(FileError, match="cannot be written"):
        code.save(tmp_path / "none" / "a.py")


def test_an_output_holds_a_long_script_once() -> None:
    short, long = Code("x", "python"), Code("x" * 200_000, "sh")
    assert set(short._repr_mimebundle_()) == {
        "application/vnd.nbstream.code+json",
        "text/plain",
        "text/markdown",
    }
    assert "text/markdown" not in long._repr_mimebundle_()


texts = st.text(st.characters(), max_size=60) | st.sampled_from([HOSTILE, "\ud83d", "JSON", "EOF\n", "\n\n"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_a_python_literal_is_the_value(value: Any) -> None:
    literal = python_literal(value)
    assert ast.literal_eval(literal) == value
    assert all(char.isprintable() or char == "\n" for char in literal)


@given(values, values)
def test_arguments_are_the_values(first: Any, second: Any) -> None:
    found = eval(f"f{arguments({'a': second}, python_literal(first))}", {"f": partial(lambda *b, a: (*b, a))})  # noqa: S307
    assert found == (first, second)


@given(values)
def test_json_text_is_the_value_on_lines_that_a_text_cannot_make(value: Any) -> None:
    text = json_text(value)
    assert json.loads(text) == json.loads(json.dumps(value))
    assert "JSON" not in [line.strip() for line in text.split("\n")]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=values, model=texts)
def test_a_shell_passes_the_body_on_untouched(value: Any, model: str, tmp_path: Path) -> None:
    (tmp_path / "curl").write_text("#!/bin/sh\nexec cat\n")
    (tmp_path / "curl").chmod(0o755)
    message = Message("user", "Hi", extra={"x": value})
    destination = Destination("https://host.example/v1?$x='[1]'", "other", "API_KEY", sends_key=True)
    sent = SentRequest(ChatRequest(model, (message,)), destination, lambda body: body)
    script = str(code_for(sent, "curl")).encode()
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "API_KEY": KEY}
    ended = subprocess.run(["sh"], input=script, capture_output=True, env=environ, timeout=60, check=True)
    body = json.loads(ended.stdout)
    assert body["messages"][0]["x"] == json.loads(json.dumps(value))
    assert body["model"] == json.loads(json.dumps(model))
