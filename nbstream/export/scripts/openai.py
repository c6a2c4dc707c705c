"""The script for the package openai."""

from __future__ import annotations

import inspect
from typing import Any

from nbstream.export.scripts.literals import arguments, python_literal
from nbstream.export.scripts.plan import Plan
from nbstream.types.request import APIName

__all__ = ["openai_script"]

_CALL = {"chat": "client.chat.completions.create", "responses": "client.responses.create"}
_OWN = frozenset({"self", "extra_headers", "extra_query", "extra_body", "timeout"})

_NO_KEY = 'extra_headers={"Authorization": Omit()}'

_STREAMED = {
    "chat": """\
for chunk in stream:
    for choice in chunk.choices:
        print(choice.delta.content or "", end="", flush=True)
print()
""",
    "responses": """\
for event in stream:
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)
print()
""",
}
_WHOLE = {
    "chat": "print(completion.choices[0].message.content)\n",
    "responses": "print(response.output_text)\n",
}
_RESULT = {"chat": "completion", "responses": "response"}


def openai_script(plan: Plan) -> str:
    """The script. What the SDK does not know by name goes into ``extra_body``."""
    api, streams = plan.request.api, bool(plan.body.get("stream"))
    known = _known(api)
    named = {name: value for name, value in plan.body.items() if name in known}
    extra = {name: value for name, value in plan.body.items() if name not in known}
    given = named | ({"extra_body": extra} if extra else {})
    call = arguments(given)
    if not plan.destination.sends_key:
        call = f"{arguments(given, broken=True)[:-1]}    {_NO_KEY},\n)"
    result = "stream" if streams else _RESULT[api]
    shown = (_STREAMED if streams else _WHOLE)[api]
    return f"{plan.comments()}{_opening(plan)}\n{result} = {_CALL[api]}{call}\n{shown}"


def _opening(plan: Plan) -> str:
    """The imports and the client."""
    destination, name = plan.destination, "AzureOpenAI" if plan.destination.azure else "OpenAI"
    keyless = not destination.sends_key
    omitted = plan.hidden_identity
    lines = [f"base_url={python_literal(plan.base_url)}"]
    if destination.azure:
        lines.append(f"api_version={python_literal(destination.azure)}")
    argument = "azure_ad_token" if destination.entra else "api_key"
    lines.append(f'{argument}="none"' if keyless else f'{argument}=os.environ["{destination.key_env}"]')
    if omitted:
        headers = ", ".join(f'"{header}": Omit()' for header in omitted)
        lines.append(f"default_headers={{{headers}}}")
    imported = ", ".join(sorted([name] + ["Omit"] * (keyless or bool(omitted))))
    head = "" if keyless else "import os\n\n"
    client = "".join(f"    {line},\n" for line in lines)
    return f"{head}from openai import {imported}\n\nclient = {name}(\n{client})\n"


def _known(api: APIName) -> frozenset[str]:
    """The parameters that the SDK knows by name."""
    from openai.resources.chat import Completions
    from openai.resources.responses import Responses

    creators: dict[APIName, Any] = {"chat": Completions.create, "responses": Responses.create}
    return frozenset(inspect.signature(creators[api]).parameters) - _OWN
