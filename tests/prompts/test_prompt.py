"""`Prompt` and `Chat.send`: roles, values, versions, template strings, and what the server receives."""

from __future__ import annotations

import copy
import json
import sys
import textwrap
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import nbstream
from nbstream import ArgumentError, Chat, Prompt, compare
from nbstream.types.event_json import from_json, to_json
from nbstream.types.events import PromptFilled

FAST = "demo:nbstream-demo-fast"
EXAMPLES = [{"role": "user", "content": "sea"}, {"role": "assistant", "content": "{{ sea }}"}]


@dataclass
class Text:
    """A template string as Python 3.14 makes it."""

    strings: tuple[str, ...]
    interpolations: tuple[Any, ...]


def part(value: object, expression: str, conversion: str | None = None, spec: str = "") -> SimpleNamespace:
    return SimpleNamespace(value=value, expression=expression, conversion=conversion, format_spec=spec)


async def test_a_prompt_is_sent_with_its_system_message_and_examples_for_one_turn() -> None:
    prompt = Prompt("{{ word }}", system="To {{ language }}.", messages=EXAMPLES, params={"temperature": 0})
    chat = Chat(FAST, system="Be terse.", temperature=1)
    await chat.send("First")
    filled = prompt.fill(word="sun", language="French", sea="mer")
    seen = await chat.preview(filled, alone=True)
    assert [(message["role"], message["content"]) for message in seen.messages] == [
        ("system", "To French."),
        ("user", "sea"),
        ("assistant", "mer"),
        ("user", "sun"),
    ]
    assert seen.body["temperature"] == 0
    assert "filled: word, language, sea" in repr(seen)
    reply = await chat.send(filled, temperature=0.5)
    assert reply.params["temperature"] == 0.5
    assert [message["content"] for message in chat.messages[::2]] == [
        "Be terse.",
        chat.messages[2]["content"],
        reply.text,
    ]
    assert chat.messages[-2]["content"] == "sun"


async def test_the_model_of_a_prompt_is_used_unless_another_is_named() -> None:
    chat = Chat(FAST)
    prompt = Prompt("Hi", model="demo:nbstream-demo")
    assert (await chat.preview(prompt)).body["model"] == "nbstream-demo"
    assert (await chat.preview(prompt, model=FAST)).body["model"] == "nbstream-demo-fast"


async def test_a_reply_knows_its_prompt() -> None:
    frame = pd.DataFrame({"n": range(500)})
    limited = await Chat(FAST).send(Prompt("{{ df | rows(3) }}").fill(df=frame))
    assert limited.warnings == (), "the user knows"
    reply = await Chat(FAST).send(Prompt("{{ who }}: {{ df }} {{ who }}").fill(who="A", df=frame))
    assert reply.prompt is not None
    assert reply.prompt.template == "{{ who }}: {{ df }} {{ who }}"
    assert reply.prompt.text.endswith("(first 20 of 500 rows) A")
    assert reply.prompt.summary == "who, df (20 of 500 rows)"
    assert [warning.text for warning in reply.warnings if warning.kind == "shortened_value"] == [
        "Only the first 20 of 500 rows of df were sent; add | rows(N) to its braces to send N."
    ]
    assert copy.copy(reply).prompt == reply.prompt
    event = next(event for event in reply.events if isinstance(event, PromptFilled))
    assert from_json(json.loads(json.dumps(to_json(event)))) == event
    assert (await Chat(FAST).send("{{ as written }}")).prompt is None


async def test_a_continued_answer_keeps_its_prompt() -> None:
    chat = Chat(FAST)
    cut = await chat.send(Prompt("echo: {{ text }}").fill(text="one two three four five six"), max_tokens=5)
    continued = await chat.continue_reply()
    assert continued.prompt == cut.prompt is not None


def test_a_prompt_without_values_is_refused_before_anything_is_sent() -> None:
    chat = Chat(FAST)
    with pytest.raises(
        ArgumentError, match=r"name is not defined\. Give each a value: prompt.fill\(name=…\)"
    ):
        chat.send(Prompt("Hello {{ name }}"))
    assert len(chat.conversation) == 0


