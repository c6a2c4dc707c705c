"""Two texts are compared word by word, and shown as text whatever they hold."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nbstream
from nbstream import ArgumentError, Chat
from nbstream.reply_log.comparison import Diff
from tests.views.hostile import payloads

TEXTS = st.text(alphabet="ab .\n\u3042é<&", max_size=40)


@given(TEXTS, TEXTS)
def test_the_changes_add_up_to_both_texts(before: str, after: str) -> None:
    changes = Diff(before, after).changes
    assert "".join(text for kind, text in changes if kind != "ins") == before
    assert "".join(text for kind, text in changes if kind != "del") == after
    assert all(text for _, text in changes)
    assert (before == after) == all(kind == "same" for kind, _ in changes)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("It is cold.", "It is mild.", "It is [-cold-]{+mild+}."),
        ("one\ntwo\n", "one\nthree\n", "one\n[-two-]{+three+}\n"),
        ("東京は晴れ", "東京は雨", "東京は[-晴れ-]{+雨+}"),
        ("same", "same", "Both are the same.\nsame"),
    ],
)
def test_it_prints_words(before: str, after: str, shown: str) -> None:
    assert repr(nbstream.diff(before, after)) == shown


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.add(tag)


def test_it_is_marked_without_any_html_of_the_texts() -> None:
    for payload in payloads().values():
        html = Diff(payload, f"x {payload} y", (payload, "b"))._repr_html_()
        assert Tags(html).found <= {"div", "small", "del", "ins"}, payload


def test_a_long_answer_is_compared_by_lines_first() -> None:
    before = "\n".join(f"line {number} with some words" for number in range(5000))
    changes = Diff(before, before.replace("line 4000 with", "line 4000 without")).changes
    assert [(kind, text) for kind, text in changes if kind != "same"] == [("del", "with"), ("ins", "without")]


def test_replies_entries_and_numbers_are_compared_by_answer_or_prompt() -> None:
    chat = Chat("demo:nbstream-demo-fast")
    first, second = chat.send("echo: it is cold").result(), chat.send("echo: it is mild").result()
    numbers = [nbstream.log().find(reply.state.id).number for reply in (first, second)]
    assert nbstream.diff(first, second).changes[-2:] == [("del", "cold"), ("ins", "mild")]
    assert nbstream.diff(*numbers).changes == nbstream.diff(first, second).changes
    assert nbstream.diff(numbers[0], second, prompts=True).changes[0] == ("same", "echo: it is ")
    with pytest.raises(ArgumentError, match="no reply 999999"):
        nbstream.diff(999999, second)
    with pytest.raises(ArgumentError, match="cannot be compared"):
        nbstream.diff(None, second)  # type: ignore[arg-type]
