"""What readers without our front end see."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from nbstream.errors import RateLimitError
from nbstream.recording.state import ReplyState
from nbstream.types.events import (
    ChunkSkipped,
    Cited,
    Failed,
    Finished,
    Identified,
    ImageReceived,
    Routed,
    Stopped,
    TextDelta,
    ToolCallDelta,
    ToolStep,
    UsageReported,
    Warned,
)
from nbstream.types.usage import Usage
from nbstream.views.base import Frame, Pages, Patch
from nbstream.views.markup import markdown, plain
from nbstream.views.packing import unpacked
from nbstream.views.snapshot import REPLY_MIMETYPE, ReplyInfo, provenance, saved_reply, snapshot
from nbstream.views.static import bundle
from nbstream.views.terminal import TerminalView, printable
from tests.faults.shapes import PICTURE, REMOTE


def state_of(*events: object) -> ReplyState:
    state = ReplyState()
    for event in events:
        state.apply(event)  # type: ignore[arg-type]
    return state


def test_a_finished_answer_is_its_text() -> None:
    state = state_of(TextDelta(0.1, "**Hi**\n"), Finished(0.2, "stop"))
    assert markdown(state) == plain(state) == "**Hi**"


def test_what_a_reader_must_know_stands_below() -> None:
    warned = Warned(0.2, "length", "The answer was cut off by the token limit.")
    state = state_of(TextDelta(0.1, "Hi"), warned, ChunkSkipped(0.2, "bad"), Finished(0.2, "length"))
    assert plain(state).splitlines()[2:] == [
        "[The answer was cut off by the token limit.]",
        "",
        "[1 malformed chunk was skipped; the answer may be missing a part.]",
    ]
    assert "*The answer was cut off by the token limit.*" in markdown(state)


@pytest.mark.parametrize("text", ["Hi", "First line\n\n" + "long " * 500], ids=["short", "long"])
def test_a_stale_answer_says_so_in_every_form(text: str) -> None:
    state = state_of(TextDelta(0.1, text), Finished(0.2, "stop"))
    remark = "Stale: an earlier turn changed after this answer."
    data, metadata = bundle(state, ReplyInfo(stale=True))
    assert data["text/markdown"].endswith(f"\n\n*{remark}*")
    assert data["text/plain"].endswith(f"\n\n[{remark}]")
    reply, _ = unpacked(data[REPLY_MIMETYPE], metadata["nbstream"], data["text/markdown"])
    assert (reply["stale"], reply["text"]) == (True, text)
    assert "stale" not in json.dumps(bundle(state, ReplyInfo())).lower()


def test_an_answer_cut_by_its_limit_names_both_ways_on() -> None:
    warned = Warned(0.2, "length", "The answer was cut off by the token limit.")
    [cut] = saved_reply(state_of(TextDelta(0.1, "Hi"), warned, Finished(0.2, "length")))["notices"]
    assert "Continue" not in cut["text"]
    ended = Finished(0.2, "length", continuable=True)
    [goes_on] = saved_reply(state_of(TextDelta(0.1, "Hi"), warned, ended))["notices"]
    assert "Continue (%chat continue)" in goes_on["text"]


def test_images_and_sources_stand_below_the_text() -> None:
    state = state_of(
        TextDelta(0.1, "A fact [1]."),
        ImageReceived(0.1, PICTURE),
        ImageReceived(0.1, REMOTE),
        Cited(0.1, "https://a.example/x"),
        Cited(0.1, "https://a.example/x", "A *title*](x)"),
        Cited(0.1, "javascript:alert(1)", "script"),
        Cited(0.1, "", "paper.pdf"),
        Finished(0.2, "stop"),
    )
    assert markdown(state).split("\n\n") == [
        "A fact [1].",
        f"![Image 1]({PICTURE})",
        f"Image 2: [pictures.example]({REMOTE})",
        (
            "Sources: 1. [A &#42;title&#42;&#93;&#40;x&#41;](https://a.example/x) · "
            "2. script: javascript:alert&#40;1&#41; · 3. paper.pdf"
        ),
    ]
    assert plain(state).split("\n")[2:] == [
        f"[Image 1: data:image/png;base64, {len(PICTURE)} characters]",
        f"[Image 2: {REMOTE}]",
        "[1] A *title*](x): https://a.example/x",
        "[2] script: javascript:alert(1)",
        "[3] paper.pdf",
    ]
    data, _ = bundle(state, ReplyInfo())
    assert json.dumps(data).count(PICTURE) == 1, "a notebook keeps an image once"
    assert data[REPLY_MIMETYPE]["images"] == ["Image 1", REMOTE]
    assert [source["title"] for source in data[REPLY_MIMETYPE]["citations"]][2] == "paper.pdf"


def test_a_terminal_tells_images_and_sources_below_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    state = state_of(
        TextDelta(0.1, "A fact [1]."),
        ImageReceived(0.1, PICTURE),
        Cited(0.1, "https://a.example\x1b[2J"),
        Finished(0.2, "stop"),
    )
    view = TerminalView(Reader(), asks=False)
    view.open(state, 0.0, ReplyInfo())
    view.close(state, ReplyInfo())
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "A fact [1].",
        f"[Image 1: data:image/png;base64, {len(PICTURE)} characters]",
        "[1] https://a.example␛[2J",
    ]


def test_images_beyond_the_limit_are_named_and_kept_in_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbstream.views.beside.MOST_IMAGE_CHARS", len(PICTURE))
    larger = PICTURE[:-2] + "A" * 100
    state = state_of(ImageReceived(0.1, PICTURE), ImageReceived(0.1, larger), Finished(0.2, "stop"))
    assert markdown(state).count("data:image/png;base64,iVBOR") == 1
    [notice] = saved_reply(state)["notices"]
    assert f"{len(larger)} characters" in notice["text"]
    assert [image.url for image in state.images] == [PICTURE, larger]


def test_a_stop_is_marked() -> None:
    assert (
        plain(state_of(TextDelta(0.1, "Hi"), Stopped(0.2)))
        == "Hi\n\n[Stopped before the answer was complete.]"
    )


def test_a_message_of_the_server_can_not_become_markup() -> None:
    error = RateLimitError("<img src=x onerror=alert(1)> **b** [a](javascript:x)", status=429)
    text = markdown(state_of(Failed(0.1, error)))
    assert not set("<>[]()") & set(text)
    assert text.count("*") == 2


def test_quiet_warnings_are_not_shown() -> None:
    state = state_of(TextDelta(0.1, "Hi"), Warned(0.2, "missing_done", "…"), Finished(0.2, "stop"))
    assert plain(state) == "Hi"
    assert saved_reply(state)["notices"] == []


def test_what_varies_from_run_to_run_stays_in_the_metadata() -> None:
    def run(at: float, response_id: str) -> ReplyState:
        return state_of(
            Routed(0.0, "m", "p", "h"),
            Identified(at, "m-1", response_id),
            TextDelta(at, "Hi"),
            UsageReported(at, Usage(output=round(at))),
            Finished(at, "stop"),
        )

    (data_a, meta_a), (data_b, meta_b) = (
        bundle(run(1.0, "x"), ReplyInfo()),
        bundle(run(2.0, "y"), ReplyInfo()),
    )
    assert data_a == data_b
    assert meta_a["nbstream"].pop("run") != meta_b["nbstream"].pop("run")
    assert meta_a == meta_b


def test_provenance_says_where_the_answer_comes_from() -> None:
    route = Routed(0.1, "m", "ollama", "127.0.0.1:11434", why="found on this machine", prompt_hash="abc")
    saved = provenance(
        state_of(route, TextDelta(0.2, "Hi"), Finished(0.3, "stop")), ReplyInfo({"temperature": 0.2})
    )
    assert saved["model"] == "m"
    assert saved["provider"] == "ollama"
    assert saved["params"] == {"temperature": 0.2}
    assert saved["prompt_hash"] == "abc"
    assert saved["timings"]["ttft"] == 0.1


def test_provenance_holds_no_key_that_a_parameter_held() -> None:
    params = {"search": {"auth": ["sk-abcdefghijklmnop", "Bearer abcdefgh12"]}, "seed": 7, "user": 'a "b"'}
    saved = provenance(state_of(Finished(0.3, "stop")), ReplyInfo(params))
    kept = {"search": {"auth": ["[secret]", "[secret]"]}, "seed": 7, "user": 'a "b"'}
    assert saved["params"] == kept


def test_provenance_is_json_whatever_a_parameter_was() -> None:
    odd = provenance(
        state_of(Finished(0.3, "stop")), ReplyInfo({"stop": {7}, "note": "a\nsk-abcdefghijklmnop"})
    )
    assert json.loads(json.dumps(odd["params"])) == {"stop": "{7}", "note": "a\n[secret]"}


FOUND_OLLAMA = Routed(0.0, "m", "ollama", "127.0.0.1:11434", why="found on this machine", discovered=True)
FOUND_LINE = "Nothing is configured: ollama was found at 127.0.0.1:11434 (-m chooses another)."


def test_a_server_that_nobody_named_is_told() -> None:
    assert snapshot(state_of(FOUND_OLLAMA), 0.1)["meta"]["notices"][0]["text"] == FOUND_LINE
    state = state_of(FOUND_OLLAMA, TextDelta(0.1, "Hi"), Finished(0.2, "stop"))
    assert plain(state) == f"Hi\n\n[{FOUND_LINE}]"
    named = Routed(0.0, "m", "ollama", "127.0.0.1:11434", why="preset ollama")
    assert plain(state_of(named, TextDelta(0.1, "Hi"), Finished(0.2, "stop"))) == "Hi"


def test_a_terminal_tells_it_before_the_answer_and_once(capsys: pytest.CaptureFixture[str]) -> None:
    state = state_of()
    view = TerminalView(Reader(), asks=True)
    view.open(state, 0.0, ReplyInfo())
    state.apply(FOUND_OLLAMA)
    view.paint(Frame(1, "submitted"))
    assert capsys.readouterr().out == f"[{FOUND_LINE}]\n\n"
    state.apply(TextDelta(0.1, "Hi"))
    view.paint(Frame(2, "streaming", Patch(0, "Hi")))
    view.close(state, ReplyInfo())
    assert FOUND_LINE not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\rb\tc\nd", "ab\tc\nd"),
        ("\x9b31m", "[U+009B]31m"),
        ("x\u202ey", "x[U+202E]y"),
    ],
)
def test_control_characters_can_not_drive_a_terminal(hostile: str, shown: str) -> None:
    assert printable(hostile) == shown


class Reader:
    """What a view's reader has ordered."""

    def __init__(self) -> None:
        self.orders: list[object] = []
        self.done = asyncio.Event()

    def stop(self, by: str = "user") -> None:
        self._note(f"stop by {by}")

    def approve(self, call: str, *, allow: bool = True) -> None:
        self._note((call, allow))

    def rate(self, score: int, note: str = "") -> None:
        self._note((score, note))

    def inspect(self) -> Pages:
        raise NotImplementedError

    def _note(self, order: object) -> None:
        self.orders.append(order)
        self.done.set()


