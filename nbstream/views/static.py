"""The output that stays: what is saved in the notebook, and all that a headless run ever sees.

Exactly one `display_data` where nothing was shown before it (nbval ignores updates of a display), with what
varies from run to run in its metadata.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from nbstream.state import ReplyState
from nbstream.views.base import Controls, Frame, View
from nbstream.views.beside import with_labels
from nbstream.views.markup import excerpt, markdown
from nbstream.views.packing import packed
from nbstream.views.snapshot import REPLY_MIMETYPE, About, provenance, saved_reply

__all__ = ["StaticView", "bundle"]


def bundle(state: ReplyState, about: About, text: str | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Data and metadata of the saved output; `text` is the answer as inert Markdown, if that is there yet."""
    shown = markdown(state, text, raised=about.raised)
    reply = with_labels(saved_reply(state, raised=about.raised))
    own, metadata = packed(reply, provenance(state, about), shown)
    data = {REPLY_MIMETYPE: own, "text/markdown": shown, "text/plain": excerpt(state, raised=about.raised)}
    return data, {"nbstream": metadata}


_TOO_LATE = (
    "The cell has ended before this answer, which therefore is not saved here. "
    "Write await in front of the reply.\n"
)


class StaticView(View):
    """Shows nothing until the reply has ended, then the saved output.

    Parameters
    ----------
    controls
        What is ordered of the reply: calls of tools are refused, for nobody is there to approve them.
    """

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    def open(self, state: ReplyState, elapsed: float) -> None:
        """Wait: a program that executes the notebook sees only what is complete."""

        def check() -> None:
            if not state.ended:
                sys.stderr.write(_TOO_LATE)

        _at_end_of_cell(check)

    def paint(self, frame: Frame) -> None:
        """Wait."""
        for call in frame.tools:
            if call.state == "asking":
                self._controls.approve(call.id, allow=False)

    def close(self, state: ReplyState, about: About) -> None:
        """Display the saved output."""
        from IPython.display import display

        data, metadata = bundle(state, about)
        display(data, metadata=metadata, raw=True)


def _at_end_of_cell(job: Callable[[], None]) -> None:
    """Call `job` once, when the running cell has ended and its output can still be added to."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    events = shell.events

    def ended(_result: object) -> None:
        events.unregister("post_run_cell", ended)
        job()

    events.register("post_run_cell", ended)
