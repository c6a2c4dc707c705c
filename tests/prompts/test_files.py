"""Files of prompts: dotprompt, Prompty and text, what of them is not supported, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbstream import ArgumentError, FileError, Prompt, StateError
from nbstream.errors import DamagedFileError
from nbstream.prompts.picoschema import json_schema

DOTPROMPT = """---
model: googleai/gemini-2.5-flash
name: extract
config:
  temperature: 0.1
  maxOutputTokens: 200
  stopSequences: ["END"]
input:
  schema:
    text: string, what to read
    language?: string
  default:
    language: English
output:
  format: json
  schema:
    name: string
    age?: integer, in years
    hobbies(array, what they like): string
---
{{role "system"}}
Answer in {{language}}.
{{role "user"}}
Ada is 36.
{{role "model"}}
{"name": "Ada"} {% kept %}
{{role "user"}}
{{ text }}
"""

PROMPTY = """---
name: Support
description: Answers.
authors: [us]
model:
  api: chat
  configuration:
    type: azure_openai
    azure_deployment: gpt-35-turbo
  parameters:
    max_tokens: 128
    temperature: 0.2
inputs:
  question:
    type: string
    description: What is asked.
  tone:
    type: string
    default: friendly
sample:
  question: Hi?
---
system:
You are {{tone}}.

user:
{{question}}
"""

PROMPTY_2 = """---
model:
  id: gpt-4o
  provider: openai
  options: {temperature: 0, maxOutputTokens: 10}
inputs:
  - {name: q, kind: string, default: Hi}
