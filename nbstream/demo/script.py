"""Chooses the answer to a prompt. The same request gets the same text."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nbstream.demo import samples, texts
from nbstream.demo.call import Call
from nbstream.demo.choice import pick
from nbstream.demo.faults import Fault, fault_in
from nbstream.demo.long_text import long_text
from nbstream.demo.schema_sample import schema_sample

__all__ = ["ScriptedAnswer", "answer"]

QUOTE_CHARACTERS = 80
_CALL = re.compile(r"\s*call:\s*(\w+)\s*(\{.*\})?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """The demo's answer to a request, before limits apply.

    Parameters
    ----------
    text
        The answer, as Markdown.
    reasoning
        Reasoning before the answer; empty for other models.
    tool
        Name of a tool that is called instead of an answer; `text` is then its arguments, as JSON.
    """

    text: str
    reasoning: str = ""
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that the demo has texts for, and the words by which it is requested."""

    name: str
    words: re.Pattern[str]
    write: Callable[[Call], str]


def answer(call: Call) -> ScriptedAnswer:
    """Choose the answer to `call`."""
    results = list(itertools.takewhile(lambda message: message.role == "tool", reversed(call.messages)))
    if results:
        return ScriptedAnswer(texts.TOOL_SAID.format(banner=texts.BANNER, result=results[0].text))
    wanted = _CALL.match(call.prompt)
    if wanted and wanted[1] in call.tools:
        return ScriptedAnswer(wanted[2] or "{}", tool=wanted[1])
    topic = _topic_of(call.prompt)
    reasoning = _reasoning(call, topic) if call.model.reasons else ""
    return ScriptedAnswer(_text(call, topic), reasoning)


def _text(call: Call, topic: Topic | None) -> str:
    echo = re.match(r"\s*echo:[ \n]?", call.prompt, re.IGNORECASE)
    if call.schema is not None:
        return call.prompt[echo.end() :] if echo else schema_sample(call.schema, call.seed)
    if call.as_json:
        return _json_object(call)
    if echo:
        return f"{texts.BANNER}\n\n{call.prompt[echo.end() :]}"
    fault = fault_in(call.prompt)
    body = _fault(fault) if fault else topic.write(call) if topic else _default(call)
    return "\n\n".join(filter(None, (texts.BANNER, _context(call), body)))


def _context(call: Call) -> str:
    """Text that shows that the system prompt and the history were received."""
    said = []
    if call.system:
        said.append(f"Your system prompt {quote(call.system)} has arrived; a script cannot follow it.")
    if len(call.prompts) > 1:
        first = quote(call.prompts[0])
        said.append(f"This is turn {len(call.prompts)} of our conversation; you first asked {first}.")
    return " ".join(said)


def _default(call: Call) -> str:
    question = quote(call.prompt) if call.prompt.strip() else "an empty prompt"
    return pick(texts.DEFAULT, call.seed).format(question=question, connect=texts.CONNECT)


def _fault(fault: Fault) -> str:
    what = texts.BREAKS.get(fault, "")
    template = texts.DELAYED.get(fault, texts.BROKEN_ON_PURPOSE)
    return template.format(trigger=fault.trigger, what=what)


def _json_object(call: Call) -> str:
    label = texts.BANNER.strip("*")
    return json.dumps({"note": label, "prompt": call.prompt, "turn": len(call.prompts)}, ensure_ascii=False)


def _reasoning(call: Call, topic: Topic | None) -> str:
    found = texts.FOUND.format(topic=topic.name) if topic else texts.NOT_FOUND
    return pick(texts.REASONING, call.seed).format(question=quote(call.prompt), found=found)


def _one_of(options: Sequence[str]) -> Callable[[Call], str]:
    return lambda call: pick(options, call.seed)


def _poem(call: Call) -> str:
    return _in_lines(pick(texts.POEMS, call.seed))


def _in_lines(poem: str) -> str:
    """Each line with the two spaces at its end that make a line break in Markdown."""
    return re.sub(r"(?<=\S)\n(?=\S)", "  \n", poem)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


# The first match counts: words for a form ("a table") are listed before words for its subject ("of Python
# versions").
TOPICS = (
    Topic("everything", _words("everything|markdown"), lambda _: samples.EVERYTHING),
    Topic(
        "long",
        _words(r"(?<!how )(?<!as )long(?!-| (?:is|are|does|do|did|will|ago|as))"),
        lambda call: long_text(call.seed),
    ),
    Topic("haiku", _words("haikus?"), lambda _: _in_lines(texts.HAIKU)),
    Topic("poem", _words("poems?|poetry|verses?|rhymes?"), _poem),
    Topic("table", _words("tables?|tabular"), _one_of(texts.TABLES)),
    Topic("JSON", _words("json"), _one_of(samples.JSONS)),
    Topic("math", _words("maths?|mathematics|formulas?|equations?|latex"), _one_of(samples.MATHS)),
    Topic("list", _words("lists?|bullets?|checklist|steps"), _one_of(texts.LISTS)),
    Topic("code", _words("code|python|functions?|snippets?|programs?"), _one_of(samples.CODES)),
)


def _topic_of(prompt: str) -> Topic | None:
    return next((topic for topic in TOPICS if topic.words.search(prompt)), None)


def quote(text: str) -> str:
    """The beginning of `text` on one line, in quotes; as code where Markdown would read it as marks."""
    line = " ".join(text.split())
    if len(line) > QUOTE_CHARACTERS:
        line = line[: QUOTE_CHARACTERS - 1].rstrip() + "…"
    if not re.search(r"[\\`*_<>\[\]#|~$&]|://", line):
        return f"“{line}”"
    ticks = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    space = " " if "`" in line else ""
    return f"{ticks}{space}{line}{space}{ticks}"
