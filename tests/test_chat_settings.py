"""What is set on a chat holds for the next question."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nbstream import Chat, ChatWidget, NBStream
from nbstream.client.router import Router
from nbstream.errors import ConfigError
from tests.chats import chat_on
from tests.loopback import ByteServer
from tests.loopback.chunks import says


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(says("Hello")) as running:
        yield running


async def test_attributes_are_sent(server: ByteServer) -> None:
    chat = chat_on(server, temperature=0.9, seed=3)
    chat.system = "Be terse."
    chat.temperature = 0.1
    chat.max_tokens = 5
    chat.seed = None
    await chat.send("one")
    sent = server.requests[0].json
    assert sent["messages"][0] == {"role": "system", "content": "Be terse."}
    assert (sent["temperature"], sent["max_tokens"], "seed" in sent) == (0.1, 5, False)
    assert (chat.system, chat.temperature, chat.max_tokens, chat.seed) == ("Be terse.", 0.1, 5, None)
    chat.system = None
    await chat.send("two", alone=True)
    assert server.requests[1].json["messages"] == [{"role": "user", "content": "two"}]


def test_an_attribute_that_cannot_be_sent_is_refused_and_not_set() -> None:
    chat = Chat("demo", stop=["a"])
    with pytest.raises(ConfigError, match="'stop' cannot be sent as JSON"):
        chat.stop = {"a"}  # type: ignore[assignment]
    assert chat.stop == ["a"]


def test_set_params_sets_and_removes_several() -> None:
    chat = Chat("demo", seed=1, extra={"mine": 1})
    chat.set_params(seed=None, top_k=4, extra={"mine": None, "yours": 2})
    assert chat.params == {"top_k": 4, "yours": 2}


CHANGES: list[tuple[str, Callable[[Any], object]]] = [
    ("chat.set_params", lambda chat: chat.params.__setitem__("temperature", 0.1)),
    ("chat.set_params", lambda chat: chat.params.update(temperature=0.1)),
    ("chat.set_params", lambda chat: chat.params.pop("seed")),
    ("chat.set_params", lambda chat: chat.params.setdefault("n", 1)),
    ("chat.set_params", lambda chat: chat.params.__ior__({"n": 1})),
    ("chat.send", lambda chat: chat.messages.append({"role": "user", "content": "x"})),
    ("chat.send", lambda chat: chat.messages.__iadd__([{}])),
    ("chat.send", lambda chat: chat.messages.clear()),
    ("chat.send", lambda chat: chat.messages.pop()),
    ("chat.send", lambda chat: chat.messages[0].__setitem__("content", "x")),
]


@pytest.mark.parametrize(("advice", "change"), CHANGES)
def test_a_view_that_is_changed_says_what_to_use(advice: str, change: Callable[[Any], object]) -> None:
    chat = Chat("demo", system="s", seed=1)
    with pytest.raises(ConfigError) as caught:
        change(chat)
    assert "is read-only" in str(caught.value)
    assert advice in str(caught.value)
    assert (chat.params, chat.messages) == ({"seed": 1}, [{"role": "system", "content": "s"}])


def test_copies_of_views_are_ones_own() -> None:
    chat = Chat("demo", system="s", seed=1)
    clones: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))]  # noqa: S301
    for clone in clones:
        params, messages = clone(chat.params), clone(chat.messages)
        params["seed"] = 2
        messages.append({})
        assert (type(params), type(messages)) == (dict, list)
    view: Any = chat.params
    assert view | {"n": 1} == {"seed": 1, "n": 1}
    assert chat.params == {"seed": 1}


@pytest.mark.parametrize(
    ("asked", "name", "model"),
    [
        ({"model": "ollama:llama3.2"}, "qwen3", "ollama:qwen3"),
        ({"model": "ollama:llama3.2"}, "openai:gpt-5-mini", "openai:gpt-5-mini"),
        ({"model": "ollama:llama3.2:3b"}, "qwen3:4b", "ollama:qwen3:4b"),
        ({"model": "m", "base_url": "http://localhost:1/v1"}, "other", "other"),
        ({"model": "ollama:llama3.2"}, "", ""),
        ({}, "other", "other"),
    ],
)
def test_another_model_of_the_same_endpoint(asked: dict[str, Any], name: str, model: str) -> None:
    chat = Chat(router=Router(NBStream(), {}), **asked)
    chat.model = name
    assert chat.model == model


def test_another_model_of_the_configured_endpoint() -> None:
    chat = Chat(router=Router(NBStream(model="ollama:llama3.2"), {}))
    chat.model = "qwen3"
    assert chat.model == "ollama:qwen3"


async def test_older_names_work_and_say_which_is_the_new_one() -> None:
    chat = Chat("ollama:llama3.2", seed=1)
    with pytest.warns(DeprecationWarning, match=r"Use chat\.model = name"):
        chat.use_model("qwen3")
    with pytest.warns(DeprecationWarning, match=r"Use chat\.set_params"):
        chat.set_param("seed", None)
    assert (chat.model, chat.params) == ("ollama:qwen3", {})
    widget = ChatWidget(Chat("demo:nbstream-demo-fast"))
    with pytest.warns(DeprecationWarning, match=r"Use widget\.send"):
        reply = widget.send_message("echo: Hi")
    assert (await reply).status == "finished"
    widget.close()


@pytest.mark.parametrize(
    "settings",
    [{"temperature": 0.2}, {"model": "demo"}, {"system": "s"}],
    ids=["temperature", "model", "system"],
)
def test_a_widget_does_not_drop_settings_beside_a_chat(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"{next(iter(settings))}=… is for a new chat"):
        ChatWidget(Chat("demo"), **settings)


def test_a_widget_of_what_is_no_chat() -> None:
    with pytest.raises(ConfigError, match=r"ChatWidget\(model=…\)"):
        ChatWidget("gpt-5-mini")  # type: ignore[arg-type]


def test_a_widget_makes_its_chat() -> None:
    widget = ChatWidget(model="demo", system="s", seed=1)
    assert (widget.chat.model, widget.chat.system, widget.chat.seed) == ("demo", "s", 1)
    widget.close()


async def test_a_chat_tells_its_turns(server: ByteServer) -> None:
    chat = chat_on(server)
    assert repr(chat) == "Chat(m, 0 turns)"
    await chat.send("one")
    assert repr(chat) == "Chat(m, 1 turn)"
    await chat.send("two")
    assert repr(chat) == "Chat(m, 2 turns)"


async def test_copies(server: ByteServer) -> None:
    chat = chat_on(server, seed=1)
    reply = await chat.send("one")
    twin = copy.deepcopy(chat)
    twin.seed = 2
    await twin.send("two")
    assert (chat.seed, len(chat.conversation), len(twin.conversation)) == (1, 1, 2)
    assert pickle.loads(pickle.dumps(reply)).text == "Hello"  # noqa: S301
    with pytest.raises(ConfigError, match=r"pickle chat\.conversation"):
        pickle.dumps(chat)


async def test_a_conversation_can_be_pickled_and_copied(server: ByteServer) -> None:
    chat = chat_on(server, system="s", messages=[{"role": "assistant", "content": "Hello!"}])
    changes: list[object] = []
    chat.conversation.subscribe(changes.append)
    await chat.send("one")
    (turn,) = chat.conversation
    for twin in (pickle.loads(pickle.dumps(chat.conversation)), copy.deepcopy(chat.conversation)):  # noqa: S301
        assert twin.context() == chat.conversation.context()
        assert [each.id for each in twin] != [turn.id], "ids are those of this process"
        heard = len(changes)
        twin.clear()
        assert (len(chat.conversation), len(changes)) == (1, heard)
