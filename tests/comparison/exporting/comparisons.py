"""A comparison with everything that is exported."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from nbstream import NBStream, Prompt, Reply
from nbstream.client.router import Router
from nbstream.comparison import Comparison, Judge, PairJudge, compare
from nbstream.comparison.checks import is_json
from tests.loopback import ByteServer
from tests.loopback.chunks import delta, says
from tests.loopback.exchanges import RecordedRequest
from tests.loopback.responses import json_response, sse_response
from tests.loopback.steps import Step

__all__ = ["ROWS", "exported"]

ROWS: list[dict[str, Any]] = [
    {"city": "Oslo", "expected": "Norway", "population": 717_710},
    {"city": "{{ Rome }}", "expected": "Italy", "population": None},
    {"city": '{"a": [1, "{% raw', "expected": "\u2028 \N{SNOWMAN} {% raw", "population": 0.5},
]


def exported(**given: Any) -> Comparison:
    """A finished comparison: two prompts, two models, two temperatures, one of which fails at one row."""
    usage = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}
    finish = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}

    def script(request: RecordedRequest) -> Iterable[Step]:
        body = request.json
        text = body["messages"][-1]["content"]
        if body["model"] == "judge":
            grade: object = "first" if "Second answer" in text else 4
            return says(json.dumps({"reason": "Seen.", "grade": grade}))
        if body["model"] == "b" and "Oslo" in text:
            return json_response(500, {"error": {"message": "no"}})
        return sse_response(
            [delta(f"{text} is in Norway" if body["temperature"] else text), finish, "[DONE]"]
        )

    with ByteServer(script) as server:
        router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
        to_judge: dict[str, Any] = {"model": "judge", "base_url": server.base_url, "router": router}
        options: dict[str, Any] = {
            "prompts": {
                "plain": "{{ city }} {% x %}",
                "turns": Prompt(
                    "{{ city }}", system="Be kind.", messages=[{"role": "user", "content": "Hi"}]
                ),
            },
            "models": ["a", "b"],
            "temperature": [0, 0.7],
            "over": ROWS,
            "checks": {
                "right": "contains",
                "polite": "not-icontains: sorry",
                "short": "max-chars: 400",
                "json": is_json({"type": "object"}),
                "fast": "latency: 60000",
                "cheap": "cost: 0.01",
                "year": "regex: [0-9]{4}",
                "mine": own,
                "kind": Judge("Is it kind to {{ city }}?", scale=5, repeat=2, **to_judge),
                "better": PairJudge("Which is better?", **to_judge),
            },
            "stop_when": "never",
            "n": 2,
            "seed": 7,
            "max_tokens": 50,
            "base_url": server.base_url.replace("//", "//ada:sesame@"),
            "api_key": "sk-secret-of-the-user",
            "router": router,
        }
        grid = compare(**{**options, **given}).result()
    grid.rate(grid.cells[0], 1, "good")
    return grid


def own(reply: Reply) -> bool:
    """Whether it is long."""
    return len(reply.text) > 5
