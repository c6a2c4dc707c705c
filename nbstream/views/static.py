"""The final output: saved in the notebook, and the only output of a headless run.

Exactly one output: a `display_data`, which is updated where the answer takes longer than a few seconds. A
program that compares outputs (nbval) ignores updates, so it sees only complete answers. What varies from
run to run is in the metadata.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nbstream._util.browser import to_page
from nbstream.recording.state import ReplyState
from nbstream.views.answer_text import AnswerText
from nbstream.views.base import Frame, ReplyCommands, View
from nbstream.views.beside import with_labels
from nbstream.views.beside_text import sent_lines
from nbstream.views.displayed import note_displayed
from nbstream.views.inert.characters import literal
from nbstream.views.markup import excerpt, markdown
from nbstream.views.packing import packed
from nbstream.views.refreshing import Refresher
from nbstream.views.snapshot import REPLY_MIMETYPE, ReplyInfo, provenance, saved_reply

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

__all__ = ["StaticView", "bundle"]

REFRESH_SECONDS = 2.0
REFRESH_GROWTH = 1.6


def bundle(
    state: ReplyState, about: ReplyInfo, text: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Data and metadata of the saved output; `text` is the answer as inert Markdown, if that is there yet."""
    group = about.group.summary if about.group else ""
    lines = [line for line in (group, *sent_lines(state, about.attachments)) if line]
    shown = _joined(
        markdown(state, text, raised=about.raised, stale=about.stale),
        *(f"*{literal(line)}*" for line in lines),
    )
    saved = saved_reply(state, raised=about.raised, stale=about.stale, attachments=about.attachments)
    reply = with_labels(saved)
    own, metadata = packed(reply, provenance(state, about), shown)
    short = excerpt(state, raised=about.raised, stale=about.stale)
    short = _joined(short, *(f"[{line}]" for line in lines))
    data = {REPLY_MIMETYPE: own, "text/markdown": shown, "text/plain": short}
    return to_page(data), to_page({"nbstream": metadata})


def _joined(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


_TOO_LATE = "The cell ended before this answer, so it is not saved here. Await the reply.\n"


class StaticView(View):
    """Shows the saved output when the reply has ended, and the partial answer of a slow one before.

    Parameters
    ----------
    commands
        Commands on the reply: tool calls are refused, because nobody can approve them.
    once
        Whether to display nothing before the end.
    late
        Whether the output may come after the end of the cell, as from the callback of a widget.
    """

    def __init__(self, commands: ReplyCommands, *, once: bool = False, late: bool = False) -> None:
        self._commands = commands
        self.once = once
        self._late = late
        self._handle: DisplayHandle | None = None

    def open(self, state: ReplyState, elapsed: float, about: ReplyInfo) -> None:
        """Schedule a copy, so that a kernel that dies in mid-stream does not lose the answer."""
        self._state, self._about = state, about
        self._text = AnswerText(state)
        self._refresher = Refresher(self._show_unfinished, REFRESH_SECONDS, REFRESH_GROWTH)
        if not self._late:
            _at_end_of_cell(self._warn_if_late)

    def paint(self, frame: Frame) -> None:
        """Record that there is more to show."""
        if not self.once:
            self._refresher.changed()
        for call in frame.tools:
            if call.state == "asking":
                self._commands.approve(call.id, allow=False)

    def close(self, state: ReplyState, about: ReplyInfo) -> None:
        """Display the saved output."""
        self._refresher.stop()
        self._show(*bundle(state, about))

    def _warn_if_late(self) -> None:
        if not self._state.ended:
            sys.stderr.write(_TOO_LATE)

    def _show_unfinished(self) -> None:
        self._show(*bundle(self._state, self._about, self._text.draft()))

    def _show(self, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        from IPython.display import display

        if self._handle is not None:
            self._handle.update(data, metadata=metadata, raw=True)
        elif self._state.ended and not self._late:
            display(data, metadata=metadata, raw=True)
        else:
            self._handle = display(data, metadata=metadata, raw=True, display_id=True)
        if self._handle is not None and self._state.ended:
            note_displayed(self._state, self._handle, raised=self._about.raised)


def _at_end_of_cell(job: Callable[[], None]) -> None:
    """Call `job` once, when the running cell has ended but its output can still be extended."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    events = shell.events

    def ended(_result: object) -> None:
        events.unregister("post_run_cell", ended)
        job()

    events.register("post_run_cell", ended)
