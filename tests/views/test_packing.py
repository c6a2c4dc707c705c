"""What a notebook file holds of an answer: its text once, line by line, and what varies on one line."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbstream.recording.state import ReplyState
from nbstream.types.events import (
    Finished,
    Identified,
    Opened,
    ReasoningDelta,
    Routed,
    Stopped,
    TextDelta,
    UsageReported,
)
from nbstream.types.usage import Usage
from nbstream.views.packing import packed, unpacked
from nbstream.views.snapshot import REPLY_MIMETYPE, ReplyInfo, provenance, saved_reply, saved_version
from nbstream.views.static import bundle
from nbstream.views.text_lines import LineReader, LineWriter
from tests.views.hostile import payloads

CASES = json.loads((Path(__file__).parents[1] / "fixtures/saved/replies.json").read_text("utf-8"))
WRITTEN = [case for case in CASES if not case["name"].startswith(("old:", "foreign:"))]

ENGLISH = """## How the cache works

The cache keeps the **last result** of every query. When the same query comes again within the time limit, \
the answer is taken from memory, and the database is not asked. So a cold start is slower than what follows.

1. Look at the key, which is made of the query and its parameters.
2. If there is an entry, compare its age with the limit.

- It costs memory: about 3 kB an entry, which is $5 a month.

"""
CHINESE = """## 缓存的工作原理

缓存保存每个查询的**最新结果**。当同一查询在时限内再次出现时、答案取自内存、而不再询问数据库。这就是为什么冷启动比之后的请求慢。

1. 查看键、它由查询及其参数组成。
2. 如果有条目、则将其年龄与限制进行比较。

"""
CODE = """```python
def fetch(self, key: str) -> Result | None:
    entry = self._entries.get(key)
    if entry is None or entry.age > self.limit:
        return None
    for hook in self.hooks:
        hook(entry)
    return entry.value
```

"""

PRICES = """| Plan | A month | A year | Suits whom |
|---|---|---|---|
| Small | $5 | $50 | one person who works alone on a few notebooks |
| Large | $25 | $250 | a team of up to ten people who share their kernels |

Both take 10 % off in the first year. A team of ten pays $2.50 for each person, which is half of $5.

"""


def answered(text: str, run: int = 0, reasoning: str = "") -> ReplyState:
    """An answer with everything that servers report."""
    state = ReplyState()
    at = run / 100
    for event in (
        Routed(
            0.0, "gpt-5-mini", "openai", "api.openai.com", why="OPENAI_API_KEY is set", prompt_hash="ab" * 32
        ),
        Opened(0.2 + at, f"req_{run:032}"),
        Identified(0.3 + at, "gpt-5-mini-2026-01-01", f"chatcmpl-{run:029}"),
        ReasoningDelta(0.4, reasoning),
        TextDelta(0.62 + at, text),
        UsageReported(8.2 + at, Usage(25, 312, 337, 0, 64)),
        Finished(8.213 + at, "stop"),
    ):
        state.apply(event)
    return state


def in_file(state: ReplyState, others: Any = (), version: int = 0) -> str:
    """A notebook's file with one cell, which shows the answer."""
    data, metadata = bundle(state, ReplyInfo({"temperature": 0.2}, version, others))
    output = nbformat.v4.new_output("display_data", data, metadata=metadata)
    cell = nbformat.v4.new_code_cell("%%chat\nHow?", id="chat", outputs=[output])
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))


def changes(before: str, after: str) -> list[str]:
    """Lines that are in one file and not in the other."""
    old, new = Counter(before.split("\n")), Counter(after.split("\n"))
    return list(((old - new) + (new - old)).elements())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_file_is_read(case: dict[str, Any]) -> None:
    data = case["data"]
    read = unpacked(data.get(REPLY_MIMETYPE), case["metadata"], data.get("text/markdown"))
    assert read == (case["reply"], case["provenance"])


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case["name"])
def test_the_file_is_written(case: dict[str, Any]) -> None:
    reply, about = packed(case["reply"], case["provenance"], case["data"]["text/markdown"])
    assert reply == case["data"][REPLY_MIMETYPE]
    assert about == case["metadata"]


SOME_LINES = st.sampled_from(["", " ", "a", "b", "```", "$x", "a longer line"])
LINES = st.lists(SOME_LINES, max_size=30).map("\n".join)


@settings(deadline=None)
@given(st.lists(LINES | st.text(), max_size=3), LINES | st.text())
def test_texts_come_back_whatever_the_markdown_is(texts: list[str], markdown: str) -> None:
    writer, reader = LineWriter(markdown), LineReader(markdown)
    written = [writer.write(text) for text in texts]
    assert [reader.read(form) for form in json.loads(json.dumps(written))] == texts


