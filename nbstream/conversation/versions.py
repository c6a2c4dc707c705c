"""The versions of a turn, as the output that shows one of them keeps the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nbstream.conversation.conversation import Turn
from nbstream.conversation.exchange import Exchange
from nbstream.record.sample_group import SampleGroup
from nbstream.record.task import Gate
from nbstream.reply import Reply
from nbstream.views.beside import fit_images
from nbstream.views.snapshot import ReplyInfo, saved_version
from nbstream.views.static import bundle

__all__ = ["new_version", "other_versions", "saved_output"]

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
    about = replace(answer.about, others=other_versions(turn, turn.active), stale=turn.stale, raised=raised)
    return bundle(answer.state, about)


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
