"""The versions of a turn, as the output that shows one of them keeps the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nbstream.conversation.conversation import Conversation, Turn
from nbstream.conversation.exchange import Exchange
from nbstream.recording.sample_group import SampleGroup
from nbstream.recording.task import Gate
from nbstream.reply import Reply
from nbstream.views import host
from nbstream.views.beside import fit_images
from nbstream.views.displayed import error_is_raised, update_displayed
from nbstream.views.snapshot import ReplyInfo, saved_version
from nbstream.views.static import bundle

__all__ = ["new_version", "output_of", "saved_output", "show_rating"]

_IMAGE_CHARS = 500_000
_KEPT = 9


def new_version(
    exchange: Exchange, turn: Turn | None, group: SampleGroup | None = None, gate: Gate | None = None
) -> Reply:
    """The reply of an exchange: the next version of a turn, or the first of a new one."""
    params = exchange.options.request_params
    number = len(turn.versions) if turn else 0
    about = ReplyInfo(params, number, other_versions(turn), attachments=exchange.attachments, group=group)
    reply = Reply(
        exchange.events,
        about,
        log=exchange.first_events(),
        approve=exchange.approvals.decide,
        capture=exchange.capture,
        sent=exchange.sent,
        gate=gate,
    )
    if group is not None:
        group.states.append(reply.state)
    return reply


def saved_output(turn: Turn, *, raised: bool = False) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Data and metadata of the output that shows a turn: its active version, and the others for the reader.

    The output is marked if the turn is stale; `raised` as of `ReplyInfo`.
    """
    answer = turn.answer
    if not isinstance(answer, Reply):
        return None
    return output_of(answer, turn, raised=raised)


def output_of(
    reply: Reply, turn: Turn | None, *, raised: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Data and metadata of an output that shows a reply, with the other versions of its turn."""
    about = replace(reply.about, raised=raised or error_is_raised(reply.state))
    numbers = [at for at, version in enumerate(turn.versions) if version.answer is reply] if turn else []
    if turn is not None and numbers:
        stale = turn.stale and turn.answer is reply
        about = replace(about, others=other_versions(turn, numbers[0]), stale=stale)
    return bundle(reply.state, about)


def show_rating(reply: Reply, conversation: Conversation | None) -> None:
    """Show the rating of a reply wherever it is shown."""
    turn = conversation.turn_of(reply) if conversation else None
    if conversation is not None and turn is not None:
        conversation.touch(turn)
    # The output of a version that is not active may show the active one by now.
    if (turn is None or turn.answer is reply) and not host.is_captured():
        group = reply.about.group
        for state in {reply.state, *(group.states if group else ())}:  # they share an output
            update_displayed(state, *output_of(reply, turn))


def other_versions(turn: Turn | None, but: int | None = None) -> list[dict[str, Any]]:
    """The other versions of a turn, by number, to be saved with one version."""
    answers = enumerate(version.answer for version in turn.versions) if turn else ()
    replies = [(number, answer) for number, answer in answers if isinstance(answer, Reply) and number != but]
    shown = turn.answer if turn and turn.versions else None
    groups = {answer.about.group for _, answer in replies[-_KEPT:]}
    groups |= {shown.about.group} if isinstance(shown, Reply) else set()
    together = [at for at, (_, answer) in enumerate(replies) if answer.about.group in groups - {None}]
    last = replies[min([max(0, len(replies) - _KEPT), *together]) :]
    kept = [{"version": number, **saved_version(reply.state, reply.about)} for number, reply in last]
    for version in kept:
        fit_images(version["reply"], _IMAGE_CHARS)
    return kept