def test_hostile_texts_come_back() -> None:
    for text in [*payloads().values(), "\n\n".join(payloads().values())]:
        data, metadata = bundle(answered(text), ReplyInfo())
        saved = json.loads(json.dumps([data, metadata]))
        reply, _ = unpacked(saved[0][REPLY_MIMETYPE], saved[1]["nbstream"], saved[0]["text/markdown"])
        assert reply["text"] == text


def output_bytes(whole: str) -> int:
    """What an answer adds to the notebook of a cell that has not run."""
    cell = nbformat.v4.new_code_cell("%%chat\nHow?", id="chat")
    empty = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
    return len(in_file(answered(whole)).encode()) - len(empty.encode())


def repeated(text: str, size: int) -> str:
    data = text.encode()
    return (data * (size // len(data) + 1))[:size].decode(errors="ignore")


@pytest.mark.parametrize(
    "text", [ENGLISH, CHINESE, CODE, PRICES], ids=["English", "Chinese", "code", "prices"]
)
@pytest.mark.parametrize("size", [1_000, 1_024, 1_300, 2_000, 10_000, 100_000])
def test_a_text_is_kept_once(text: str, size: int) -> None:
    whole = repeated(text, size)
    assert output_bytes(whole) - output_bytes("") < 1.8 * size
    assert output_bytes(whole) < 2.18 * size


def test_a_run_with_the_same_text_changes_one_line() -> None:
    first = answered(ENGLISH, 1)
    again = in_file(answered(ENGLISH, 2), [{"version": 0, **saved_version(first, ReplyInfo())}], 1)
    before, after = in_file(first), again
    assert len(changes(before, in_file(answered(ENGLISH, 2)))) == 2
    assert len(changes(before, after)) == 2, "the earlier version as well is on the line of the run"


@pytest.mark.parametrize(("word", "other"), [("last result", "newest result"), ("$5", "$6")])
def test_a_changed_word_changes_its_own_lines(word: str, other: str) -> None:
    text = ENGLISH + CODE
    before = in_file(answered(text, reasoning=text))
    changed = changes(before, in_file(answered(text.replace(word, other), reasoning=text)))
    assert len(changed) <= 6, "one line of the Markdown, one of the text where it differs, one of the run"
    assert all("result" in line or "costs" in line or '"run"' in line for line in changed)
    reasoned = changes(before, in_file(answered(text, reasoning=text.replace(word, other))))
    assert max(len(line) for line in reasoned if '"run"' not in line) < 400


def test_versions_come_back() -> None:
    texts = [ENGLISH, ENGLISH.replace("memory", "disk"), CODE]
    states = [answered(text, run) for run, text in enumerate(texts)]
    others = [
        {"version": n, **saved_version(state, ReplyInfo({"seed": n}))} for n, state in enumerate(states)
    ]
    data, metadata = bundle(answered(ENGLISH, 3), ReplyInfo(version=3, others=others))
    _, about = unpacked(data[REPLY_MIMETYPE], metadata["nbstream"], data["text/markdown"])
    assert [version["reply"]["text"] for version in about["versions"]] == texts
    for version, state in zip(about["versions"], states, strict=True):
        asked = provenance(state, ReplyInfo({"seed": version["version"]}))
        names = ("id", "response_id", "params", "usage", "timings")
        assert [version["nbstream"].get(n) for n in names] == [asked[n] for n in names]


@pytest.mark.parametrize("reruns", [1, 2, 5])
def test_a_text_of_several_earlier_versions_is_kept_once(reruns: int) -> None:
    unlike = "An answer of another time."
    earlier = [{"version": n, **saved_version(answered(unlike, n), ReplyInfo())} for n in range(reruns)]
    file = in_file(answered(ENGLISH, reruns), earlier, reruns)
    assert file.count(unlike) == 1
    metadata = json.loads(file)["cells"][0]["outputs"][0]["metadata"]["nbstream"]
    _, about = unpacked({"v": 2}, metadata, ENGLISH)
    assert [version["reply"]["text"] for version in about["versions"]] == [unlike] * reruns


def test_what_is_left_out_is_what_every_answer_has() -> None:
    state = answered("Hi")
    assert packed(saved_reply(state), {}, "Hi")[0] == {"v": 2}
    stopped = ReplyState()
    stopped.apply(TextDelta(0.5, "Hi"))
    stopped.apply(Stopped(9.0))
    assert packed(saved_reply(stopped), {}, "Hi")[0] == {"v": 2, "status": "stopped"}
