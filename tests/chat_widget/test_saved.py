"""What a notebook keeps of a chat: read without a kernel, loaded into another, sane in size, and inert."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nbstream import Chat
from nbstream.chat_widget.saved import CHAT_MIMETYPE, conversation_from, saved_chat
from nbstream.client.router import Router
from nbstream.config import NBStream
from nbstream.conversation.conversation import Conversation, Version
from nbstream.conversation.options import RequestOptions
from nbstream.errors import ConfigError, DamagedTranscriptError
from nbstream.reply import Reply
from nbstream.types.content import content_text, image_urls
from nbstream.types.events import Cited, Finished, ImageReceived, Routed, StreamEvent, TextDelta
from nbstream.types.messages import Message
from nbstream.views.inert import inert_markdown
from tests.views.hostile import CONTEXTS, TAG, payloads

PNG = "data:image/png;base64,iVBORw0KGgo="


def demo_chat() -> Chat:
    router = Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"})
    return Chat("demo:nbstream-demo-fast", system="Be terse.", router=router)


def look(url: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": url}}]


def said(*pairs: tuple[Any, str]) -> Conversation:
    """A conversation without a model."""
    talk = Conversation()
    for question, answer in pairs:
        log: list[StreamEvent] = [Routed(0.0, "m", "p", "h"), TextDelta(0.1, answer), Finished(0.2, "stop")]
        talk.record(Message("user", question), Reply(None, log=log))
    return talk


def shape(talk: Conversation) -> list[object]:
    return [
        (turn.active, turn.stale, [(v.user.content, v.answer.text, v.answer.status) for v in turn.versions])
        for turn in talk
    ]


def loaded(data: dict[str, Any], metadata: dict[str, Any]) -> Conversation:
    """As after a way through a notebook's file."""
    output = json.loads(json.dumps([data, metadata]))
    return conversation_from(output[0][CHAT_MIMETYPE], output[1]["nbstream"], output[0]["text/markdown"])


async def test_what_is_kept_is_what_is_loaded() -> None:
    chat = demo_chat()
    await chat.send("echo: one\u2028two")
    await chat.send(look(PNG))
    await chat.send_with("echo: again", RequestOptions(turn=next(iter(chat.conversation))))
    talk = loaded(*saved_chat(chat.conversation, 480))
    assert shape(talk) == shape(chat.conversation)
    assert talk.system == "Be terse."
    answer, original = (next(iter(t)).answer for t in (talk, chat.conversation))
    assert isinstance(answer, Reply)
    assert isinstance(original, Reply)
    assert (answer.usage, answer.model) == (original.usage, original.model)
    assert answer.state.route is not None
    assert answer.state.route.demo


async def test_calls_of_tools_are_kept_and_answers_keep_their_provenance() -> None:
    def hello(number: int) -> str:
        """Say hello."""
        return "hello " * number

    router = Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"})
    chat = Chat("demo:nbstream-demo-fast", router=router, tools=[hello], approve="always")
    await chat.send('call: hello {"number": 3}')
    await chat.send("echo: two")
    data, metadata = saved_chat(chat.conversation, 0)
    assert len(metadata["nbstream"]["answers"]) == 2
    talk = loaded(data, metadata)
    assert [m.as_dict() for m in talk.context()] == chat.messages
    assert [m["role"] for m in chat.messages][1:3] == ["assistant", "tool"]
    answers = [turn.answer for turn in talk]
    assert all(isinstance(answer, Reply) and answer.model for answer in answers)


def test_images_and_sources_are_kept_and_loaded_and_leave_room_for_the_turns() -> None:
    large = f"data:image/png;base64,iVBORw0KGgo{'A' * 1_500_000}"
    talk = said(*[(f"question {number}", "x" * 1000) for number in range(5)])
    for url in (large, PNG, large):
        log: list[StreamEvent] = [
            TextDelta(0.1, "see"),
            ImageReceived(0.1, url),
            Cited(0.1, "https://a.example", "A"),
        ]
        talk.record(Message("user", "draw"), Reply(None, log=[*log, Finished(0.2, "stop")]))
    data, metadata = saved_chat(talk, 0)
    assert data[CHAT_MIMETYPE]["left_out"] == 0
    answers = [turn.answer for turn in loaded(data, metadata) if isinstance(turn.answer, Reply)][-3:]
    assert [[image.url for image in answer.state.images] for answer in answers] == [[], [PNG], [large]]
    assert [str(source) for answer in answers for source in answer.state.citations] == [
        "A: https://a.example"
    ] * 3
    assert "too large to save" in json.dumps(data[CHAT_MIMETYPE])
    assert "https://a.example" in data["text/markdown"]
    assert "base64,iVBOR" not in data["text/markdown"]


def test_an_answer_that_is_an_image_is_named_in_later_requests() -> None:
    talk = Conversation()
    talk.record(Message("user", "draw"), Reply(None, log=[ImageReceived(0.1, PNG), Finished(0.2, "stop")]))
    assert [message.content for message in talk.context()] == ["draw", "[The answer was an image.]"]


async def test_data_are_the_same_from_run_to_run() -> None:
    async def run() -> dict[str, Any]:
        chat = demo_chat()
        await chat.send("echo: one")
        return saved_chat(chat.conversation, 480)[0]

    assert await run() == await run()


