"""Requests several answers to one prompt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from nbstream.conversation.conversation import Conversation, Turn
from nbstream.conversation.exchange import Exchange
from nbstream.conversation.options import RequestOptions
from nbstream.conversation.turns import Version
from nbstream.errors import ArgumentError
from nbstream.recording.sample_group import SampleGroup
from nbstream.reply import Reply
from nbstream.samples.samples import Samples

__all__ = ["DEFAULT_N", "MOST", "request_samples", "sample_options"]

DEFAULT_N = 5
MOST = 50
"""As many as a saved answer has versions."""

NewReply = Callable[[Exchange, Turn | None, SampleGroup, asyncio.Semaphore], Reply]


def _check_count(name: str, value: object, most: int) -> None:
    """See that a number is from 1 to `most`.

    Raises
    ------
    ArgumentError
        If it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise ArgumentError(f"{name}={value!r} is not a number from 1 to {most}.")


def sample_options(options: RequestOptions, seed: object, n: int) -> list[RequestOptions]:
    """The options of `n` requests: each with another seed, and never with the API's ``n``.

    Raises
    ------
    ArgumentError
        If `n` is not a number from 1 to `MOST`.

    Examples
    --------
    >>> [own.request_params for own in sample_options(RequestOptions(params={"n": 3}), 7, 2)]
    [{'seed': 7}, {'seed': 8}]
    """
    _check_count("n", n, MOST)
    counts = isinstance(seed, int) and not isinstance(seed, bool)
    seeds = [{"seed": seed + index} if counts else {} for index in range(n)]  # type: ignore[operator]
    return [replace(options, params={**options.params, "n": None, **own}) for own in seeds]


def request_samples(
    exchanges: list[Exchange],
    conversation: Conversation,
    place: Turn | None,
    new_reply: NewReply,
    concurrency: int,
) -> Samples:
    """Send the requests, and record their answers as versions of one turn.

    Parameters
    ----------
    exchanges
        The requests.
    conversation
        Where their turn is; an answer that stands alone is in none.
    place
        The turn that they are versions of; None for a new one.
    new_reply
        Makes the reply of a request.
    concurrency
        How many are sent at a time.

    Raises
    ------
    ArgumentError
        If `concurrency` is not a positive number.
    """
    _check_count("concurrency", concurrency, 1000)
    gate, group = asyncio.Semaphore(concurrency), SampleGroup()
    first = len(place.versions) if place else 0
    opening = new_reply(exchanges[0], place, group, gate)
    turn = _recorded(exchanges[0], opening, conversation, place)
    replies = [opening]
    for exchange in exchanges[1:]:
        replies.append(new_reply(exchange, turn, group, gate))
        _recorded(exchange, replies[-1], conversation, turn)
    if not exchanges[0].options.alone:
        conversation.choose(turn, first)
    return Samples(replies, turn, conversation, group)


def _recorded(exchange: Exchange, reply: Reply, conversation: Conversation, turn: Turn | None) -> Turn:
    user, options = exchange.context.messages[-1], exchange.options
    if not options.alone:
        return conversation.record(user, reply, owner=options.owner, turn=turn)
    turn = turn or Turn([])
    turn.versions.append(Version(user, reply))
    return turn
