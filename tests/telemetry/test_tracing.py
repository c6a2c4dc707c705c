"""Requests as OpenTelemetry spans, as its SDK records them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from nbstream import Chat
from tests.inspection.streams import KEY, USAGE, delta, reply_of
from tests.kernel.driver import HERMETIC
from tests.loopback import ByteServer, Hold, in_turn, json_response, sse_response
from tests.loopback.chunks import END, STOP

ANSWER = sse_response([delta("secret answer"), STOP, USAGE, "[DONE]"])
_exporter = InMemorySpanExporter()


@pytest.fixture(scope="module", autouse=True)
def recording() -> None:
    """The provider of a process can be set once."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(_exporter))
    trace.set_tracer_provider(provider)


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    _exporter.clear()
    yield _exporter
    _exporter.clear()


def only(exporter: InMemorySpanExporter) -> ReadableSpan:
    (span,) = exporter.get_finished_spans()
    return span


async def test_a_request_is_a_span_named_by_the_conventions(exporter: InMemorySpanExporter) -> None:
    reply = await reply_of(ANSWER, temperature=0.5, max_tokens=64, seed=7)
    span = only(exporter)
    assert (span.name, span.kind, span.status.status_code) == ("chat m", SpanKind.CLIENT, StatusCode.UNSET)
    attributes: dict[str, Any] = dict(span.attributes or {})
    assert 0 < attributes.pop("gen_ai.response.time_to_first_chunk") <= reply.timings.ttft
    assert attributes.pop("server.port") > 0
    provider = attributes.pop("gen_ai.provider.name")
    assert provider.startswith("127.0.0.1")
    assert attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.request.stream": True,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 64,
        "gen_ai.request.seed": 7,
        "gen_ai.response.id": "chat-1",
        "gen_ai.response.model": "m-2026",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 9,
        "gen_ai.usage.output_tokens": 2,
        "server.address": "127.0.0.1",
    }


async def test_neither_prompt_nor_answer_nor_key_is_recorded(exporter: InMemorySpanExporter) -> None:
    await reply_of(ANSWER, "secret prompt")
    await reply_of(json_response(401, {"error": {"message": f"Incorrect key {KEY}"}}), "secret prompt")
    told = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert "Incorrect key" in told
    assert "secret prompt" not in told
    assert "secret answer" not in told
    assert KEY not in told


async def test_retries_and_skipped_chunks_are_events_of_the_one_span(exporter: InMemorySpanExporter) -> None:
    busy = json_response(503, {}, headers={"retry-after-ms": "1"})
    await reply_of(in_turn(busy, sse_response([delta("a"), "{broken", *END])))
    span = only(exporter)
    assert [event.name for event in span.events] == ["nbstream.retry", "nbstream.chunk_skipped"]
    assert dict(span.events[0].attributes or {})["nbstream.retry.attempt"] == 1
    assert span.status.status_code is StatusCode.UNSET


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (json_response(404, {"error": {"message": "no such model"}}), "404"),
        (sse_response([delta("a")]), "StreamInterruptedError"),
    ],
    ids=["refused", "cut"],
)
async def test_a_failure_is_the_status_of_the_span(
    exporter: InMemorySpanExporter, script: object, kind: str
) -> None:
    reply = await reply_of(script)
    span = only(exporter)
    assert span.status.status_code is StatusCode.ERROR
    assert reply.error is not None
    assert span.status.description == reply.error.message
    assert dict(span.attributes or {})["error.type"] == kind


async def test_a_stopped_answer_ends_its_span(exporter: InMemorySpanExporter) -> None:
    with ByteServer(sse_response([delta("a"), Hold()])) as server:
        reply = Chat("m", base_url=server.base_url).send("Hi")
        async for _ in reply:
            reply.stop()
    assert only(exporter).status.status_code is StatusCode.UNSET


async def test_the_span_is_a_child_of_that_around_the_request(exporter: InMemorySpanExporter) -> None:
    with trace.get_tracer("test").start_as_current_span("cell") as cell:
        await reply_of(ANSWER)
    request, _ = exporter.get_finished_spans()
    assert request.parent is not None
    assert request.parent.span_id == cell.get_span_context().span_id


PROGRAM = """
import asyncio, json, sys
from nbstream import Chat

async def main():
    reply = await Chat("demo:nbstream-demo-fast").send("Hello")
    print(json.dumps([reply.status, [name for name in sys.modules if name.startswith("opentelemetry")]]))

asyncio.run(main())
"""


def test_where_no_one_traces_nothing_is_imported() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=HERMETIC, capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(run.stdout) == ["finished", []]
