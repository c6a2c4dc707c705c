"""Fifty planted secrets: none of them is in a cassette, whole or in pieces that add up to it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from openai import AsyncOpenAI

from nbstream import Chat, NBStream, record, replay
from nbstream.cassettes.journal import read_file
from nbstream.cassettes.scrubbing import Scrubber
from nbstream.client.router import Router
from tests.loopback import ByteServer, RecordedRequest, Script, json_response, sse_response
from tests.loopback.chunks import END, delta

BODY = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6"
KEYS = {
    name: f"{prefix}{BODY}"
    for name, prefix in {
        "openai": "sk-",
        "openai project": "sk-proj-",
        "anthropic": "sk-ant-api03-",
        "openrouter": "sk-or-v1-",
        "groq": "gsk_",
        "hugging face": "hf_",
        "xai": "xai-",
        "nvidia": "nvapi-",
        "perplexity": "pplx-",
        "cerebras": "csk-",
        "together": "tgp_v1_",
        "fireworks": "fw_",
        "replicate": "r8_",
        "langsmith": "lsv2_pt_",
        "google": "AIza",
        "github": "ghp_",
        "github app": "ghs_",
        "github fine-grained": "github_pat_",
        "gitlab": "glpat-",
        "npm": "npm_",
        "pypi": "pypi-",
        "slack": "xoxb-",
        "sendgrid": "SG.",
        "stripe": "sk_live_",
        "stripe restricted": "rk_live_",
        "shopify": "shpat_",
        "digitalocean": "dop_v1_",
        "google oauth": "ya29.",
        "aws": "AKIA",
        "webhook": "whsec_",
        "jwt": "eyJhbGciOiJIUzI1NiJ9.",
    }.items()
} | {"aws": "AKIAIOSFODNN7EXAMPLE", "aws session": "ASIAIOSFODNN7EXAMPLE", "databricks": f"dapi{'0af1' * 8}"}
ASSIGNED = {
    "aws_secret_access_key": "aws_secret_access_key = {}",
    "api_key": 'api_key="{}"',
    "password": "password: {}",
    "client_secret": '{{"client_secret": "{}"}}',
    "connection string": "AccountKey={};EndpointSuffix=core",
    "sas": "https://store.example/blob?sv=1&sig={}",
    "bearer": "Authorization: Bearer {}",
    "basic": "authorization: basic {}",
    "database": "postgres://me:{}@db.example/x",
    "export": "export SERVICE_TOKEN_API_KEY={}",
}
PLAIN = {
    "client key": "the-key-of-the-client-itself",
    "header": "a-header-of-the-client-9",
    "query": "a-query-of-the-client-99",
    "cookie": "a-cookie-of-the-client-9",
    "environment": "correct-horse-battery-9",
    "refused": "another-key-that-a-server-echoes-1",
    "redirected": "a-password-in-a-redirect-1",
}
SECRETS = (
    list(KEYS.values())
    + [f"{name.replace(' ', '')}9{BODY[::-1]}" for name in ASSIGNED]
    + list(PLAIN.values())
)
PROMPTS = [f"Use {key} here." for key in KEYS.values()]
PROMPTS += [text.format(f"{name.replace(' ', '')}9{BODY[::-1]}") for name, text in ASSIGNED.items()]
PROMPTS += [
    f"Is {PLAIN['environment']} good? And {PLAIN['client key']}, {PLAIN['header']}, {PLAIN['cookie']}?"
]


def echo(request: RecordedRequest) -> Script:
    """The prompt again, whole and in small deltas; a refusal or a redirect if the prompt asks for it."""
    prompt = request.json["messages"][-1]["content"]
    if prompt == "refuse":
        return json_response(400, {"error": {"message": f"api_key={PLAIN['refused']} is not valid"}})
    if prompt == "redirect":
        return json_response(
            307, {}, {"location": f"https://me:{PLAIN['redirected']}@x.example/?t={KEYS['aws']}"}
        )
    small = [prompt[place : place + 5] for place in range(0, len(prompt), 5)]
    headers = {"x-request-id": KEYS["openai"], "set-cookie": PLAIN["cookie"], "x-odd": PLAIN["header"]}
    return sse_response([delta(f"{prompt} "), *map(delta, small), *END], headers=headers)


def forms(secret: str) -> set[str]:
    return {
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        base64.b64encode(secret.encode()).decode(),
    }


def answers(file: Path) -> str:
    """The texts of all answers, each joined from its deltas."""
    texts = []
    for exchange in read_file(file).exchanges:
        for event in "".join(exchange.pieces).split("\n\n"):
            if event.startswith("data: {"):
                choices = json.loads(event.removeprefix("data: ")).get("choices", [])
                texts += [choice["delta"].get("content", "") for choice in choices]
        texts.append("\n")
    return "".join(texts)


async def test_none_of_fifty_planted_secrets_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(set(SECRETS)) >= 50
    monkeypatch.setenv("HOUSE_TOKEN", PLAIN["environment"])
    file = tmp_path / "secrets.jsonl"
    with ByteServer(echo) as server:
        own = AsyncOpenAI(
            base_url=server.base_url.replace("//", "//me:pass-word-of-the-url-1@"),
            api_key=PLAIN["client key"],
            default_headers={"x-own": PLAIN["header"], "cookie": f"id={PLAIN['cookie']}"},
            default_query={"key": PLAIN["query"]},
        )
        async with own:
            chat = Chat("m", client=own, router=Router(NBStream(), {}))
            with record(file):
                for prompt in [*PROMPTS, "refuse", "redirect"]:
                    await chat.fork().send(prompt).wait()
                await chat.fork().send(f"Never tell {KEYS['groq']}", user=KEYS["github"]).wait()
            with replay(file, pace=0) as tape:
                for prompt in PROMPTS:
                    assert (await chat.fork().send(prompt)).status == "finished"
            assert tape.replayed == len(PROMPTS)
    kept, said = file.read_text("utf-8"), answers(file)
    secrets = [*SECRETS, "pass-word-of-the-url-1"]
    assert [secret for secret in secrets if any(form in kept for form in forms(secret))] == []
    assert [secret for secret in secrets if secret in said] == []
    assert "Use [secret] here. Use [secret] here." in said


@pytest.mark.parametrize(
    "text",
    [
        "password = input('Password: ')",
        "api_key = os.environ['OPENAI_API_KEY']",
        "token = tokens[i]",
        "A key-value store, a basic question and the bearer of good news.",
        '{"token": "Hello", "logprob": -0.1}',
        "skeleton-key-and-lock-mechanism",
    ],
)
def test_ordinary_text_and_code_stay(text: str) -> None:
    assert Scrubber({"PATH": "/usr/bin", "LOGIN_TOKEN": "disabled"})(text) == text


def test_a_short_value_of_the_environment_is_no_secret() -> None:
    assert Scrubber({"A_TOKEN": "disabled", "B_TOKEN": "1234"})("disabled 1234") == "disabled 1234"