CALLED = ToolCallDelta(0.1, 0, "c1", "add", '{"a": 1}')


@pytest.mark.parametrize(
    ("answer", "order"),
    [
        ("{code}", ("c1", True)),
        (" {code} ", ("c1", True)),
        ("", ("c1", False)),
        ("y", ("c1", False)),
        ("{code}0", ("c1", False)),
        ("what?", ("c1", False)),
        (EOFError, ("c1", False)),
        (KeyboardInterrupt, "stop by interrupt"),
    ],
)
async def test_a_terminal_asks_before_a_tool_is_called(
    monkeypatch: pytest.MonkeyPatch, answer: object, order: object
) -> None:
    asked: list[str] = []

    def reads(question: str) -> str:
        asked.append(question)
        if isinstance(answer, str):
            return answer.format(code=re.findall(r"Type (\d{4}) to run it", question)[-1])
        raise answer  # type: ignore[misc]

    monkeypatch.setattr("builtins.input", reads)
    reader = Reader()
    asking = ToolStep(0.2, 0, "asking", arguments={"a": 1})
    TerminalView(reader, asks=True).open(state_of(CALLED, asking), 0.2, ReplyInfo())
    await reader.done.wait()
    (question,) = asked
    assert question.startswith("\nThe model asks to run add\n  a = 1\nType ")
    assert reader.orders == [order]


