"""A notebook's conversation is what its cells say."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from nbstream.conversation.conversation import Change, Conversation, Turn
from nbstream.types.messages import Message


def said(text: str, status: str = "finished") -> SimpleNamespace:
    messages = (Message("assistant", text),) if text else ()
    return SimpleNamespace(text=text, status=status, messages=messages)


def ask(talk: Conversation, prompt: str, answer: str = "", owner: str | None = None, **how: str) -> Turn:
    return talk.record(Message("user", prompt), said(answer or prompt.upper(), **how), owner=owner)


def contents(talk: Conversation, owner: str | None = None) -> list[object]:
    return [message.content for message in talk.context(talk.owned_by(owner))]


@pytest.fixture
def talk() -> Conversation:
    talk = Conversation("s")
    for name in "abc":
        ask(talk, name, owner=f"cell-{name}")
    return talk


def test_a_turn_has_the_turns_before_it_as_context(talk: Conversation) -> None:
    assert contents(talk) == ["s", "a", "A", "b", "B", "c", "C"]
    assert contents(talk, "cell-b") == ["s", "a", "A"]


def test_running_a_cell_again_makes_a_version_in_place_and_later_turns_stale(talk: Conversation) -> None:
    turn = ask(talk, "b2", owner="cell-b")
    assert [t.user.content for t in talk] == ["a", "b2", "c"]
    assert [len(t.versions) for t in talk] == [1, 2, 1]
    assert [t.stale for t in talk] == [False, False, True]
    assert turn.active == 1
    ask(talk, "c", owner="cell-c")
    assert [t.stale for t in talk] == [False, False, False]


def test_running_everything_again_gives_the_same_conversation(talk: Conversation) -> None:
    before = contents(talk)
    for name in "abc":
        ask(talk, name, owner=f"cell-{name}")
    assert contents(talk) == before
    assert not [turn for turn in talk if turn.stale]


def test_choosing_an_older_version_makes_it_the_context(talk: Conversation) -> None:
    turn = ask(talk, "a2", owner="cell-a")
    assert [t.stale for t in talk] == [False, True, True]
    talk.choose(turn, 0)
    assert contents(talk) == ["s", "a", "A", "b", "B", "c", "C"]
    assert [t.stale for t in talk] == [False, False, False]
    with pytest.raises(IndexError, match="2 versions"):
        talk.choose(turn, 2)


def test_a_turn_is_stale_exactly_while_it_follows_other_answers_than_it_was_asked_after(
    talk: Conversation,
) -> None:
    first, second, third = talk
    ask(talk, "a2", owner="cell-a")
    ask(talk, "c2", owner="cell-c")
    assert [t.stale for t in talk] == [False, True, False]
    talk.choose(third, 0)
    assert [t.stale for t in talk] == [False, True, True]
    talk.choose(first, 0)
    assert [t.stale for t in talk] == [False, False, False]
    talk.choose(third, 1)
    assert [t.stale for t in talk] == [False, False, True]
    talk.remove([second])
    talk.choose(third, 0)
    assert [t.stale for t in talk] == [False, True]


def test_undo_takes_the_mark_away_that_a_removal_had_set(talk: Conversation) -> None:
    turns = tuple(talk)
    talk.remove([turns[0]])
    late = ask(talk, "d")
    talk.restore([*turns, late])
    assert [t.stale for t in talk] == [False, False, False, True]


def test_choosing_back_is_told_of_each_turn_that_is_no_longer_stale(talk: Conversation) -> None:
    turn = ask(talk, "a2", owner="cell-a")
    heard: list[Change] = []
    talk.subscribe(heard.append)
    talk.choose(turn, 0)
    assert [change.turn.user.content for change in heard if change.turn] == ["b", "c", "a"]


def test_without_cell_ids_it_appends() -> None:
    talk = Conversation()
    ask(talk, "one")
    ask(talk, "one")
    assert len(talk) == 2


@pytest.mark.parametrize(("status", "counts"), [("stopped", True), ("failed", False), ("streaming", False)])
def test_what_counts_as_context(status: str, counts: bool) -> None:
    talk = Conversation()
    ask(talk, "q", "partial", status=status)
    assert contents(talk) == (["q", "partial"] if counts else [])


def test_removed_turns_leave_and_come_back(talk: Conversation) -> None:
    turns = tuple(talk)
    talk.remove([turns[0]])
    assert contents(talk) == ["s", "b", "B", "c", "C"]
    assert [t.stale for t in talk] == [True, True]
    talk.restore(turns)
    assert contents(talk)[1:3] == ["a", "A"]


def test_a_copy_goes_its_own_way(talk: Conversation) -> None:
    twin = talk.copy()
    ask(twin, "d")
    ask(twin, "a2", owner="cell-a")
    assert contents(talk) == ["s", "a", "A", "b", "B", "c", "C"]
    assert len(twin) == 4
    assert not {t.id for t in talk} & {t.id for t in twin}


def test_listeners_hear_every_change(talk: Conversation) -> None:
    heard: list[Change] = []
    end = talk.subscribe(heard.append)
    turn = ask(talk, "b2", owner="cell-b")
    talk.system = "t"
    talk.clear()
    end()
    ask(talk, "unheard")
    assert [change.kind for change in heard] == ["turn", "turn", "system", "cleared"]
    assert heard[1].turn is turn
    assert heard[0].turn is not None
    assert heard[0].turn.stale


def test_a_listener_can_be_taken_away_twice() -> None:
    changes: list[Change] = []
    conversation = Conversation()
    end = conversation.subscribe(changes.append)
    conversation.system = "one"
    end()
    end()
    conversation.system = "two"
    assert [change.kind for change in changes] == ["system"]
