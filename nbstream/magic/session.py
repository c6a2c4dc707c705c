"""The shared state of one IPython shell: settings, routes, named chats, running replies."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from nbstream.chat import Chat
from nbstream.client.route import Route
from nbstream.client.router import Router
from nbstream.client.target import Target, check_provider
from nbstream.config import NBStream
from nbstream.conversation.conversation import Turn, Version
from nbstream.conversation.order import cell_of, numbered
from nbstream.conversation.preview import Preview
from nbstream.conversation.versions import saved_output
from nbstream.errors import ArgumentError, NbstreamError
from nbstream.magic.args import ChatOptions
from nbstream.magic.comparing import comparison_of
from nbstream.magic.continuations import Continuations
from nbstream.magic.documents import Documents
from nbstream.prompts import FilledPrompt
from nbstream.recording.state import PROCESS
from nbstream.reply import Reply
from nbstream.samples import Samples
from nbstream.types.attachments import Prepared
from nbstream.views import host
from nbstream.views.displayed import update_displayed

if TYPE_CHECKING:
    from nbstream.batching import Batch
    from nbstream.batching.row_prompt import BatchPrompt
    from nbstream.batching.table import RowTable
    from nbstream.comparison import Comparison
    from nbstream.comparison.grid.cell import Cell

__all__ = ["MAIN_CHAT", "Session"]

MAIN_CHAT = "main"


class Session:
    """The shared state of the magics of one shell.

    Parameters
    ----------
    settings
        Defaults of every chat; those of the configuration by default.

    Attributes
    ----------
    alone : Reply, Samples or None
        The last answer, if it belongs to no chat (``--alone``).
    documents : Documents
        The notebooks whose pages have reported the order of their cells.
    """

    def __init__(self, settings: NBStream | None = None) -> None:
        self.router = Router(settings)
        self.chats: dict[str, Chat] = {}
        self.current = MAIN_CHAT
        self.known_models: dict[str, list[str]] = {}
        self.continuations = Continuations()
        self.alone: Reply | Samples | None = None
        self.documents = Documents()
        self._asked: dict[str, tuple[str | None, int]] = {}
        self._homes: dict[str, Chat] = {}
        self._from_before: set[str] = set()
        self._watchers: list[Callable[[list[str]], None]] = []
        self._telling = False
        self._shown_stale: set[str] = set()
        self._replies: weakref.WeakSet[Reply] = weakref.WeakSet()
        self._comparisons: weakref.WeakSet[Comparison] = weakref.WeakSet()
        self._compared: weakref.WeakKeyDictionary[Comparison, Turn] = weakref.WeakKeyDictionary()
        self._batches: weakref.WeakSet[Batch] = weakref.WeakSet()

    def chat(self, name: str | None = None) -> Chat:
        """The chat with this name, created if needed; the one in use by default."""
        name = name or self.current
        if name not in self.chats:
            self.add(name, Chat(router=self.router))
        return self.chats[name]

    def add(self, name: str, chat: Chat) -> None:
        """Add a chat under a name."""
        self.chats[name] = chat
        chat.name_in_usage(name)
        chat.conversation.follow(self.documents.order)
        chat.conversation.subscribe(lambda _: self._changed())

    def existing(self, name: str | None = None) -> tuple[str, Chat]:
        """Name and chat, the one in use by default.

        Raises
        ------
        ArgumentError
            If there is none with this name; lists the existing ones.
        """
        name = name or self.current
        if name not in self.chats:
            known = ", ".join(sorted(self.chats)) or "none so far"
            raise ArgumentError(f"There is no chat named {name!r}.", advice=f"Chats: {known}.")
        return name, self.chats[name]

    def ask(self, prompt: str | FilledPrompt | Prepared, options: ChatOptions) -> Reply:
        """Send a prompt to the chat that the options name."""
        chat = self._with_system(options, keep=not options.alone)
        self._settle(options.owner, chat, alone=options.alone)
        reply = chat.send_with(prompt, options)
        self._replies.add(reply)
        self.alone = reply if options.alone else None
        return reply

    def sample(self, prompt: str | FilledPrompt | Prepared, options: ChatOptions, n: int) -> Samples:
        """Request several answers from the chat that the options name."""
        chat = self._with_system(options, keep=not options.alone)
        self._settle(options.owner, chat, alone=options.alone)
        samples = chat.sample_with(prompt, options, n=n)
        self._replies.update(samples)
        self.alone = samples if options.alone else None
        return samples

    def compare(self, prompt: str | FilledPrompt | Prepared, options: ChatOptions) -> Comparison:
        """Send a prompt to several models, with the earlier turns of the chat that the options name."""
        chat = self._with_system(options, keep=not options.alone)
        comparison = comparison_of(chat, self.router, options, prompt)
        self._comparisons.add(comparison)
        if not options.alone:
            comparison.adopter = lambda cell: self._adopt(comparison, cell, options)
        return comparison

    def batch(self, prompt: BatchPrompt, table: RowTable, options: ChatOptions) -> Batch:
        """Send a prompt for each row of a table, with the settings of the chat that the options name."""
        chat = self._with_system(options, keep=False)
        batch = chat.batch_with(
            prompt,
            table,
            options,
            store=options.store,
            concurrency=options.concurrency or "auto",
            via=options.via or "requests",
            dry_run=options.dry_run,
        )
        self._batches.add(batch)
        return batch

    def adopt(self, comparison: Comparison, options: ChatOptions) -> None:
        """Continue the chat from the first answer that finished, unless the reader has adopted one."""
        cell = next((cell for cell in comparison.cells if cell.status == "finished"), None)
        if cell is not None and not options.alone and comparison not in self._compared:
            self._adopt(comparison, cell, options)

    def _adopt(self, comparison: Comparison, cell: Cell, options: ChatOptions) -> str:
        """Make an answer the one of the comparison's turn; return how to continue."""
        conversation = self.chat(options.chat).conversation
        if cell.reply is not None:
            shown = conversation.turn_of(cell.reply)
            if shown is None:
                self._settle(options.owner, self.chat(options.chat), alone=False)
                before = self._compared.get(comparison)
                earlier = before if any(turn is before for turn in conversation) else None
                question = comparison.question(cell)
                shown = conversation.record(question, cell.reply, owner=options.owner, turn=earlier)
                self._compared[comparison] = shown
            else:
                answers = [version.answer for version in shown.versions]
                conversation.choose(shown, answers.index(cell.reply))
        name = options.chat or self.current
        return f"The next %%chat cell of the chat {name!r} continues from this answer."

    def go_on(self, chat: Chat, reply: Reply | None = None) -> Reply:
        """Continue an answer of a chat, by default its last: `Chat.continue_reply`."""
        continued = chat.continue_reply(reply)
        self._replies.add(continued)
        return continued

    async def preview(self, prompt: str | FilledPrompt | Prepared, options: ChatOptions) -> Preview:
        """What `ask` would send with the same arguments. Nothing is sent or changed."""
        return await self._with_system(options, keep=False).preview_with(prompt, options)

    def _with_system(self, options: ChatOptions, *, keep: bool) -> Chat:
        """The named chat, with the given system message from now on; a copy of it where that is for once."""
        chat = self.chat(options.chat)
        if options.system is None:
            return chat
        chat = chat if keep else chat.fork()
        chat.system = options.system
        return chat

    def next_owner(self, cell: str | None, execution: str | None) -> str | None:
        """The owner of the turn that a cell creates now: a cell with several requests has several turns.

        Parameters
        ----------
        cell
            Id of the cell; None if the front end sends none.
        execution
            Id of this run of the cell.
        """
        if cell is None:
            return None
        ran, last = self._asked.get(cell, (None, 0))
        number = last + 1 if ran == execution else 0
        self._asked[cell] = execution, number
        return numbered(cell, number)

    def arrange(self, page: str, cells: Sequence[str]) -> None:
        """Put all turns into the order of a notebook's cells: the arguments as of `Documents.report`."""
        gone = self.documents.report(page, cells)
        for chat in self.chats.values():
            chat.conversation.follow(self.documents.order)
            chat.conversation.set_aside(gone)
            chat.conversation.bring_back(self.documents.order)

    def forget_cells(self, cells: Iterable[str]) -> None:
        """Set the turns of deleted cells aside in all chats, unless the notebook has the cell again."""
        gone = frozenset(cell for cell in cells if cell not in self.documents.order)
        self.continuations.forget(gone)
        self._from_before -= gone
        for chat in self.chats.values() if gone else ():
            chat.conversation.set_aside(gone)

    def choose(self, cell: str, version: int) -> Turn | None:
        """Select a version of a cell's turn; None if no chat has this turn or version.

        Also None if the cell has several turns (ambiguous).
        """
        chat = self._home(cell) if self._home(numbered(cell, 1)) is None else None
        turn = chat.conversation.owned_by(cell) if chat else None
        if chat is None or turn is None or not 0 <= version < len(turn.versions):
            return None
        chat.conversation.choose(turn, version)
        return turn

    def stale_cells(self) -> list[str]:
        """Cells whose answers were given before an earlier turn changed."""
        return sorted({cell_of(owner) for owner, turn in self._turns_of_cells().items() if turn.stale})

    def turn_shown(self, cell: str, reply: str) -> Turn | None:
        """The turn of a cell whose active version is the reply with this id, if any."""
        turns = (turn for owner, turn in self._turns_of_cells().items() if cell_of(owner) == cell)
        return next((t for t in turns if isinstance(t.answer, Reply) and t.answer.state.id == reply), None)

    def turn_with(self, cell: str, reply: str) -> Turn | None:
        """The turn of a cell that has the reply with this id as a version, if any."""
        turns = (turn for owner, turn in self._turns_of_cells().items() if cell_of(owner) == cell)
        return next((turn for turn in turns if reply in map(_reply_id, turn.versions)), None)

    def note_shown(self, answers: Mapping[str, str]) -> None:
        """Record the replies shown by cells, by their ids; those of an earlier session are counted."""
        self._from_before = {cell for cell, reply in answers.items() if not reply.startswith(PROCESS)}

    def cells_from_before(self) -> list[str]:
        """Cells with an answer of an earlier session, which is not part of any conversation here."""
        return sorted(self._from_before - self._homes.keys() - self._cells_with_turns())

    def loaded_cells(self) -> list[str]:
        """Cells that show an answer of an earlier session, and whose turn was loaded from a file."""
        return sorted(self._from_before & self._cells_with_turns())

    def has_turn(self, cell: str | None) -> bool:
        """Whether a cell has a turn in any chat."""
        return cell in self._cells_with_turns()

    def watch(self, watcher: Callable[[list[str]], None]) -> Callable[[], None]:
        """Call `watcher` with the stale cells after every change of a chat.

        Return an unsubscribe function.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def running(self) -> list[Reply]:
        """Replies that have not ended."""
        compared = [reply for comparison in self._comparisons for reply in comparison.replies]
        return [reply for reply in [*self._replies, *compared] if not reply.done]

    def stop(self) -> int:
        """Stop all running replies, keeping their text; return their number."""
        running = self.running()
        for reply in running:
            reply.stop()
        for comparison in self._comparisons:
            comparison.stop()
        batches = [batch for batch in self._batches if batch.is_running]
        for batch in batches:
            batch.stop()
        return len(running) + len(batches)

    async def models(self, where: str = "") -> tuple[Route, list[str]]:
        """The models of a provider or base URL; of the endpoint in use by default.

        Raises
        ------
        NbstreamError
            If the provider does not exist, or the request fails.
        """
        if where and "://" not in where:
            check_provider(where)
        target = Target(base_url=where) if "://" in where else Target(model=f"{where}:" if where else "")
        route = await self.router.route(target)
        names = await route.client.models()
        self.known_models[route.client.endpoint.provider] = names
        return route, names

    def _cells_with_turns(self) -> set[str]:
        return set(map(cell_of, self._turns_of_cells()))

    def _turns_of_cells(self) -> dict[str, Turn]:
        """The turn of each owner; if several chats have one, that of its last chat."""
        turns: dict[str, Turn] = {}
        for chat in self.chats.values():
            for turn in chat.conversation:
                if turn.owner and (turn.owner not in turns or self._homes.get(turn.owner) is chat):
                    turns[turn.owner] = turn
        return turns

    def _home(self, cell: str | None) -> Chat | None:
        """The chat in which a cell has its turn: where it ran last, if several have one, as after a fork."""
        owners = [chat for chat in self.chats.values() if chat.conversation.owned_by(cell)]
        last = self._homes.get(cell or "")
        return last if last in owners else next(iter(owners), None)

    def _settle(self, cell: str | None, chat: Chat, *, alone: bool) -> None:
        """Remove a cell's turn from the chat that it no longer uses."""
        if cell is None:
            return
        for other in self.chats.values():
            other.conversation.bring_back({cell_of(cell)})
        before = self._home(cell)
        if before is not None and (alone or chat.conversation.owned_by(cell) is None):
            before.conversation.remove([turn for turn in before.conversation if turn.owner == cell])
        self._homes[cell] = chat

    def _changed(self) -> None:
        """Report changes that occur together once: one changed turn makes many stale."""
        if not self._telling:
            self._telling = True
            try:
                asyncio.get_running_loop().call_soon(self._tell)
            except RuntimeError:
                self._tell()

    def _tell(self) -> None:
        self._telling = False
        for watcher in tuple(self._watchers):
            watcher(self.stale_cells())
        if not host.is_captured():
            self._update_outputs()

    def _update_outputs(self) -> None:
        """Update the outputs of answers that have become stale, or are no longer stale."""
        for turn in self._turns_of_cells().values():
            answer = turn.answer
            if not isinstance(answer, Reply) or turn.stale == (answer.state.id in self._shown_stale):
                continue
            if not answer.done:
                if turn.stale:  # its view writes the output at the end, without the mark
                    answer.showing.call_at_end(self._changed)
            else:
                self._shown_stale ^= {answer.state.id}
                update_displayed(answer.state, *(saved_output(turn) or ({}, {})))

    async def endpoint(self) -> Route | NbstreamError:
        """The route of a prompt now, or why there is none."""
        try:
            return await self.router.route(Target())
        except NbstreamError as error:
            return error


def _reply_id(version: Version) -> str:
    return version.answer.state.id if isinstance(version.answer, Reply) else ""