def test_where_nobody_can_be_asked_a_terminal_says_who_can(capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader()
    asking = ToolStep(0.2, 0, "asking", arguments={"a": 1})
    TerminalView(reader, asks=False).open(state_of(CALLED, asking), 0.2, ReplyInfo())
    assert capsys.readouterr().out == "\n[add\n  a = 1\nwaits for .approve('c1') of its reply.]\n"
    assert reader.orders == []


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (ToolStep(0.2, 0, "returned", "2 *bold*"), 'add({"a": 1}) returned 2 *bold*'),
        (ToolStep(0.2, 0, "failed", "ValueError:\nno"), 'add({"a": 1}) failed ValueError:\nno'),
        (ToolStep(0.2, 0, "refused", "The user refused this call."), 'add({"a": 1}) was refused'),
        (ToolStep(0.2, 0, "asking"), 'add({"a": 1}) returned no result'),
    ],
)
def test_what_became_of_calls_stands_above_the_answer(
    capsys: pytest.CaptureFixture[str], step: ToolStep, line: str
) -> None:
    state = state_of(CALLED, step, TextDelta(0.3, "So it is."), Finished(0.4, "stop"))
    assert plain(state) == f"[{line}]\n\nSo it is."
    called, answer = markdown(state).split("\n\n")
    assert answer == "So it is."
    assert "*bold*" not in called
    assert (called[0], called[-1], called.count("\n")) == ("*", "*", 0)
    (saved,) = saved_reply(state)["tools"]
    assert saved["state"] == ("unfinished" if step.state == "asking" else step.state)
    view = TerminalView(Reader(), asks=True)
    view.open(state, 0.4, ReplyInfo())
    view.close(state, ReplyInfo())
    assert capsys.readouterr().out.count(f"[{line}]") == 1


