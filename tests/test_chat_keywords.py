"""A misspelt name is an error where it is written, and the error has the right one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nbstream import Chat, ChatWidget, NBStream
from nbstream.client.router import Router
from nbstream.conversation.options import Keywords, RequestOptions, SendKeywords
from nbstream.errors import ConfigError
from nbstream.types.params import COMMON_PARAMS, MISPLACED, ParamKeywords
from nbstream.views.snapshot import snapshot
from tests.chats import chat_on
from tests.loopback import ByteServer
from tests.loopback.chunks import says

TAKERS: dict[str, Callable[..., Any]] = {
    "Chat": Chat,
    "Chat.send": lambda **options: Chat("demo").send("Hi", **options),
    "Chat.preview": lambda **options: Chat("demo").preview("Hi", **options),
    "Chat.load": lambda **options: Chat.load("no-such-file.jsonl", **options),
    "Chat.set_params": lambda **options: Chat("demo").set_params(**options),
    "ChatWidget": ChatWidget,
    "ChatWidget.send_message": lambda **options: ChatWidget(Chat("demo")).send_message("Hi", **options),
}


@pytest.fixture
def server() -> Iterator[ByteServer]:
    with ByteServer(says("Hello")) as running:
        yield running


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("temprature", "temperature"),
        ("tempreature", "temperature"),
        ("max_token", "max_tokens"),
        ("Seed", "seed"),
        ("stopp", "stop"),
        ("reasoning_efort", "reasoning_effort"),
        ("topk", "top_k"),
    ],
)
def test_a_misspelt_parameter(taker: str, wrong: str, right: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TAKERS[taker](**{wrong: 1})
    assert str(caught.value).startswith(f"{taker}() has no keyword {wrong!r}. Did you mean {right!r}?")


@pytest.mark.parametrize(
    ("taker", "wrong", "right"),
    [
        ("Chat", "sytem", "system"),
        ("Chat", "api_kye", "api_key"),
        ("Chat", "on_disconect", "on_disconnect"),
        ("Chat.load", "mesages", "messages"),
        ("Chat.send", "modle", "model"),
        ("Chat.send", "debgu", "debug"),
        ("Chat.preview", "alnoe", "alone"),
        ("ChatWidget", "placeholdre", "placeholder"),
        ("ChatWidget", "modle", "model"),
    ],
)
def test_a_misspelt_option(taker: str, wrong: str, right: str) -> None:
    with pytest.raises(ConfigError, match=f"Did you mean {right!r}"):
        TAKERS[taker](**{wrong: "x"})


@pytest.mark.parametrize("taker", TAKERS)
def test_a_name_like_no_other_goes_into_extra(taker: str) -> None:
    with pytest.raises(ConfigError, match=r"extra=\{…\}"):
        TAKERS[taker](qqqq=1)


@pytest.mark.parametrize("name", ["owner", "turn", "toolbox", "request_retries", "params", "awaited"])
def test_what_is_internal_is_no_keyword(name: str) -> None:
    with pytest.raises(ConfigError, match=f"no keyword {name!r}"):
        TAKERS["Chat.send"](**{name: None})


async def test_what_is_not_known_is_sent_by_extra_and_no_notice_says_so(server: ByteServer) -> None:
    chat = chat_on(server, extra={"my_field": 1, "other": None}, top_k=20)
    reply = await chat.send("Hi", extra={"my_field": [2]}, min_p=0.1)
    sent = server.requests[0].json
    assert {name: sent[name] for name in ("my_field", "other", "top_k", "min_p")} == {
        "my_field": [2], "other": None, "top_k": 20, "min_p": 0.1,
    }  # fmt: skip
    assert reply.warnings == ()
    assert chat.params == {"top_k": 20, "my_field": 1, "other": None}


@pytest.mark.parametrize("extra", [["x"], "x", 5])
def test_extra_is_a_dict(extra: Any) -> None:
    with pytest.raises(ConfigError, match="extra"):
        Chat("demo", extra=extra)


@pytest.mark.parametrize("name", MISPLACED)
def test_extra_does_not_take_what_belongs_elsewhere(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name!r} is not a parameter"):
        Chat("demo", extra={name: "x"})


async def test_none_takes_a_parameter_away_for_one_question(server: ByteServer) -> None:
    chat = chat_on(server, temperature=0.2, seed=1)
    await chat.send("one", temperature=None)
    await chat.send("two")
    first, second = (request.json for request in server.requests)
    assert ("temperature" in first, first["seed"]) == (False, 1)
    assert second["temperature"] == 0.2


async def test_an_option_of_the_chat_may_be_another_for_one_question(server: ByteServer) -> None:
    def add(a: int) -> int:
        """Add."""
        return a

    chat = chat_on(server, stream=False, tools=[add])
    seen = await chat.preview("Hi", stream=True, tools=[], api="responses")
    assert (seen.body["stream"], "tools" in seen.body, seen.request.api) == (True, False, "responses")
    usual = await chat.preview("Hi")
    assert (usual.body["stream"], len(usual.body["tools"]), usual.request.api) == (False, 1, "chat")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("temprature", "Did you mean 'temperature'"),
        ("max_token", "Did you mean 'max_tokens'"),
        ("sytem", "Did you mean 'system'"),
        ("modle", "Did you mean 'model'"),
        ("qqqq", "chat.set_params"),
        ("params", "chat.set_params"),
        ("messages", "Chat(messages=…)"),
    ],
)
def test_a_misspelt_attribute(name: str, advice: str) -> None:
    chat = Chat("demo")
    with pytest.raises(ConfigError) as caught:
        setattr(chat, name, "x")
    assert advice in str(caught.value)
    assert name in str(caught.value)
    assert name not in vars(chat)


def test_a_class_of_ones_own_may_have_attributes_of_its_own() -> None:
    class Mine(Chat):
        """A chat with a title."""

    chat = Mine("demo")
    chat.title = "Data"  # type: ignore[attr-defined]
    assert vars(chat)["title"] == "Data"
    with pytest.raises(ConfigError, match="'temperature'"):
        chat.temprature = 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wrong", "right"), [("modle", "model"), ("temprature", "temperature"), ("idle_timout", "idle_timeout")]
)
@pytest.mark.parametrize(
    "setting",
    [
        lambda name: NBStream(**{name: "x"}),
        lambda name: setattr(NBStream(), name, "x"),
        lambda name: NBStream(config=Config({"NBStream": {name: "x"}})),
        lambda name: NBStream().update_config(Config({"NBStream": {name: "x"}})),
    ],
    ids=["keyword", "attribute", "configuration file", "%config"],
)
def test_a_misspelt_setting(setting: Callable[[str], object], wrong: str, right: str) -> None:
    with pytest.raises(ConfigError, match=rf"no setting NBStream\.{wrong}\. Did you mean {right!r}"):
        setting(wrong)


def test_settings_that_are_right_still_come_from_everywhere() -> None:
    settings = NBStream(config=Config({"NBStream": {"model": "a", "retries": 5}}), temperature=0.5)
    settings.update_config(Config({"NBStream": {"system": "s"}}))
    settings.max_tokens = 3
    found = (settings.model, settings.retries, settings.temperature, settings.system, settings.max_tokens)
    assert found == ("a", 5, 0.5, "s", 3)


@pytest.mark.parametrize("taker", [Chat, Chat.send, Chat.preview, Chat.load, Chat.set_params, ChatWidget])
def test_help_shows_the_common_parameters(taker: Callable[..., Any]) -> None:
    shown = inspect.signature(taker).parameters
    assert set(COMMON_PARAMS) <= shown.keys()
    assert not [p for p in shown.values() if p.kind is p.VAR_KEYWORD]


@pytest.mark.parametrize("use_jedi", [True, False])
@pytest.mark.parametrize(
    ("code", "completed"),
    [
        ("Chat(temp", "temperature="),
        ("chat.send('x', max_t", "max_tokens="),
        ("await chat.preview('x', see", "seed="),
        ("Chat.load('x', top_", "top_p="),
        ("ChatWidget(sys", "system="),
        ("chat.set_params(sto", "stop="),
        ("chat.send('x', alo", "alone="),
        ("chat.temp", "temperature"),
    ],
)
def test_completion(shell: InteractiveShell, code: str, completed: str, use_jedi: bool) -> None:
    shell.Completer.use_jedi = use_jedi
    shell.user_ns |= {"Chat": Chat, "ChatWidget": ChatWidget, "chat": Chat("demo")}
    with provisionalcompleter():
        found = [each.text.lstrip(".") for each in shell.Completer.completions(code, len(code))]
    assert completed in found


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_keywords_and_fields_of_the_options_are_the_same() -> None:
    own = SendKeywords.__annotations__.keys() - ParamKeywords.__annotations__.keys() | {"extra"}
    internal = {"filled", "owner", "turn", "request_retries", "params", "unattended"}
    assert own == {field.name for field in fields(RequestOptions)} - internal
    assert Keywords.__annotations__.keys() < SendKeywords.__annotations__.keys()


def test_each_common_parameter_is_an_attribute() -> None:
    chat = Chat("demo", router=Router(NBStream(), {}))
    for name in COMMON_PARAMS:
        assert getattr(chat, name) is None
        setattr(chat, name, 1)
        assert (getattr(chat, name), chat.params) == (1, {name: 1})
        delattr(chat, name)
        assert (getattr(chat, name), chat.params) == (None, {})


@pytest.mark.parametrize(
    ("name", "notice"),
    [
        ("temprature", "nbstream does not know it. Did you mean 'temperature'?"),
        ("qqqq", "nbstream does not know it."),
        ("top_k", ""),
        ("tools", ""),
    ],
)
async def test_an_unknown_parameter_of_a_cell_is_sent_with_a_notice(
    server: ByteServer, name: str, notice: str
) -> None:
    reply = await chat_on(server).send_with("Hi", RequestOptions(params={name: 1}))
    assert server.requests[0].json[name] == 1
    assert [warning.kind for warning in reply.warnings] == ["unknown_parameter"] * bool(notice)
    notices = snapshot(reply.state, 0.0)["meta"]["notices"]
    assert [each["text"] for each in notices] == [f"The parameter {name!r} was sent, but {notice}"] * bool(
        notice
    )
