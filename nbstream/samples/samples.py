"""`Samples`: several answers to one prompt, each of them an ordinary reply."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from nbstream._util.coroutine import CoroutineLike
from nbstream._util.running import loop_is_running, run_to_end
from nbstream.conversation.conversation import Conversation, Turn
from nbstream.errors import ArgumentError, NbstreamError, RequestTimeoutError, StateError
from nbstream.recording.sample_group import SampleGroup
from nbstream.reply import Reply
from nbstream.types.usage import Usage

if TYPE_CHECKING:
    from nbstream.samples.showing import SamplesShowing

__all__ = ["Samples"]


class Samples(CoroutineLike["Samples"], Sequence[Reply]):
    """Answers to the same prompt: what `Chat.sample` returns.

    A sequence of replies. Await it, or display it. One that fails does not affect the others. The answers are
    versions of one turn, and the conversation continues from the chosen one: the first that does not fail,
    unless you choose another.

    Parameters
    ----------
    replies
        The replies.
    turn
        The turn that they are versions of.
    conversation
        The conversation of the turn.
    group
        What a saved answer knows of the others.

    Examples
    --------
    >>> import asyncio
    >>> from nbstream import Chat
    >>> async def main():
    ...     samples = await Chat("demo:nbstream-demo-fast").sample("echo: Yes", n=3, seed=7)
    ...     return samples.summary, [reply.params["seed"] for reply in samples]
    >>> asyncio.run(main())
    ('3 answers, 1 distinct', [7, 8, 9])
    """

    def __init__(
        self, replies: Sequence[Reply], turn: Turn, conversation: Conversation, group: SampleGroup
    ) -> None:
        super().__init__()
        self._replies = tuple(replies)
        self._turn = turn
        self._conversation = conversation
        self._group = group
        self._first = turn.active
        self._showing: SamplesShowing | None = None

    @overload
    def __getitem__(self, index: int) -> Reply: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Reply, ...]: ...
    def __getitem__(self, index: int | slice) -> Reply | tuple[Reply, ...]:
        return self._replies[index]

    def __len__(self) -> int:
        return len(self._replies)

    def __iter__(self) -> Iterator[Reply]:
        return iter(self._replies)

    def __repr__(self) -> str:
        return f"<Samples: {self.summary}>"

    @property
    def turn(self) -> Turn:
        """The turn that the answers are versions of."""
        return self._turn

    @property
    def chosen(self) -> Reply:
        """The answer that the conversation continues from."""
        answer = self._turn.answer
        return answer if isinstance(answer, Reply) else self._replies[0]

    @property
    def summary(self) -> str:
        """How many answers there are and how many of them are distinct, and what happened to the others."""
        return self._group.summary

    @property
    def counts(self) -> Counter[str]:
        """How often each text was the answer: those that finished, without white space at their ends.

        Examples
        --------
        >>> from nbstream import Chat
        >>> samples = Chat("demo:nbstream-demo-fast").sample("echo: Yes", n=2).result()
        >>> [(text.splitlines()[-1], count) for text, count in samples.counts.most_common()]
        [('Yes', 2)]
        """
        return self._group.counts

    @property
    def usage(self) -> Usage | None:
        """The tokens of all answers together; None if no server reported any."""
        return self._group.usage

    @property
    def done(self) -> bool:
        """Whether all answers have ended."""
        return all(reply.done for reply in self._replies)

    @property
    def error(self) -> NbstreamError | None:
        """The error of the first answer, if all of them failed."""
        errors = [reply.error for reply in self._replies]
        return errors[0] if all(errors) else None

    def choose(self, index: int) -> None:
        """Continue the conversation from this answer.

        Raises
        ------
        ArgumentError
            If there is no such answer.
        StateError
            If the answers are not part of the conversation: they were requested with ``alone=True``, or their
            turn was removed.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> samples = chat.sample("echo: Yes", n=2).result()
        >>> samples.choose(1)
        >>> samples.chosen is samples[1]
        True
        """
        if not 0 <= index < len(self._replies):
            raise ArgumentError(f"There are {len(self)} answers; {index} is not the index of one.")
        if not self._is_kept:
            raise StateError(
                "These answers are not part of the conversation.", advice="Sample without alone=True."
            )
        self._conversation.choose(self._turn, self._first + index)

    # --- waiting for them

    async def wait(self) -> None:
        """Wait until all answers have ended. Unlike ``await samples``, this never raises an error of one.

        Examples
        --------
        >>> import asyncio
        >>> from nbstream import Chat
        >>> samples = Chat("demo:nbstream-demo-fast").sample("demo:error-500", n=2)
        >>> asyncio.run(samples.wait())
        >>> samples.summary
        '0 answers, 2 failed'
        """
        await asyncio.gather(*(reply.wait() for reply in self._replies))
        self.settle_choice()
        if self._showing is not None:
            await self._showing.written()

    def __await__(self) -> Generator[Any, None, Samples]:
        return self._finished().__await__()

    def result(self, timeout: float | None = None) -> Samples:
        """Wait for all answers in plain code. Asynchronous code awaits them.

        Parameters
        ----------
        timeout
            Seconds to wait at most. After them the answers are stopped.

        Raises
        ------
        RequestTimeoutError
            If they took longer than `timeout`.
        NbstreamError
            The error of the first, if all failed.
        StateError
            If an event loop is running, as in a notebook.

        Examples
        --------
        >>> from nbstream import Chat
        >>> samples = Chat("demo:nbstream-demo-fast").sample("echo: Yes", n=2).result(timeout=60)
        >>> samples.done
        True
        """
        if not self.done:
            if loop_is_running():
                raise StateError(
                    "result() would block the running event loop.", advice="Write `await samples`."
                )
            run_to_end(self._finished_within(timeout))
        return self._checked()

    def stop(self, by: Literal["user", "interrupt"] = "user") -> None:
        """Stop all answers that have not ended, and keep their text. Safe to call from any thread.

        Examples
        --------
        >>> from nbstream import Chat
        >>> samples = Chat("demo").sample("Tell me a long story", n=2)
        >>> samples.stop()
        >>> samples.summary
        '0 answers, 2 stopped'
        """
        for reply in self._replies:
            reply.stop(by)

    def close(self) -> None:
        """Stop the answers, as `stop` does."""
        self.stop()

    async def _finished(self) -> Samples:
        try:
            await self.wait()
        except asyncio.CancelledError:
            self.stop(by="interrupt")
            raise
        return self._checked()

    async def _finished_within(self, seconds: float | None) -> None:
        try:
            await asyncio.wait_for(self.wait(), seconds)
        except TimeoutError:
            self.stop()
            await self.wait()
            raise RequestTimeoutError(
                f"The answers took longer than {seconds:g} seconds and were stopped.",
                advice=f"Received: {self.summary}.",
            ) from None
        except asyncio.CancelledError:
            self.stop(by="interrupt")
            await self.wait()
            raise KeyboardInterrupt from None

    def _checked(self) -> Samples:
        if self.error is not None:
            raise self.error.with_traceback(None)
        return self

    def settle_choice(self) -> None:
        """Choose the first answer in order that finished, unless another was chosen.

        Answers that still stream are waited for, so that the choice does not depend on which one is faster.
        """
        ended = itertools.takewhile(lambda reply: reply.done, self._replies)
        index = next((index for index, reply in enumerate(ended) if reply.status == "finished"), 0)
        if self._turn.active != self._first or not index:
            return
        if self._is_kept:
            self.choose(index)
        else:
            self._turn.active = index

    @property
    def _is_kept(self) -> bool:
        """Whether the conversation has their turn."""
        return any(turn is self._turn for turn in self._conversation)

    # --- showing them

    def show(self, *, awaited: bool = False) -> None:
        """Show the first answer as it arrives, then all of them as versions. A script waits for their end.

        Parameters
        ----------
        awaited
            As of `Reply.show`.

        Examples
        --------
        >>> from nbstream import Chat
        >>> Chat("demo:nbstream-demo-fast").sample("echo: Yes", n=2).show()  # doctest: +ELLIPSIS
        [Answer 1 of 2]
        ...
        """
        if not loop_is_running():
            run_to_end(self._shown())
            return
        from nbstream.samples.showing import SamplesShowing

        self._showing = SamplesShowing(self, self._group)
        self._showing.open(awaited=awaited)

    def _ipython_display_(self) -> None:
        """Display as the value of a cell, unless the same execution has already shown it."""
        if self._showing is None or not self._showing.is_current():
            self.show()

    async def _shown(self) -> None:
        self.show()
        await self._finished_within(None)