def test_a_terminal_gets_text_as_it_comes_and_figures_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    view = TerminalView(Reader(), asks=True)
    view.open(state_of(TextDelta(0.1, "He")), 0.1, ReplyInfo())
    view.paint(Frame(2, "streaming", Patch(2, "llo")))
    assert capsys.readouterr().out == "Hello"
    view.close(state_of(Routed(0.0, "m", "p", "h"), TextDelta(0.5, "Hello"), Stopped(0.9)), ReplyInfo())
    assert capsys.readouterr().out.splitlines()[1:] == [
        "[Stopped before the answer was complete.]",
        "[m · 0.50 s to first token]",
    ]


@pytest.mark.parametrize(("raised", "times"), [(False, 1), (True, 0)])
def test_an_error_is_left_to_the_cell_that_raises_it(
    raised: bool, times: int, capsys: pytest.CaptureFixture[str]
) -> None:
    state, about = state_of(Failed(0.1, RateLimitError("Slow down.", status=429))), ReplyInfo(raised=raised)
    view = TerminalView(Reader(), asks=False)
    view.open(state, 0.0, ReplyInfo())
    view.close(state, about)
    assert capsys.readouterr().out.count("RateLimitError: Slow down.") == times
    data, _metadata = bundle(state, about)
    for text in (data["text/plain"], data["text/markdown"]):
        assert text.count("Slow down") == times
    assert data[REPLY_MIMETYPE]["error"].get("raised", False) is raised