async def test_an_answer_on_its_way_counts_as_stopped() -> None:
    chat = demo_chat()
    reply = chat.send("Tell me something long")
    async for _ in reply:
        break
    talk = loaded(*saved_chat(chat.conversation, 480))
    assert next(iter(talk)).answer.status == "stopped"
    reply.stop()


def test_others_read_it_as_inert_markdown() -> None:
    data, _ = saved_chat(said(("<script>ask()</script>", "```\nopen fence"), ("next", "*ok*")), 0)
    text = data["text/markdown"]
    assert "<script" not in text
    assert "```\n\n**user**\n\nnext" in text


@pytest.mark.parametrize("context", CONTEXTS)
def test_no_message_can_undo_what_makes_another_inert(context: str) -> None:
    for payload in payloads().values():
        hostile = CONTEXTS[context](payload)
        data, _ = saved_chat(said((hostile, hostile), (TAG, TAG)), 0)
        text = data["text/markdown"]
        assert inert_markdown(text) == text


class TestSize:
    def test_the_oldest_turns_are_left_out(self) -> None:
        talk = said(*((f"question {n}", "word " * 40_000) for n in range(10)))
        data, metadata = saved_chat(talk, 0)
        kept = data[CHAT_MIMETYPE]
        assert len(json.dumps(data)) < 2_000_000
        assert kept["left_out"] == 6
        assert [turn.user.content for turn in loaded(data, metadata)] == [
            f"question {n}" for n in (6, 7, 8, 9)
        ]
        assert "earlier turns are not shown" in data["text/markdown"]

    def test_one_turn_is_kept_however_long(self) -> None:
        data, metadata = saved_chat(said(("q", "x" * 2_000_000)), 0)
        assert len(next(iter(loaded(data, metadata))).answer.text) == 2_000_000

    def test_the_newest_images_are_kept(self) -> None:
        large = "data:image/png;base64," + "A" * 1_500_000
        data, metadata = saved_chat(said((look(large), "old"), (look(large), "new")), 0)
        contents = [turn.user.content for turn in loaded(data, metadata)]
        assert contents[1] == look(large)
        assert "too large to save" in content_text(contents[0])


class TestForeignNotebooks:
    @pytest.mark.parametrize("data", [None, 5, [], {}, {"v": 3, "messages": []}, {"v": 1, "messages": "x"}])
    def test_what_is_no_conversation_is_refused_with_advice(self, data: object) -> None:
        with pytest.raises(ConfigError, match="cannot be read"):
            conversation_from(data)

    @pytest.mark.parametrize(
        "bad",
        [
            None,
            {"role": "tool", "content": "x"},
            {"role": "user", "content": 5},
            {"role": "user", "content": [5]},
            {"role": "user", "content": [{"type": "image_url", "image_url": PNG}]},
        ],
    )
    def test_what_is_damaged_is_told_and_the_rest_is_read(self, bad: object) -> None:
        good = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "nbstream": "odd"}]
        with pytest.raises(DamagedTranscriptError) as caught:
            conversation_from({"v": 1, "messages": [*good, bad]}, {"answers": "odd"})
        assert [turn.answer.text for turn in caught.value.conversation] == ["a"]


CASES = Path(__file__).parents[1] / "fixtures/saved/chats.json"


def read_case(case: dict[str, Any]) -> dict[str, Any]:
    """What a saved chat is read as, in the form of the fixtures."""
    data, unreadable = case["data"], 0
    try:
        talk = conversation_from(data[CHAT_MIMETYPE], case["metadata"], data.get("text/markdown", ""))
    except DamagedTranscriptError as damaged:
        talk, unreadable = damaged.conversation, int(damaged.message.split()[0])
    turns = [
        {"active": turn.active, "stale": turn.stale, "versions": list(map(read_version, turn.versions))}
        for turn in talk
    ]
    return {"system": talk.system or "", "turns": turns, "unreadable": unreadable}


def read_version(version: Version) -> list[Any]:
    """Questions and answers, as a view shows them."""
    content, answer = version.user.content, version.answer
    text = content_text(content)
    images = [url for url in image_urls(content) if url.startswith("data:")]
    tools = [call.name for call in answer.tool_calls] if isinstance(answer, Reply) else []
    return [text, images, answer.text, answer.status, tools]


@pytest.mark.parametrize("case", json.loads(CASES.read_text("utf-8")), ids=lambda case: case["name"])
def test_it_is_read_as_the_notebook_shows_it(case: dict[str, Any]) -> None:
    assert read_case(case) == case["read"]


@pytest.mark.parametrize("size", [1_500, 10_000, 100_000])
def test_a_text_is_kept_once(size: int) -> None:
    paragraph = "A paragraph of **text**, which is as long as those that models write on a line.\n\n"
    answer = paragraph * (size // len(paragraph))
    talk = said(("What is it?", answer), ("And then?", answer))
    data, metadata = saved_chat(talk, 0)
    assert shape(loaded(data, metadata)) == shape(talk)
    output = nbformat.v4.new_output("display_data", data, metadata=metadata)
    cell = nbformat.v4.new_code_cell("ChatWidget()", id="chat", outputs=[output])
    file = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
    assert len(file.encode()) < 2.2 * 2 * len(answer)
