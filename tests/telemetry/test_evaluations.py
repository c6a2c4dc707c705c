"""Outcomes of checks as OpenTelemetry events, as its SDK records them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry._logs import set_logger_provider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

from nbstream import NBStream, Reply
from nbstream.client.router import Router
from nbstream.comparison import Comparison, compare
from tests.kernel.driver import HERMETIC
from tests.loopback import ByteServer
from tests.loopback.chunks import delta
from tests.loopback.responses import sse_response

_exporter = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]
_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


@pytest.fixture(scope="module", autouse=True)
def recording() -> None:
    """The provider of a process can be set once."""
    provider = LoggerProvider()
    provider.add_log_record_processor(SimpleLogRecordProcessor(_exporter))
    set_logger_provider(provider)


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    _exporter.clear()
    yield
    _exporter.clear()


def broken(_reply: Reply) -> bool:
    raise ValueError("out of order")


async def checked() -> Comparison:
    finish = {"id": "chat-7", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    with ByteServer(sse_response([delta("In Oslo"), finish, "[DONE]"])) as server:
        router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
        checks = {"city": "contains: Oslo", "sorry": "contains: sorry", "half": lambda _: 0.5, "own": broken}
        return await compare("Hi", models="m", checks=checks, base_url=server.base_url, router=router)


def emitted() -> list[dict[str, Any]]:
    records = [found.log_record for found in _exporter.get_finished_logs()]
    assert {record.event_name for record in records} == {"gen_ai.evaluation.result"}
    return [dict(record.attributes or {}) for record in records]


async def test_each_outcome_is_an_event_named_by_the_conventions() -> None:
    await checked()
    events = {event.pop("gen_ai.evaluation.name"): event for event in emitted()}
    label, value = "gen_ai.evaluation.score.label", "gen_ai.evaluation.score.value"
    answer = {"gen_ai.response.id": "chat-7"}
    assert events == {
        "city": {label: "pass", value: 1.0, **answer},
        "sorry": {label: "fail", value: 0.0, **answer},
        "half": {label: "pass", value: 0.5, **answer},
        "own": {label: "error", "error.type": "check_error", **answer},
    }


async def test_explanations_are_recorded_only_if_content_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_CONTENT, "true")
    await checked()
    found = {
        event["gen_ai.evaluation.name"]: event.get("gen_ai.evaluation.explanation") for event in emitted()
    }
    assert (found["sorry"], found["own"]) == ("It does not contain 'sorry'.", "ValueError: out of order")


async def test_answers_that_are_taken_over_are_not_evaluated_again() -> None:
    first = await checked()
    count = len(emitted())
    router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
    base_url = first.plan.chat["base_url"]
    await compare("Hi", models="m", checks="contains: Oslo", base_url=base_url, router=router, since=first)
    assert len(emitted()) == count


def test_without_opentelemetry_nothing_is_imported() -> None:
    code = (
        "import sys, nbstream\n"
        "nbstream.compare('echo: Hi', models='demo:nbstream-demo-fast', checks='contains: Hi').result()\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env=HERMETIC, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
