"""The script for the package httpx, which reads the stream itself."""

from __future__ import annotations

from nbstream.export.scripts.literals import python_literal
from nbstream.export.scripts.plan import Plan

__all__ = ["httpx_script"]

_STREAM = """\
with httpx.stream("POST", url, headers=headers, json=body, timeout=None) as response:
    if response.is_error:
        response.read()
        raise SystemExit(f"{response.status_code}: {response.text}")
    rest = b""
    for data in response.iter_bytes():
        *lines, rest = (rest + data).split(b"\\n")
        for line in lines:
            if line.startswith(b"data:") and line[5:].strip() != b"[DONE]":
                chunk = json.loads(line[5:])
{show}
print()
"""

_SHOW = {
    "chat": """\
                for choice in chunk.get("choices") or []:
                    print(choice["delta"].get("content") or "", end="", flush=True)""",
    "responses": """\
                if chunk["type"] == "response.output_text.delta":
                    print(chunk["delta"], end="", flush=True)""",
}

_WHOLE = """\
response = httpx.post(url, headers=headers, json=body, timeout=None)
if response.is_error:
    raise SystemExit(f"{response.status_code}: {response.text}")
{show}
"""

_SHOW_WHOLE = {
    "chat": 'print(response.json()["choices"][0]["message"]["content"])',
    "responses": """\
for item in response.json()["output"]:
    for part in item.get("content") or []:
        print(part.get("text", ""))""",
}


def httpx_script(plan: Plan) -> str:
    """The script."""
    streams = bool(plan.body.get("stream"))
    headers = _headers(plan)
    imports = ["json"] * streams + ["os"] * bool(headers != "{}")
    head = "".join(f"import {name}\n" for name in imports)
    template, shown = (_STREAM, _SHOW) if streams else (_WHOLE, _SHOW_WHOLE)
    sending = template.replace("{show}", shown[plan.request.api])
    values = f"url = {python_literal(plan.url)}\nheaders = {headers}\nbody = {python_literal(plan.body)}\n"
    return f"{plan.comments()}{head}{chr(10) * bool(head)}import httpx\n\n{values}\n{sending}"


def _headers(plan: Plan) -> str:
    pairs = [f'"{header}": os.environ["{variable}"]' for header, variable in plan.identity.items()]
    if plan.key_header is not None:
        name, before = plan.key_header
        variable = plan.destination.key_env
        value = f"f\"{before}{{os.environ['{variable}']}}\"" if before else f'os.environ["{variable}"]'
        pairs.insert(0, f'"{name}": {value}')
    return f"{{{', '.join(pairs)}}}"
