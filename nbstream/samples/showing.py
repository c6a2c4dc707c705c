"""Shows several answers in one output: the first as it arrives, then all of them as its versions."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from nbstream.conversation.versions import other_versions, saved_output
from nbstream.recording.sample_group import SampleGroup
from nbstream.reply import Reply
from nbstream.views import host
from nbstream.views.base import Pages, View
from nbstream.views.displayed import update_displayed
from nbstream.views.figures import figures
from nbstream.views.static import StaticView
from nbstream.views.terminal import TerminalView

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from nbstream.samples.samples import Samples

__all__ = ["SamplesShowing"]


@runtime_checkable
class KeepsOthers(Protocol):
    """A live view, whose output is saved before its answer has ended."""

    def keep_others(self, others: Sequence[Mapping[str, Any]]) -> None:
        """Save other versions with the unfinished answer."""


class SamplesShowing:
    """The output of several answers.

    Parameters
    ----------
    samples
        The answers.
    group
        Their numbers.
    """

    def __init__(self, samples: Samples, group: SampleGroup) -> None:
        self._samples = samples
        self._group = group
        self._execution = host.execution()
        self._awaited = False
        self._handle: DisplayHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def is_current(self) -> bool:
        """Whether the running cell has shown the answers already."""
        return self._execution is not None and self._execution == host.execution()

    def open(self, *, awaited: bool = False) -> None:
        """Show them, on a view that fits the front end of the running cell."""
        self._awaited = awaited
        for reply in self._samples:
            reply.inspect().serve()
        view = host.open_view(_All(self._samples), ended=self._samples.done, awaited=awaited)
        self._task = asyncio.get_running_loop().create_task(self._follow(view), name="nbstream-samples")

    async def written(self) -> None:
        """Wait until the output is complete."""
        if self._task is not None and self._task is not asyncio.current_task():
            await asyncio.wait([self._task])

    async def _follow(self, view: View) -> None:
        if isinstance(view, TerminalView):
            await self._write(self._samples)
        elif isinstance(view, StaticView):
            await self._keep(view.once)
        else:
            self._samples[0].showing.attach(view)
            await _each_end(self._samples, lambda: self._update(view))

    async def _write(self, replies: Sequence[Reply]) -> None:
        """Write the answers to a terminal one after the other, each from where it is by then."""
        for number, reply in enumerate(replies, 1):
            sys.stdout.write(f"[Answer {number} of {len(replies)}]\n")
            reply.showing.attach(TerminalView(reply, asks=False))
            await reply.wait()
            sys.stdout.write("\n")
        sys.stdout.write(f"[{figures({'samples': self._group.as_json()})}]\n")

    async def _keep(self, once: bool) -> None:
        """Display the output that stays, after each answer or only at the end."""
        await _each_end(self._samples, (lambda: None) if once else self._display)
        self._display()

    def _display(self) -> None:
        from IPython.display import display

        data, metadata = self._output()
        if self._handle is None:
            self._handle = display(data, metadata=metadata, raw=True, display_id=True)
        else:
            self._handle.update(data, metadata=metadata, raw=True)

    def _update(self, view: View) -> None:
        """Save the answers that have ended, beside the first as long as that is shown live."""
        first, turn = self._samples[0], self._samples.turn
        if first.done:
            update_displayed(first.state, *self._output())
        elif isinstance(view, KeepsOthers):
            view.keep_others(other_versions(turn, first.about.version))

    def _output(self) -> tuple[dict[str, Any], dict[str, Any]]:
        self._samples.settle_choice()
        raised = self._awaited and self._samples.error is not None
        return saved_output(self._samples.turn, raised=raised) or ({}, {})


async def _each_end(replies: Sequence[Reply], then: Any) -> None:
    """Call a function whenever one of the replies has ended."""
    for end in asyncio.as_completed([reply.wait() for reply in replies]):
        await end
        then()


class _All:
    """The commands of a view that shows the first of several answers: Stop stops all."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def inspect(self) -> Pages:
        return self._samples[0].inspect()

    def stop(self, by: Literal["user", "interrupt"] = "user") -> None:
        self._samples.stop(by)

    def approve(self, call: str, *, allow: bool = True) -> None:
        self._samples[0].approve(call, allow=allow)

    def rate(self, score: Literal[1, 0, -1], note: str = "") -> None:
        self._samples[0].rate(score, note)
