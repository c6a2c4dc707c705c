"""The reports of `%chat`: short texts for notebooks and terminals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nbstream.chat import Chat
from nbstream.client.route import Route
from nbstream.conversation.conversation import Turn
from nbstream.conversation.message_text import message_markdown, message_text
from nbstream.errors import NbstreamError
from nbstream.magic.session import Session
from nbstream.reply import Reply
from nbstream.types.messages import Message
from nbstream.types.usage import Usage
from nbstream.views.inert import inert_markdown, visible

__all__ = ["Report", "history", "models", "status", "with_table"]


@dataclass(frozen=True, slots=True)
class Report:
    """A text with its Markdown form.

    Parameters
    ----------
    plain
        For terminals.
    rich
        Inert Markdown; the plain text by default.
    """

    plain: str
    rich: str = ""

    def __repr__(self) -> str:
        return visible(self.plain)  # models and servers must not drive the terminal

    def _repr_markdown_(self) -> str:
        return self.rich or inert_markdown(self.plain)


def status(session: Session, route: Route | NbstreamError) -> Report:
    """The endpoint in use and why, and all chats."""
    lines = [_where(route), _order(session)]
    running = len(session.running())
    if running:
        lines.append(f"Running answers: {running}")
    earlier = len(session.cells_from_before())
    if earlier:
        shows = "1 cell shows an answer" if earlier == 1 else f"{earlier} cells show answers"
        lines.append(f"{shows} of an earlier session, not part of any conversation here: run them again.")
    rows = [_row(session, name, chat) for name, chat in sorted(session.chats.items())]
    return with_table("\n".join(lines), ("chat", "turns", "tokens"), rows)


def _order(session: Session) -> str:
    """Which order the turns of a chat have."""
    if session.documents:
        return "Turns are in the order of the notebook's cells."
    return (
        "Turns are in the order in which they were first asked: no page has reported the order of the cells."
    )


def models(route: Route, names: list[str]) -> Report:
    """The models of one endpoint."""
    endpoint = route.client.endpoint
    named = endpoint.provider not in {"", endpoint.host}
    who = f"{endpoint.provider} ({endpoint.host})" if named else endpoint.host
    head = f"{who} offers these models:"
    bullets = "\n".join(f"- {name}" for name in names)
    return Report(f"{head}\n{bullets}", f"{inert_markdown(head)}\n\n{inert_markdown(bullets)}")


def history(name: str, chat: Chat) -> Report:
    """A conversation as the next turn will send it, with marks for stale or unsent turns."""
    headed = [(str(message.role), message) for message in chat.conversation.preface()]
    for turn in chat.conversation:
        headed += _headed(turn)
    if not headed:
        return Report(f"Chat {name!r} is empty.")
    messages = [(head, message.as_dict()) for head, message in headed]
    plain = "\n\n".join(f"{head}: {message_text(message)}" for head, message in messages)
    rich = "\n\n".join(f"**{head}**\n\n{message_markdown(message)}" for head, message in messages)
    return Report(plain, rich)


def _headed(turn: Turn) -> list[tuple[str, Message]]:
    """The messages of a turn, each with its role and remarks."""
    messages = turn.messages()
    if not messages:
        status = turn.answer.status
        what = f"the answer {status}" if status == "failed" else f"the answer is {status}"
        return [(f"user (not sent: {what})", turn.user)]
    marks = [turn.answer.status] if turn.answer.status != "finished" else []
    marks += ["stale: an earlier turn has changed since"] if turn.stale else []
    marked = f" ({'; '.join(marks)})" if marks else ""
    return [(m.role + (marked if m.role == "assistant" else ""), m) for m in messages]


def _row(session: Session, name: str, chat: Chat) -> tuple[str, str, str]:
    """Name, turns, and the token usage of all versions, if reported."""
    answers = [version.answer for turn in chat.conversation for version in turn.versions]
    spent = sum((a.usage for a in answers if isinstance(a, Reply) and a.usage), Usage())
    mark = " (in use)" if name == session.current else ""
    tokens = "unknown" if spent.total is None else str(spent.total)
    stale = sum(turn.stale for turn in chat.conversation)
    turns = f"{len(chat.conversation)} ({stale} stale)" if stale else str(len(chat.conversation))
    return name + mark, turns, tokens


def _where(route: Route | NbstreamError) -> str:
    if isinstance(route, NbstreamError):
        return f"No endpoint: {route}"
    endpoint = route.client.endpoint
    kind = "the demo model (scripted text, no language model)" if route.demo else endpoint.host
    if route.local:
        kind = f"{route.local.model.title} on this machine" + _caveat(route.local.model.caveat)
    who = "" if endpoint.provider in {"", kind} else f"{endpoint.provider}: "
    return f"Model {route.model} at {who}{kind}; {route.why}."


def _caveat(text: str) -> str:
    return f" ({text})" if text else ""


def with_table(head: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Report:
    """A text above a table; in plain text a line for each row."""
    if not rows:
        return Report(head)
    named = [zip(columns[1:], row[1:], strict=True) for row in rows]
    facts = [", ".join(f"{column} {value}" for column, value in pairs) for pairs in named]
    plain = "\n".join(f"{row[0]}: {fact}" for row, fact in zip(rows, facts, strict=True))
    table = [columns, ["---" for _ in columns], *rows]
    rich = "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in table)
    return Report(f"{head}\n{plain}", f"{inert_markdown(head)}\n\n{rich}")


def _cell(text: str) -> str:
    return inert_markdown(text).replace("|", "&#124;")