template: {format: {kind: mustache}}
---
user:
{{q}}
"""


def saved(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_dotprompt_file(tmp_path: Path, ends: str) -> None:
    prompt = Prompt.from_file(saved(tmp_path, "x.prompt", DOTPROMPT.replace("\n", ends)))
    assert prompt.model == "gemini:gemini-2.5-flash"
    assert prompt.params == {"temperature": 0.1, "max_tokens": 200, "stop": ["END"]}
    assert prompt.variables == ("text", "language")
    assert [(message.role, message.content) for message in prompt.messages(text="Bo")] == [
        ("system", "Answer in English."),
        ("user", "Ada is 36."),
        ("assistant", '{"name": "Ada"} {% kept %}'),
        ("user", "Bo"),
    ]
    assert prompt.input_schema == {
        "type": "object",
        "properties": {
            "text": {"type": "string", "description": "what to read"},
            "language": {"type": ["string", "null"]},
        },
        "required": ["text"],
        "additionalProperties": False,
    }
    assert prompt.output_schema is not None
    assert prompt.output_schema["properties"] == {
        "name": {"type": "string"},
        "age": {"type": ["integer", "null"], "description": "in years"},
        "hobbies": {"type": "array", "items": {"type": "string"}, "description": "what they like"},
    }


def test_a_prompty_file(tmp_path: Path) -> None:
    prompt = Prompt.from_file(saved(tmp_path, "x.prompty", PROMPTY))
    assert prompt.model == "azure:gpt-35-turbo"
    assert prompt.params == {"max_tokens": 128, "temperature": 0.2}
    assert [(message.role, message.content) for message in prompt.messages(question="Why?")] == [
        ("system", "You are friendly.\n"),
        ("user", "Why?"),
    ]
    assert prompt.input_schema == {
        "type": "object",
        "properties": {
            "question": {"type": "string", "description": "What is asked."},
            "tone": {"type": "string"},
        },
    }
    newer = Prompt.from_file(saved(tmp_path, "y.prompty", PROMPTY_2))
    assert (newer.model, newer.params, newer.render()) == (
        "openai:gpt-4o",
        {"temperature": 0, "max_tokens": 10},
        "Hi",
    )


def test_any_other_file_is_the_template(tmp_path: Path) -> None:
    text = "---\nnot: front matter\n---\r\nDear {{ name }} {% x %}\n"
    prompt = Prompt.from_file(saved(tmp_path, "x.txt", "\ufeff" + text + "\n"))
    assert prompt.render(name="Ada") == text.replace("{{ name }}", "Ada")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.prompt", "{{#if a}}b{{/if}}", r"{{#if a}}, which is not supported"),
        ("x.prompt", "{{>partial}}", r"{{>partial}}, which"),
        ("x.prompt", "a {{media url=photo}}", r"{{media url=photo}}, which"),
        ("x.prompt", "{{{raw}}}", r"{{{raw}}}, which"),
        ("x.prompt", '{{role "user"}}\na\n{{role "model"}}\nb', "has the messages user, assistant"),
        ("x.prompt", '{{role "system"}}\na', "has the messages system"),
        ("x.prompt", '{{role "tool"}}\na\n{{role "user"}}\nb', "has the messages tool, user"),
        ("x.prompt", "---\ninput: {schema: {a: strin}}\n---\nx", "'strin' is not a type"),
        ("x.prompty", "user:\n{% for a in b %}{{ a }}{% endfor %}", r"{% for a in b %}, which"),
        ("x.prompty", "---\ntemplate: liquid\n---\nuser:\nx", "templates of liquid are not supported"),
        ("missing.txt", None, "cannot be read"),
        ("x.txt", "caf\udce9", "cannot be read"),
    ],
)
def test_what_is_not_supported_is_named(tmp_path: Path, name: str, text: str | None, message: str) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(FileError, match=message):
        Prompt.from_file(path)


def test_damaged_front_matter_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError, match="not valid YAML in line 3"):
        Prompt.from_file(saved(tmp_path, "x.prompt", "---\nmodel: a\nconfig: b: c\n---\nx"))
    with pytest.raises(DamagedFileError, match="has no fields"):
        Prompt.from_file(saved(tmp_path, "y.prompt", "---\njust text\n---\nx"))


def test_yaml_creates_no_objects(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError):
        Prompt.from_file(
            saved(tmp_path, "x.prompt", "---\nmodel: !!python/object/apply:os.getcwd []\n---\nx")
        )


def test_fields_that_are_not_used_are_named(tmp_path: Path) -> None:
    text = "---\ntools: [search]\nconfig: {safetySettings: 1, seed: 2}\noutput: {kind: x}\n---\nx"
    with pytest.warns(
        UserWarning, match=r"not used: config\.safetySettings, output\.kind, tools\."
    ) as caught:
        prompt = Prompt.from_file(saved(tmp_path, "x.prompt", text))
    assert caught[0].filename == __file__
    assert prompt.params == {"seed": 2}


PROMPTS = [
    Prompt("Hello {{ name }}"),
    Prompt("a\r\n\n{{ '{{' }} {% x %} é \n\n", system="\ns {{ t }}\n", model="openai:gpt-5"),
    Prompt(
        "{{ q }}",
        messages=[{"role": "user", "content": "sea\n"}, {"role": "assistant", "content": "mer"}],
        params={"temperature": 0, "stop": ["---", "a: b"]},
        defaults={"q": "é"},
        input_schema={"type": "object", "properties": {"q": {"type": "string"}}},
        output_schema={"type": "array", "items": {"type": "integer"}},
    ),
    Prompt(""),
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_saved_prompt_is_read_back(tmp_path: Path, prompt: Prompt) -> None:
    path = tmp_path / "x.prompt"
    prompt.save(path)
    assert Prompt.from_file(path) == prompt
    with pytest.raises(StateError, match=r"'x\.prompt' exists"):
        prompt.save(path)
    prompt.save(path, overwrite=True)


def test_text_holds_a_template_alone(tmp_path: Path) -> None:
    PROMPTS[0].save(tmp_path / "x.md")
    assert (tmp_path / "x.md").read_text() == "Hello {{ name }}\n"
    assert Prompt.from_file(tmp_path / "x.md") == PROMPTS[0]
    with pytest.raises(FileError, match=r"cannot hold this prompt\. Use a name that ends in \.prompt"):
        PROMPTS[1].save(tmp_path / "y.md")
    with pytest.raises(ArgumentError, match="cannot be saved"):
        Prompt("x", defaults={"x": object()}).save(tmp_path / "z.prompt")


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ({"a(enum)": ["x", "y"]}, {"a": {"enum": ["x", "y"]}}),
        ({"a(object, it)": {"b": "number"}}, {"a": {"description": "it", "b": {"type": "number"}}}),
        ({"a": "any, what"}, {"a": {"description": "what"}}),
    ],
)
def test_picoschema(short: dict[str, Any], full: dict[str, Any]) -> None:
    found = json_schema(short)["properties"]
    if "object" in next(iter(short)):
        found = {"a": {"description": found["a"]["description"], **found["a"]["properties"]}}
    assert found == full


def test_picoschema_with_other_properties() -> None:
    assert json_schema({"(*)": "string"})["additionalProperties"] == {"type": "string"}
    assert json_schema({"type": "object", "properties": {}}) == {"type": "object", "properties": {}}
    with pytest.raises(ValueError, match="'lst' is not a type"):
        json_schema({"a(lst)": "string"})
