"""A conversation: turns in the order of the notebook, each owned by the cell that made it.

A notebook's conversation follows its cells. Running a cell again creates a new *version* of its turn, with
the earlier turns as context; it neither appends a duplicate nor drops later turns. Later turns are kept. They
are stale as long as the answers before them are not those that they were asked after. Where a page reports
the order of the cells, turns are in this order (`nbstream.conversation.order`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from nbstream.conversation.order import Order, cell_of
from nbstream.conversation.turns import Answer, Turn, Version, new_id
from nbstream.types.messages import Message

__all__ = ["Answer", "Change", "Conversation", "Turn", "Version"]


class Change(NamedTuple):
    """A change of a conversation, for views."""

    kind: Literal["turn", "removed", "cleared", "restored", "system"]
    turn: Turn | None = None


class Conversation:
    """An ordered list of turns, with the system message and examples before them.

    Only its methods change its turns; views subscribe to the changes.

    Parameters
    ----------
    system
        System message, or None.
    examples
        Messages that are sent before the turns, as examples of good answers.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> said = SimpleNamespace(text="4", status="finished", messages=(Message("assistant", "4"),))
    >>> talk = Conversation(system="Be terse.")
    >>> turn = talk.record(Message("user", "2+2?"), said, owner="cell-1")
    >>> [m.content for m in talk.context()]
    ['Be terse.', '2+2?', '4']
    >>> [m.content for m in talk.context(talk.owned_by("cell-1"))]
    ['Be terse.']
    """

    def __init__(self, system: str | None = None, examples: Sequence[Message] = ()) -> None:
        self._system = system
        self._examples = tuple(examples)
        self._turns: list[Turn] = []
        self._aside: list[Turn] = []
        self._order = Order()
        self._listeners: list[Callable[[Change], None]] = []

    def __len__(self) -> int:
        return len(self._turns)

    def __iter__(self) -> Iterator[Turn]:
        return iter(tuple(self._turns))

    def __getitem__(self, turn_id: str) -> Turn:
        """The turn with this id; KeyError if it is gone."""
        for turn in self._turns:
            if turn.id == turn_id:
                return turn
        raise KeyError(turn_id)

    @property
    def system(self) -> str | None:
        """System message."""
        return self._system

    @system.setter
    def system(self, text: str | None) -> None:
        self._system = text
        self._tell(Change("system"))

    @property
    def examples(self) -> tuple[Message, ...]:
        """Messages that are sent before the turns, and stay when these are cleared."""
        return self._examples

    @examples.setter
    def examples(self, messages: Sequence[Message]) -> None:
        self._examples = tuple(messages)
        self._tell(Change("system"))

    def __getstate__(self) -> dict[str, object]:
        """Pickle the turns, without the listeners."""
        return {"system": self._system, "examples": self._examples, "turns": self._turns}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the turns with new ids: another process may have used the old ones."""
        self.__init__(state["system"], state["examples"])  # type: ignore[misc]
        self._turns = state["turns"]
        for turn in self._turns:
            turn.id = new_id()

    def __copy__(self) -> Conversation:
        return self.copy()

    def __deepcopy__(self, _memo: object) -> Conversation:
        return self.copy()

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` after every change.

        Return an unsubscribe function, which may be called repeatedly.

        Examples
        --------
        >>> talk = Conversation()
        >>> kinds = []
        >>> unsubscribe = talk.subscribe(lambda change: kinds.append(change.kind))
        >>> talk.system = "You are terse."
        >>> unsubscribe()
        >>> talk.clear()
        >>> kinds
        ['system']
        """
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def turns_before(self, turn: Turn | None, owner: str | None = None) -> tuple[Turn, ...]:
        """The turns before this one, or before a new one of the cell `owner`.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> first = chat.send("echo: Hello").result()
        >>> talk = chat.conversation
        >>> [turn] = talk
        >>> len(talk.turns_before(None)), talk.turns_before(turn)
        (1, ())
        """
        end = self._order.index(owner, self._turns) if turn is None else self._turns.index(turn)
        return tuple(self._turns[:end])

    def owned_by(self, owner: str | None) -> Turn | None:
        """The turn of a cell, if it has one.

        Examples
        --------
        >>> talk = Conversation()
        >>> talk.owned_by("a cell") is None
        True
        """
        return next((turn for turn in self._turns if owner and turn.owner == owner), None)

    def turn_of(self, answer: Answer) -> Turn | None:
        """The turn that contains an answer.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> first = chat.send("echo: Hello").result()
        >>> talk = chat.conversation
        >>> talk.turn_of(first).user.content
        'echo: Hello'
        """
        return next((turn for turn in self._turns if any(v.answer is answer for v in turn.versions)), None)

    def context(self, turn: Turn | None = None, owner: str | None = None) -> tuple[Message, ...]:
        """The messages sent before a turn; by default before a new one, of the cell `owner` if there is one.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> first = chat.send("echo: Hello").result()
        >>> talk = chat.conversation
        >>> [message.role for message in talk.context()]
        ['user', 'assistant']
        >>> [turn] = talk
        >>> talk.context(turn)
        ()
        """
        before = self.turns_before(turn, owner)
        return self.preface() + tuple(message for turn in before for message in turn.messages())

    def preface(self) -> tuple[Message, ...]:
        """The messages before the turns: the system message, if there is one, and the examples.

        Examples
        --------
        >>> examples = [Message("user", "2 + 2?"), Message("assistant", "4")]
        >>> talk = Conversation("You are terse.", examples)
        >>> [message.role for message in talk.preface()]
        ['system', 'user', 'assistant']
        """
        system = (Message("system", self._system),) if self._system else ()
        return system + self._examples

    def record(
        self, user: Message, answer: Answer, *, owner: str | None = None, turn: Turn | None = None
    ) -> Turn:
        """Add a turn, or a version of `turn`, or of the existing turn of the cell `owner`.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> first = chat.send("echo: Hello").result()
        >>> talk = Conversation()
        >>> turn = talk.record(Message("user", "Hello"), first, owner="a cell")
        >>> talk.owned_by("a cell") is turn
        True
        """
        turn = turn or self.owned_by(owner)
        version = Version(user, answer, tuple(before.shown for before in self.turns_before(turn, owner)))
        if turn is None:
            return self._insert(Turn([version], owner))
        turn.versions.append(version)
        self._activate(turn, len(turn.versions) - 1)
        self._tell(Change("turn", turn))
        return turn

    def follow(self, order: Order) -> None:
        """Put the turns into an order of cells, also those that are added later; they may become stale.

        Examples
        --------
        >>> talk = Conversation()
        >>> talk.restore([Turn([], "below"), Turn([], "above")])
        >>> talk.follow(Order([["above", "below"]]))
        >>> [turn.owner for turn in talk]
        ['above', 'below']
        """
        self._order = order
        arranged = order.arranged(self._turns)
        if not _same(arranged, self._turns):
            self._replace(arranged)

    def set_aside(self, cells: Container[str]) -> None:
        """Remove the turns of deleted cells, until `bring_back`; those after them become stale.

        Examples
        --------
        >>> talk = Conversation()
        >>> talk.restore([Turn([], "a"), Turn([], "b")])
        >>> talk.set_aside({"a"})
        >>> [turn.owner for turn in talk]
        ['b']
        """
        gone = [turn for turn in self._turns if cell_of(turn.owner) in cells]
        self._aside += gone
        self.remove(gone)

    def bring_back(self, cells: Container[str]) -> None:
        """Undo `set_aside` for some cells.

        Examples
        --------
        >>> talk = Conversation()
        >>> talk.restore([Turn([], "a")])
        >>> talk.set_aside({"a"})
        >>> talk.bring_back({"a", "b"})
        >>> [turn.owner for turn in talk]
        ['a']
        """
        for turn in [turn for turn in self._aside if cell_of(turn.owner) in cells]:
            self._aside.remove(turn)
            if self.owned_by(turn.owner) is None:
                self._insert(turn)
                self._mark_stale()

    def choose(self, turn: Turn, version: int) -> None:
        """Select a version of a turn; turns that followed another version become stale.

        Raises
        ------
        IndexError
            If the turn has no such version.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> first = chat.send("echo: Hello").result()
        >>> talk = chat.conversation
        >>> [turn] = talk
        >>> _ = talk.record(turn.user, chat.send("echo: Bye", alone=True).result(), turn=turn)
        >>> talk.choose(turn, 0)
        >>> turn.answer is first
        True
        """
        if not 0 <= version < len(turn.versions):
            raise IndexError(
                f"The turn has {len(turn.versions)} versions; version {version + 1} does not exist."
            )
        if version != turn.active:
            self._activate(turn, version)
            self._tell(Change("turn", turn))

    def touch(self, turn: Turn) -> None:
        """Let views draw a turn again, of which something besides its text has changed, such as a rating.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> first = chat.send("echo: Hello").result()
        >>> talk = chat.conversation
        >>> unsubscribe = talk.subscribe(lambda change: print(change.kind))
        >>> [turn] = talk
        >>> talk.touch(turn)
        turn
        """
        self._tell(Change("turn", turn))

    def remove(self, turns: Sequence[Turn]) -> None:
        """Remove turns; those after the first of them become stale.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> first = chat.send("echo: Hello").result()
        >>> talk = chat.conversation
        >>> talk.remove(list(talk)[-1:])
        >>> len(talk)
        0
        """
        for turn in turns:
            self._turns.remove(turn)
            self._tell(Change("removed", turn))
            self._mark_stale()  # last: a view finds the other turns by their index

    def clear(self) -> None:
        """Remove all turns; the system message and the examples stay.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> first = chat.send("echo: Hello").result()
        >>> talk = chat.conversation
        >>> talk.clear()
        >>> len(talk)
        0
        """
        self._turns, self._aside = [], []
        self._tell(Change("cleared"))

    def restore(self, turns: Sequence[Turn]) -> None:
        """Replace all turns: undoes `clear` and `remove`.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> first = chat.send("echo: Hello").result()
        >>> talk = chat.conversation
        >>> turns = list(talk)
        >>> talk.clear()
        >>> talk.restore(turns)
        >>> len(talk)
        1
        """
        self._aside = []
        self._replace(self._order.arranged(turns))

    def prepend(self, turns: Sequence[Turn]) -> None:
        """Insert turns before the existing ones, which become stale: they were answered without them.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> first = chat.send("echo: Hello").result()
        >>> talk = chat.conversation
        >>> later = Chat("demo").conversation
        >>> later.prepend(tuple(talk))
        >>> len(later)
        1
        """
        self.restore([*turns, *self._turns])

    def copy(self) -> Conversation:
        """A copy of the conversation with the same turns.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> first = chat.send("echo: Hello").result()
        >>> talk = chat.conversation
        >>> twin = talk.copy()
        >>> talk.clear()
        >>> len(talk), len(twin)
        (0, 1)
        """
        twin = Conversation(self._system, self._examples)
        twin._order = self._order
        twin._turns = [replace(turn, versions=list(turn.versions), id=new_id()) for turn in self]
        return twin

    def _insert(self, turn: Turn) -> Turn:
        """Add a turn at its place; turns below it become stale if they were asked without it."""
        at = self._order.index(turn.owner, self._turns)
        if at == len(self._turns):
            self._turns.append(turn)
        else:
            self._replace([*self._turns[:at], turn, *self._turns[at:]])
        self._tell(Change("turn", turn))
        return turn

    def _replace(self, turns: list[Turn]) -> None:
        self._turns = turns
        self._newly_marked()
        self._tell(Change("restored"))

    def _activate(self, turn: Turn, version: int) -> None:
        turn.active = version
        self._mark_stale(but=turn)

    def _mark_stale(self, but: Turn | None = None) -> None:
        """Mark the turns that are stale now, and tell of those that were not, or no longer are."""
        for turn in self._newly_marked():
            if turn is not but:
                self._tell(Change("turn", turn))

    def _newly_marked(self) -> list[Turn]:
        """Mark the turns that are stale now; returns those whose mark has changed."""
        changed = []
        shown: list[object] = []
        for turn in self._turns:
            stale = bool(turn.versions) and not _same(turn.versions[turn.active].followed, shown)
            if stale != turn.stale:
                turn.stale = stale
                changed.append(turn)
            shown.append(turn.shown)
        return changed

    def _tell(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)


def _same(left: Sequence[object], right: Sequence[object]) -> bool:
    return len(left) == len(right) and all(map(operator.is_, left, right))
