"""The chat widget's kernel side: commands in, messages out, over a real comm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipykernel
import pytest

from tests.kernel.adding import calling
from tests.kernel.driver import WIDGET, Kernel
from tests.loopback import ByteServer, Hold, Reset, json_response, sse_response
from tests.loopback.chunks import delta, says

CHAT = "application/vnd.nbstream.chat+json"
PNG = "data:image/png;base64,iVBORw0KGgo="


class Widget:
    """The front end of one chat widget, as far as the kernel can tell."""

    def __init__(self, kernel: Kernel, source: str) -> None:
        cell = kernel.run(source, cell="widget")
        assert cell.status == "ok", cell.traceback
        opened = [
            message for message in cell.of("comm_open") if "snapshot" in message["data"].get("state", {})
        ]
        self.kernel = kernel
        self.state: dict[str, Any] = opened[-1]["data"]["state"]["snapshot"]
        self.comm = opened[-1]["comm_id"]
        self.meta = self.state["meta"]
        self.turns: list[dict[str, Any]] = list(self.state["turns"])
        self.seq: int | None = self.state["seq"]

    def order(self, kind: str, until: str = "ack", **content: Any) -> dict[str, Any]:
        """Send a command and take messages up to the first of the kind `until`."""
        number = self.kernel.command(self.comm, kind, **content)
        return self.take(lambda m: m["t"] == until and m.get("n", number) == number)

    def take(self, wanted: Any) -> dict[str, Any]:
        """Apply messages up to the first wanted one."""
        for message in self.kernel.customs(self.comm):
            self._apply(message)
            if wanted(message):
                return message
        raise AssertionError("no such message")

    def take_idle(self) -> None:
        """Take messages until no answer is streaming."""
        self.take(lambda m: m["t"] == "meta" and not m["meta"]["busy"])

    def _apply(self, message: dict[str, Any]) -> None:
        if "seq" in message:
            assert self.seq is None or message["seq"] == self.seq + 1
            self.seq = message["seq"]
        if message["t"] == "turn":
            ids = [turn["id"] for turn in self.turns]
            place = message["at"]
            self.turns[place : place + (message["turn"]["id"] in ids)] = [message["turn"]]
        elif message["t"] == "remove":
            self.turns = [turn for turn in self.turns if turn["id"] != message["id"]]
        elif message["t"] == "clear":
            self.turns = []
        elif message["t"] == "meta":
            self.meta = message["meta"]
        elif message["t"] == "snapshot":
            self.turns, self.seq = list(message["state"]["turns"]), message["state"]["seq"]

    @property
    def said(self) -> list[tuple[str, str, str]]:
        return [(turn["text"], turn["reply"]["text"], turn["reply"]["status"]) for turn in self.turns]


@pytest.fixture(scope="module")
def server() -> Iterator[ByteServer]:
    def answer(request: Any) -> Any:
        if request.path.endswith("/models"):
            return json_response(200, {"data": [{"id": "b", "owned_by": "vllm"}, {"id": "a"}]})
        if request.json["messages"][-1]["role"] == "assistant":
            return says(", and here is the rest.")
        prompt = request.json["messages"][-1]["content"]
        if prompt == "hold":
            return sse_response([delta("so far"), Hold()])
        if prompt == "cut":
            return sse_response([delta("as far as it came"), Reset()])
        if prompt == "fail":
            return json_response(400, {"error": {"message": "bad"}})
        text = prompt if isinstance(prompt, str) else "image"
        return says(f"re {text}")

    with ByteServer(answer) as running:
        yield running


@pytest.fixture
def widget(kernel: Kernel, server: ByteServer) -> Widget:
    source = f"from nbstream import Chat, ChatWidget\nw = ChatWidget(Chat('m', base_url='{server.base_url}'))"
    return Widget(kernel, source)


def test_what_is_typed_is_a_turn_of_the_chat(widget: Widget, kernel: Kernel) -> None:
    widget.order("send", text="hello", images=[])
    widget.take_idle()
    assert widget.said == [("hello", "re hello", "finished")]
    assert kernel.value("w.value, w.busy, w.chat.messages[-1]['content']") == ("re hello", False, "re hello")


def test_what_is_said_in_python_appears(widget: Widget, kernel: Kernel) -> None:
    kernel.run("heard = []\nw.on_reply(lambda reply: heard.append(reply.text))\nr = w.send('from python')")
    kernel.run("await r")
    widget.order("resync", until="snapshot")
    assert widget.said == [("from python", "re from python", "finished")]
    assert kernel.value("heard") == ["re from python"]


@pytest.mark.skipif(
    ipykernel.__version__ < "7", reason="the loop of ipykernel 6 is the same, its delivery is later"
)
def test_deltas_travel_as_frames(widget: Widget) -> None:
    widget.order("send", text="hold", images=[])
    frame = widget.take(lambda m: m["t"] == "frame-of" and "text" in m["frame"])
    assert frame["frame"]["text"] == [0, "so far"]
    widget.order("stop")
    widget.take_idle()
    assert widget.said == [("hold", "so far", "stopped")]


def test_versions(widget: Widget) -> None:
    for text in ("one", "two"):
        widget.order("send", text=text, images=[])
        widget.take_idle()
    first = widget.turns[0]["id"]
    widget.order("edit", id=first, text="one!")
    widget.take_idle()
    assert widget.said == [("one!", "re one!", "finished"), ("two", "re two", "finished")]
    assert [(turn["version"], turn["versions"], turn["stale"]) for turn in widget.turns] == [
        (1, 2, False),
        (0, 1, True),
    ]
    widget.order("choose", id=first, version=0)
    assert widget.turns[0]["text"] == "one"
    widget.order("regenerate", id=first)
    widget.take_idle()
    assert widget.turns[0]["versions"] == 3


def test_delete_clear_and_undo(widget: Widget) -> None:
    for text in ("one", "two"):
        widget.order("send", text=text, images=[])
        widget.take_idle()
    widget.order("delete", id=widget.turns[0]["id"])
    assert [text for text, _, _ in widget.said] == ["two"]
    widget.order("undo")
    assert [text for text, _, _ in widget.said] == ["one", "two"]
    widget.order("clear")
    assert widget.said == []
    widget.order("send", text="since", images=[])
    widget.take_idle()
    widget.order("undo")
    assert [text for text, _, _ in widget.said] == ["one", "two", "since"]


def test_settings_and_models(widget: Widget, server: ByteServer) -> None:
    widget.order("models")
    widget.take(lambda m: m["t"] == "meta" and m["meta"]["models"])
    assert widget.meta["models"] == ["a", "b"]
    widget.order("set", model="b", system="Be terse.", temperature=0.5, max_tokens=7)
    widget.order("send", text="hi", images=[])
    widget.take_idle()
    body = server.requests[-1].json
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("b", 0.5, 7)
    assert body["messages"][0] == {"role": "system", "content": "Be terse."}
    assert widget.meta["temperature"] == 0.5
    widget.order("set", temperature=None)
    assert widget.meta["temperature"] is None


def test_the_common_parameters_reach_the_server(widget: Widget, server: ByteServer) -> None:
    chosen: dict[str, Any] = {"top_p": 0.9, "seed": 42.0, "reasoning_effort": "low"}
    widget.order("set", **chosen)
    widget.order("send", text="hi", images=[])
    widget.take_idle()
    assert server.requests[-1].json.items() >= chosen.items()
    assert widget.meta.items() >= chosen.items()
    assert widget.order("set", until="refused", temperature=1, top_p=7)
    assert widget.kernel.value("'temperature' in w.chat.params") is False, "all or nothing"


def test_a_text_is_sent_as_if_it_was_typed(widget: Widget, kernel: Kernel) -> None:
    kernel.run("r = w.send('from python')\nawait r")
    widget.order("resync", until="snapshot")
    assert widget.said == [("from python", "re from python", "finished")]
    message = kernel.run("w.send({'t': 'ping'})").of("comm_msg")[-1]
    assert message["data"]["content"] == {"t": "ping"}
    failed = kernel.run("w.send(['from', 'python'])")
    assert failed.traceback == [
        "ArgumentError: A list cannot be sent. Pass text here; use chat.send for other content."
    ]


def test_the_events_of_an_answer_can_be_looked_at(widget: Widget) -> None:
    widget.order("send", text="hello", images=[])
    widget.take_idle()
    (turn,) = widget.turns
    page = widget.order("inspect", until="result", id=turn["id"], **{"from": 0})["data"]
    assert [row["type"] for row in page["rows"]][-1] == "finished"
    assert page["over"] is True
    for wrong in ({"id": "gone", "from": 0}, {"id": turn["id"], "from": "x"}, {"id": ["a"]}):
        assert widget.order("inspect", until="refused", **wrong)["message"]


def test_what_the_reader_chose_is_kept_and_restored(
    widget: Widget, kernel: Kernel, server: ByteServer
) -> None:
    kernel.command(widget.comm, "keep")
    widget.take(lambda m: m["t"] == "saved")
    widget.order("set", model="b", temperature=0.5, seed=7)
    saved = widget.take(lambda m: m["t"] == "saved")["data"][CHAT]
    assert saved["settings"] == {"model": "b", "seed": 7, "temperature": 0.5}
    kernel.command(widget.comm, "gone")

    source = f"w2 = ChatWidget(Chat('m', base_url='{server.base_url}', top_p=0.5))"
    second = Widget(kernel, source)
    forged = {"top_p": 9, "max_tokens": "many", "api_key": "x", "reasoning_effort": {}}
    second.order("load", data={**saved, "settings": {**saved["settings"], **forged}}, provenance=None)
    assert second.kernel.value("w2.chat.model, w2.chat.params") == (
        "b",
        {"top_p": 0.5, "seed": 7, "temperature": 0.5},
    )
    second.order("load", data={**saved, "settings": {"model": "openai:gpt-5"}}, provenance=None)
    second.order("load", data={**saved, "settings": ["model"]}, provenance=None)
    assert second.kernel.value("w2.chat.model") == "b", "no notebook sends a conversation elsewhere"


def test_images_are_sent_as_parts(widget: Widget, server: ByteServer) -> None:
    widget.order("send", text="look", images=[PNG])
    widget.take_idle()
    assert server.requests[-1].json["messages"][-1]["content"] == [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": PNG}},
    ]
    assert widget.turns[0]["images"] == [PNG]


def test_a_part_of_another_shape_is_named_in_the_widget(widget: Widget, kernel: Kernel) -> None:
    kernel.run("p = [{'type': 'text', 'text': 'look'}, {'type': 'image_url', 'image_url': 'x'}]")
    kernel.run("await w.chat.send(p)")
    widget.order("resync", until="snapshot")
    assert [(turn["text"], turn["images"]) for turn in widget.turns] == [("look\n\n[image_url]", [])]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ({"name": "send", "text": "  ", "images": []}, "nothing to send"),
        ({"name": "send", "text": "x", "images": ["https://evil.example/x.png"]}, "supported image"),
        (
            {"name": "send", "text": "x", "images": ["data:image/svg+xml;base64,PHN2Zz4="]},
            "supported image",
        ),
        ({"name": "delete", "id": "gone"}, "no longer exists"),
        ({"name": "set", "temperature": "warm"}, "temperature must be a number of at least 0"),
        ({"name": "set", "temperature": -1}, "temperature must be a number of at least 0"),
        ({"name": "set", "top_p": 1.5}, "top_p must be a number from 0 to 1"),
        ({"name": "set", "top_p": True}, "top_p must be a number from 0 to 1"),
        ({"name": "set", "max_tokens": 0}, "max_tokens must be a whole number of at least 1"),
        ({"name": "set", "max_tokens": 10.5}, "max_tokens must be a whole number of at least 1"),
        ({"name": "set", "seed": "x"}, "seed must be a whole number"),
        ({"name": "set", "reasoning_effort": "all"}, "reasoning_effort must be one of none, minimal, low"),
        ({"name": "set", "model": 5}, "not a model name"),
    ],
)
def test_a_wrong_command_is_refused_with_a_sentence(
    widget: Widget, command: dict[str, Any], says: str
) -> None:
    kind = command["name"]
    refused = widget.order(kind, until="refused", **{k: v for k, v in command.items() if k != "name"})
    assert says in refused["message"]


def test_the_transcript_is_sent_after_each_turn_once_it_is_asked_for(widget: Widget) -> None:
    kernel_side = widget.kernel
    kernel_side.command(widget.comm, "keep")
    first = widget.take(lambda m: m["t"] == "saved")
    assert first["data"][CHAT]["messages"] == []
    widget.order("send", text="hello", images=[])
    saved = widget.take(lambda m: m["t"] == "saved")
    assert [message["content"] for message in saved["data"][CHAT]["messages"]] == ["hello", "re hello"]
    assert "**user**\n\nhello" in saved["data"]["text/markdown"]
    widget.order("delete", id=widget.turns[0]["id"])
    assert widget.take(lambda m: m["t"] == "saved")["data"][CHAT]["messages"] == []


def test_a_kept_conversation_is_loaded_before_what_there_is(
    widget: Widget, kernel: Kernel, server: ByteServer
) -> None:
    messages = [
        {"role": "system", "content": "Be terse."},
        {"role": "user", "content": "before"},
        {"role": "assistant", "content": "re before"},
    ]
    widget.order("send", text="after", images=[])
    widget.take_idle()
    widget.order("load", data={"v": 1, "messages": messages}, provenance={"answers": [{"model": "m"}]})
    assert widget.said == [("before", "re before", "finished"), ("after", "re after", "finished")]
    assert [turn["stale"] for turn in widget.turns] == [False, True]
    widget.order("send", text="next", images=[])
    widget.take_idle()
    said = [message["content"] for message in server.requests[-1].json["messages"]]
    assert said == ["Be terse.", "before", "re before", "after", "re after", "next"]
    widget.order("undo")
    assert [text for text, _, _ in widget.said] == ["after", "next"]


def test_of_a_damaged_conversation_the_rest_is_loaded(widget: Widget) -> None:
    messages = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}, {"role": "?"}]
    refused = widget.order("load", until="refused", data={"v": 1, "messages": messages})
    assert "line 3" in refused["message"]
    assert widget.said == [("q", "a", "finished")]


def test_the_output_holds_the_transcript_beside_the_widget(kernel: Kernel) -> None:
    live = kernel.run("from nbstream import Chat, ChatWidget\nChatWidget(Chat('m'))", cell="shown")
    (bundle,) = live.of("execute_result")
    assert list(bundle["data"]) == [WIDGET, CHAT, "text/markdown", "text/plain"]
    headless = kernel.run("from nbstream import Chat, ChatWidget\nChatWidget(Chat('m'))")
    (bundle,) = headless.of("execute_result")
    assert set(bundle["data"]) == {CHAT, "text/markdown", "text/plain"}


def test_a_failure_is_shown_and_the_chat_goes_on(widget: Widget) -> None:
    widget.order("send", text="fail", images=[])
    widget.take_idle()
    assert widget.turns[0]["reply"]["status"] == "failed"
    assert widget.turns[0]["reply"]["meta"]["error"]["kind"] == "bad_request"
    widget.order("regenerate", id=widget.turns[0]["id"])
    widget.take_idle()
    assert widget.turns[0]["versions"] == 2


def test_an_answer_that_was_cut_goes_on(widget: Widget) -> None:
    widget.order("send", text="cut", images=[])
    widget.take_idle()
    assert widget.turns[0]["reply"]["meta"]["continuable"] is True
    widget.order("continue", id=widget.turns[0]["id"])
    widget.take_idle()
    assert widget.said == [("cut", "as far as it came, and here is the rest.", "finished")]
    assert widget.turns[0]["versions"] == 2
    refused = widget.order("continue", until="refused", id=widget.turns[0]["id"])
    assert "the model ended it" in refused["message"]


def test_download(widget: Widget) -> None:
    widget.order("send", text="hello", images=[])
    widget.take_idle()
    file = widget.order("download", until="result", format="markdown")["data"]
    assert file["name"] == "chat.md"
    assert file["text"].endswith("\n\nre hello\n")
    assert "\n\n**assistant** (m, " in file["text"]


def test_two_widgets_show_one_chat(widget: Widget, kernel: Kernel) -> None:
    second = Widget(kernel, "w2 = ChatWidget(w.chat)")
    widget.order("send", text="hello", images=[])
    widget.take_idle()
    second.seq = None  # messages sent in the meantime were not read
    second.order("resync", until="snapshot")
    assert second.said == [("hello", "re hello", "finished")]


def test_calls_of_tools_are_shown_and_approved(kernel: Kernel) -> None:
    kernel.run("def add(a: int, b: int) -> int:\n    'Add.'\n    return a + b")
    with ByteServer(calling) as server:
        make = f"w3 = ChatWidget(Chat('m', base_url='{server.base_url}', tools=[add]))"
        widget = Widget(kernel, f"from nbstream import Chat, ChatWidget\n{make}")
        kernel.command(widget.comm, "send", text="add", images=[])
        asking = widget.take(lambda m: m.get("frame", {}).get("tools", [{}])[0].get("state") == "asking")
        assert asking["frame"]["tools"][0]["name"] == "add"
        order = {"id": asking["id"], "call": "call-1", "allow": True}
        widget.order("approve", until="refused", reply="another answer of the turn", **order)
        widget.order("approve", reply=widget.turns[0]["reply"]["id"], **order)
        widget.take_idle()
    assert widget.said == [("add", "It is 3", "finished")]
    assert [(tool["state"], tool["result"]) for tool in widget.turns[0]["reply"]["tools"]] == [
        ("returned", "3")
    ]