def test_a_version_is_a_hash_of_all_that_is_sent() -> None:
    base = Prompt("Hello {{ name }}")
    assert len(base.version) == 12
    others = [
        Prompt("Hello {{name}}"),
        Prompt("Hello {{ name }}", system="x"),
        Prompt("Hello {{ name }}", messages=EXAMPLES),
        Prompt("Hello {{ name }}", model="m"),
        Prompt("Hello {{ name }}", params={"seed": 1}),
        Prompt("Hello {{ name }}", defaults={"name": 1}),
        Prompt("Hello {{ name }}", output_schema={"type": "object"}),
    ]
    assert len({base.version, *(other.version for other in others)}) == 8
    assert base == Prompt("Hello {{ name }}")
    assert base != others[0]
    assert len({base, Prompt("Hello {{ name }}")}) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Prompt(3), "A prompt is a text, not int"),  # type: ignore[arg-type]
        (lambda: Prompt("x", messages=[{"role": "system", "content": "x"}]), "message of user or assistant"),
        (lambda: Prompt("x", messages=["x"]), "message of user or assistant"),  # type: ignore[list-item]
        (lambda: Prompt("x", params={"temperature": object()}), "temperature"),
        (lambda: Prompt("x", system="{{ }}"), "is not an expression"),
    ],
)
def test_a_wrong_argument_is_an_error(make: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()


async def test_a_template_string_is_sent_with_its_values() -> None:
    frame = pd.DataFrame({"n": range(30)})
    text = Text(
        ("Hi {{x}} ", ", ", " ", ":\n", ""),
        (part("{{a}}", "name"), part("b", "b", "r"), part(1.234, "x", None, ".1f"), part(frame, "df")),
    )
    reply = await Chat(FAST).send(text)
    assert reply.prompt is not None
    assert reply.prompt.text.startswith("Hi {{x}} {{a}}, 'b' 1.2:\n| n |")
    assert reply.prompt.template == "Hi {{x}} {name}, {b!r} {x:.1f}:\n{df}"
    assert reply.prompt.summary == "name, b, x, df (20 of 30 rows)"
    assert Prompt(text).variables == ()
    assert Prompt(text).render() == reply.prompt.text
    with pytest.raises(ArgumentError, match=r"\{f\}: The value is a function"):
        Prompt(Text(("", ""), (part(len, "f"),)))
    with pytest.raises(ArgumentError, match=r"\{f:d\}: .*format"):
        Prompt(Text(("", ""), (part("x", "f", None, "d"),)))


async def test_template_strings_are_compared() -> None:
    one, other = (Text(("echo: ", " {{ city }}"), (part(name, "name"),)) for name in ("Ada", "Bob"))
    city = [{"city": "Oslo"}]
    both = {"one": one, "other": Prompt(other), "text": "echo: {{ city }}"}
    grid = await compare(prompts=both, models=FAST, over=city)
    answers = [cell.text.splitlines()[-1] for cell in grid.cells]
    assert answers == ["Ada {{ city }}", "Bob {{ city }}", "Oslo"]
    later = await compare(prompts=both, models=FAST, over=city, since=grid)
    assert [cell.reused for cell in later.cells] == [True, True, True]
    exported = later.to_promptfoo()
    assert "{% raw %}echo: Ada {{ city }}{% endraw %}" in exported
    assert "{% raw %}echo: Bob {{ city }}{% endraw %}" in exported


async def test_a_template_string_is_sent_with_the_rows_of_a_batch() -> None:
    text = Text(("echo: ", " {{ city }}"), (part("{{ Ada }}", "name"),))
    rows = [{"city": "Oslo"}, {"city": "Rome"}]
    table = await nbstream.batch(text, rows, model=FAST, store=False, progress=False)
    assert [row["answer"].splitlines()[-1] for row in table] == ["{{ Ada }} {{ city }}"] * 2


@pytest.mark.skipif(sys.version_info < (3, 14), reason="template strings are new in Python 3.14")
def test_a_real_template_string() -> None:
    found: dict[str, Any] = {}
    code = """
        name, x = "{{Ada}}", 1.25
        template = t"{name!r} costs {x:.1f} {{x}} {name}"
    """
    exec(textwrap.dedent(code), found)  # noqa: S102 -- older versions cannot parse it
    assert Prompt(found["template"]).render() == "'{{Ada}}' costs 1.2 {x} {{Ada}}"
