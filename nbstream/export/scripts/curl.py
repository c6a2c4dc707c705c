"""The script for a shell: the body is a here-document, in which the shell expands nothing."""

from __future__ import annotations

import shlex

from nbstream.export.scripts.literals import json_text
from nbstream.export.scripts.plan import Plan

__all__ = ["curl_script"]


def curl_script(plan: Plan) -> str:
    """The script. No line of the JSON can end the here-document, because a text has no line end in it."""
    options = ["curl --no-buffer --fail-with-body"]
    url = shlex.quote(plan.url)
    if set("[]{}") & set(plan.url):
        options.append("--globoff")
    lines = [" ".join([*options, url]), "-H 'Content-Type: application/json'"]
    if plan.key_header is not None:
        name, before = plan.key_header
        lines.append(f'-H "{name}: {before}${{{plan.destination.key_env}:?is not set}}"')
    lines += [f'-H "{header}: ${variable}"' for header, variable in plan.identity.items()]
    command = " \\\n  ".join([*lines, "--data-binary @- <<'JSON'"])
    return f"#!/bin/sh\n{plan.comments()}{command}\n{json_text(plan.body)}\nJSON\n"
