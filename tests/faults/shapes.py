"""Answers in the less usual forms of servers, and the expected result of each."""

from __future__ import annotations

from tests.faults.body import Body
from tests.faults.chunks import DONE, HALF, HELLO, STOP, WORLD, completion, delta, event
from tests.faults.outcome import Outcome, failed

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = f"data:image/png;base64,{PNG}"
REMOTE = "https://pictures.example/1.png"
THOUGHT = "Let me think."


def _odd(*warnings: str, **fields: object) -> Outcome:
    """A finished answer with warnings."""
    return Outcome(warnings=tuple(sorted(warnings)), **fields)  # type: ignore[arg-type]


def _image(fields: dict[str, object]) -> Body:
    """An image in any form, with a text next to it."""
    return Body(HALF + event(delta("", images=[fields])) + STOP + DONE, Outcome(images=1))


def _cited(fields: dict[str, object]) -> bytes:
    return event(delta() | fields)


_ERROR = {"code": 502, "message": "Upstream idle timeout"}
_USAGE = {"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7}
_ZERO = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
_REPORTED = failed("ModelError", "provider", "Hello world")
_REPORTED_502 = failed("ModelError", "provider", "Hello world", status=502)
_NOTHING = failed("ModelError", "provider")

SHAPES: dict[str, Body] = {
    # --- images
    "an image": Body(
        event(delta("", images=[{"type": "image_url", "image_url": {"url": PICTURE}}])) + STOP + DONE,
        Outcome(text="", images=1),
    ),
    "an image that comes twice": Body(
        HALF + event(delta(images=[{"image_url": PICTURE}, {"image_url": {"url": PICTURE}}])) + STOP + DONE,
        Outcome(images=1),
    ),
    "an image in base64": _image({"b64_json": PNG}),
    "an image as a block with a source": _image(
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    ),
    "an image as inline data": _image({"inline_data": {"mime_type": "image/png", "data": PNG}}),
    "an image among the parts of the content": Body(
        HALF
        + event({"choices": [{"delta": {"content": [{"type": "image_url", "image_url": {"url": PICTURE}}]}}]})
        + STOP
        + DONE,
        Outcome(images=1),
    ),
    "an image on the web": _image({"image_url": {"url": REMOTE}}),
    "an image that can run scripts": Body(
        HALF + event(delta(images=[{"url": "data:image/svg+xml;base64,PHN2Zy8+"}])) + STOP + DONE,
        _odd("not_shown"),
        says="image/svg+xml (34 characters)",
    ),
    # --- other content
    "only reasoning": Body(
        event(delta(reasoning_content=THOUGHT)) + STOP + DONE,
        _odd("only_reasoning", text="", reasoning=THOUGHT),
        says="Only reasoning was received",
    ),
    "only reasoning, up to the limit": Body(
        event(delta(reasoning_content=THOUGHT)) + event(delta(finish_reason="length")) + DONE,
        _odd("only_reasoning", "length", text="", reasoning=THOUGHT, finish_reason="length"),
        says="the token limit was reached before the answer",
    ),
    "spoken words": Body(
        event(delta(audio={"id": "a", "transcript": "Hello world"}))
        + event(delta(audio={"data": "AAAA" * 100}))
        + event(delta(audio={"data": "AAAA" * 100}))
        + STOP
        + DONE,
        _odd("not_shown"),
        says="audio (800 characters)",
    ),
    "sound alone": Body(
        event(delta(audio={"data": "AAAA"})) + STOP + DONE,
        _odd("not_shown", text=""),
        says="audio (4 characters)",
    ),
    "parts of an unknown kind": Body(
        HELLO
        + event({"choices": [{"delta": {"content": [{"type": "hologram", "data": "x" * 100}, " world"]}}]})
        + STOP
        + DONE,
        _odd("not_shown"),
        says="hologram",
    ),
    "an answer that is counted from 1": Body(
        event({"choices": [{"index": 1, "delta": {"content": "Hello"}}]})
        + event({"choices": [{"index": 1, "delta": {"content": " world"}}]})
        + event({"choices": [{"index": 1, "delta": {}, "finish_reason": "stop"}]})
        + DONE,
        Outcome(),
    ),
    "an answer in fields that nobody knows": Body(
        event(delta(output="Hello world")) + STOP + DONE,
        _odd("empty", text=""),
        says="output (11 characters)",
    ),
    "an answer in events that nobody knows": Body(
        event({"type": "content_block_delta", "delta": {"text": "Hello"}}) + DONE,
        _odd("empty", "no_finish_reason", "unknown_event", text="", finish_reason=None),
        says="content_block_delta",
    ),
    "the text of the older API": Body(
        event({"choices": [{"index": 0, "text": "Hello"}]})
        + event({"choices": [{"index": 0, "text": " world", "finish_reason": "stop"}]})
        + DONE,
        Outcome(),
    ),
    # --- sources
    "sources beside the choices": Body(
        _cited(
            {
                "citations": ["https://a.example/1"],
                "search_results": [{"title": "A", "url": "https://a.example/1"}],
            }
        )
        + HALF
        + _cited({"citations": ["https://a.example/1", "https://b.example"]})
        + STOP
        + DONE,
        Outcome(sources=("https://a.example/1", "https://b.example")),
    ),
    "sources as annotations": Body(
        HALF
        + event(
            delta(
                annotations=[
                    {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}
                ]
            )
        )
        + STOP
        + DONE,
        Outcome(sources=("https://a.example",)),
    ),
    "sources in a context": Body(
        HALF + event(delta(context={"citations": [{"title": "A", "filepath": "a.pdf"}]})) + STOP + DONE,
        Outcome(sources=("a.pdf",)),
    ),
    # --- reasoning inside the text, and text that comes twice
    "think tags": Body(
        event(delta("<th"))
        + event(delta(f"ink>{THOUGHT}</thi"))
        + event(delta("nk>\n\nHello"))
        + WORLD
        + STOP
        + DONE,
        Outcome(reasoning=THOUGHT),
    ),
    "a think tag that the template has opened": Body(
        event(delta(f"{THOUGHT}\n</th")) + event(delta("ink>\n\nHello world")) + STOP + DONE,
        _odd("unmarked_reasoning", text=f"{THOUGHT}\n</think>\n\nHello world"),
    ),
    "an answer about think tags": Body(
        event(delta("It ends with `</think>`:\n```\nHm.\n</think>\n```\n")) + STOP + DONE,
        Outcome(text="It ends with `</think>`:\n```\nHm.\n</think>\n```\n"),
    ),
    "think tags without an answer": Body(
        event(delta(f"<think>{THOUGHT}")) + STOP + DONE,
        _odd("only_reasoning", text="", reasoning=THOUGHT),
    ),
    "a think tag and then a cut": Body(
        event(delta(f"<think>{THOUGHT}</th")),
        Outcome(
            "failed", "", None, ("StreamInterruptedError", "truncated", None), reasoning=f"{THOUGHT}</th"
        ),
    ),
    "a last chunk with the whole message": Body(
        HALF + event(completion("Hello world") | {"usage": _USAGE}) + DONE, Outcome(tokens=7)
    ),
    # --- errors and ends
    "an error inside a choice": Body(
        HALF
        + event({"choices": [{"delta": {"content": ""}, "finish_reason": "error", "error": _ERROR}]})
        + DONE,
        _REPORTED_502,
        says="Upstream idle timeout",
    ),
    "an error inside a choice, of text": Body(
        HALF + event({"choices": [{"delta": {}, "error": "Upstream idle timeout"}]}),
        _REPORTED,
        says="Upstream idle timeout",
    ),
    "an error inside a delta": Body(
        HALF + event(delta(error=_ERROR)), _REPORTED_502, says="Upstream idle timeout"
    ),
    "an error by other names": Body(
        HALF + event({"base_resp": {"status_code": 1004, "status_msg": "not logged in"}}),
        _REPORTED,
        says="not logged in",
    ),
    "a list of errors": Body(
        HALF + event({"errors": [{"message": "out of neurons", "code": 500}]}),
        failed("ModelError", "provider", "Hello world", status=500),
        says="out of neurons",
    ),
    "words outside events": Body(
        HALF + b"Internal Server Error\n",
        failed("StreamInterruptedError", "truncated", "Hello world"),
        says="Internal Server Error",
    ),
    "a delta of text alone": Body(event({"choices": [{"delta": "Hello"}]}) + WORLD + STOP + DONE, Outcome()),
    "an error as plain data": Body(event(b"error: the queue is full"), _NOTHING, says="the queue is full"),
    "an error as plain data in brackets": Body(
        HALF + event(b"[ERROR] the queue is full") + DONE, _REPORTED, says="the queue is full"
    ),
    "words in place of an answer": Body(
        event(b"Service overloaded") + DONE,
        Outcome("failed", "", None, ("ModelError", "provider", None), ("malformed_chunk",), 1),
        says="Service overloaded",
    ),
    "words in place of the end": Body(
        HALF + event(b"upstream timed out"),
        Outcome("failed", "Hello world", None, ("ModelError", "provider", None), ("malformed_chunk",), 1),
        says="upstream timed out",
    ),
    "an error in a field of its own, and then [DONE]": Body(
        b'error: {"code": 500, "message": "context shift is disabled"}\n\n' + DONE,
        failed("ModelError", "provider", status=500),
        says="context shift is disabled",
    ),
    "an error after the answer": Body(
        HALF + STOP + event({"error": {"message": "no usage", "code": 500}}) + DONE,
        _odd("late_error"),
        says="no usage",
    ),
    "heartbeats of text": Body(
        event(b"ping") + HELLO + event(b"[PING]") + event(b'"keep-alive"') + WORLD + STOP + DONE, Outcome()
    ),
    "[done] in small letters": Body(HALF + STOP + event(b"[done]"), Outcome()),
    "one newline after each event, and an empty one": Body(
        (HELLO + b"data:\n\n" + WORLD + b"data: \n\n" + STOP + DONE).replace(b"\n\n", b"\n"), Outcome()
    ),
    "one newline after each event, and an odd one": Body(
        (event(b"odd") + HELLO + event(b'{"cut') + WORLD + STOP + DONE).replace(b"\n\n", b"\n"),
        _odd("malformed_chunk", skipped=2),
    ),
    # --- token counts
    "token counts as text": Body(
        HALF + event(delta(finish_reason="stop") | {"usage": {"total_tokens": "7"}}) + DONE, Outcome(tokens=7)
    ),
    "token counts of zero after real ones": Body(
        HALF
        + event(delta(finish_reason="stop") | {"usage": _USAGE})
        + event({"choices": [], "usage": _ZERO})
        + DONE,
        Outcome(tokens=7),
    ),
    "token counts inside the choice": Body(
        HALF + event({"choices": [{"delta": {}, "finish_reason": "stop", "usage": _USAGE}]}) + DONE,
        Outcome(tokens=7),
    ),
    "token counts in a field of Groq's": Body(
        HALF + event(delta(finish_reason="stop") | {"x_groq": {"usage": _USAGE}}) + DONE, Outcome(tokens=7)
    ),
}
