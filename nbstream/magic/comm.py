"""Commands about the answers of cells, which the views of saved answers send on a comm.

- ``choose {cell, version}``: make that version of the cell's answer the one that counts. Returns the output
  that shows it, as ``{data, metadata}``.
- ``output {cell, reply}``: return the output that shows this answer now, in the same form.
- ``continue {cell, reply}``: the next run of the cell continues that answer, as long as the comm is open.
- ``rate {cell, reply, score, note}``: rate that answer (`Reply.rate`). Returns the output that shows it.
- ``choices``: the models and chats that are known here, without a request to a provider. Returns ``{models:
  [names], chats: [names]}``.
- ``lookup {expressions: [[variable of --over or "", source], …]}``: look up the names in expressions of
  prompts, which are not evaluated. Returns ``{problems: [a sentence, or null, …]}``.
- ``stop``: stop every answer that this kernel streams, keeping its text.
- ``order {cells}``: the ids of the notebook's code cells, from top to bottom. Turns take the order of their
  cells; those of deleted cells are left out until the cell is back.
- ``chats``: list all chats with turns. Returns ``{chats: [{name, current, turns: [{cell, prompt, status,
  stale, versions}]}], process}``. After each change ``{t: "chats", data}`` follows with the same fields,
  until the page closes the comm.
- ``restore {answers: [{cell, source, data, metadata}, …]}``: answers of an earlier kernel, of cells from top
  to bottom with their outputs, become turns. Returns ``{turns: their number}``.
- ``watch {answers: [[id of a cell, id of its reply], …]}``: the answers that the notebook shows. Returns
  ``{stale: [ids of cells], loaded: [ids of cells whose turns of an earlier session were loaded], process:
  beginning of the ids of this kernel's replies}``. Whenever one of the lists changes, ``{t: "watched",
  data}`` follows with the same fields, until the page closes the comm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nbstream.protocol.comm import CommChannel, HandlersFor
from nbstream.protocol.command import Command, CommandError, Result
from nbstream.protocol.dispatch import Handlers
from nbstream.recording.state import PROCESS

if TYPE_CHECKING:
    from nbstream.conversation.conversation import Turn
    from nbstream.magic.session import Session

__all__ = ["cell_commands"]

_NOT_KNOWN = "The kernel no longer has this answer."


def cell_commands(session: Callable[[], Session], variables: Callable[[], Mapping[str, Any]]) -> HandlersFor:
    """Makes the handlers of one comm, on the chats of one session and the variables of its notebook."""

    def handlers(channel: CommChannel) -> Handlers:
        commands = _CellCommands(channel, session)
        return {
            "choose": commands.choose,
            "output": commands.output,
            "continue": commands.continue_reply,
            "rate": commands.rate,
            "choices": commands.choices,
            "lookup": lambda command: _lookup(command, variables()),
            "stop": commands.stop,
            "order": commands.order,
            "chats": commands.chats,
            "restore": commands.restore,
            "watch": commands.watch,
        }

    return handlers


class _CellCommands:
    def __init__(self, channel: CommChannel, session: Callable[[], Session]) -> None:
        self._channel = channel
        self._session = session
        self._sent: dict[str, Any] = {}

    def choose(self, command: Command) -> Result:
        return _output(self._session().choose(command.text("cell"), command.integer("version")))

    def output(self, command: Command) -> Result:
        return _output(self._session().turn_shown(command.text("cell"), command.text("reply")))

    def continue_reply(self, command: Command) -> None:
        cell = command.text("cell")
        continuations = self._session().continuations
        continuations.schedule(cell, command.text("reply"))
        self._channel.on_close(lambda: continuations.cancel(cell))

    def rate(self, command: Command) -> Result:
        from nbstream.conversation.versions import output_of
        from nbstream.reply_log.journal import journal

        cell, name = command.text("cell"), command.text("reply")
        reply = journal.find(name)
        if reply is None:
            raise CommandError(_NOT_KNOWN)
        reply.rate(command.score("score"), command.text("note"))
        data, metadata = output_of(reply, self._session().turn_with(cell, name))
        return Result({"data": data, "metadata": metadata})

    def choices(self, _: Command) -> Result:
        from nbstream.magic.choices import chat_choices, model_choices

        session = self._session()
        whole = [name for name in model_choices(session) if not name.endswith(":")]
        return Result({"models": whole, "chats": chat_choices(session)})

    def stop(self, _: Command) -> None:
        """Also those that no magic requested, as in a `ChatWidget`."""
        from nbstream.reply_log.journal import journal

        self._session().stop()
        for reply in journal.running():
            reply.stop()

    def order(self, command: Command) -> None:
        from nbstream.views import host

        self._session().arrange(host.sender(), command.texts("cells"))

    def chats(self, _: Command) -> Result:
        from nbstream.magic.chat_list import ChatList

        chats = ChatList(self._session(), lambda data: self._channel.send({"t": "chats", "data": data}))
        self._channel.on_close(chats.end)
        return Result(chats.sent)

    def restore(self, command: Command) -> Result:
        from nbstream.magic.restoring import restore

        answers = command.arguments.get("answers")
        if not isinstance(answers, list):
            raise CommandError("The command 'restore' needs a list 'answers'.")
        return Result({"turns": restore(self._session(), answers)})

    def watch(self, command: Command) -> Result:
        session = self._session()
        session.note_shown(dict(_pairs(command.arguments.get("answers"))))
        self._sent = self._watched(session.stale_cells())
        self._channel.on_close(session.watch(self._send_changes))
        return Result(self._sent)

    def _watched(self, stale: list[str]) -> dict[str, Any]:
        return {"stale": stale, "loaded": self._session().loaded_cells(), "process": PROCESS}

    def _send_changes(self, stale: list[str]) -> None:
        watched = self._watched(stale)
        if watched != self._sent:
            self._sent = watched
            self._channel.send({"t": "watched", "data": watched})


def _output(turn: Turn | None) -> Result:
    from nbstream.conversation.versions import saved_output

    output = saved_output(turn) if turn else None
    if output is None:
        raise CommandError(_NOT_KNOWN)
    return Result({"data": output[0], "metadata": output[1]})


def _lookup(command: Command, variables: Mapping[str, Any]) -> Result:
    from nbstream.magic.lookup import problems_of

    return Result({"problems": problems_of(_pairs(command.arguments.get("expressions")), variables)})


def _pairs(given: object) -> list[tuple[str, str]]:
    """Pairs of texts; invalid ones are omitted."""
    pairs: list[Any] = given if isinstance(given, list) else []
    return [(pair[0], pair[1]) for pair in pairs if _is_pair(pair)]


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and [type(part) for part in pair] == [str, str]
