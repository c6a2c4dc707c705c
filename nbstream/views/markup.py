"""The state of a reply as text for readers without our front end. Pure functions.

`markdown` is what a saved notebook shows on GitHub, in nbconvert and in a JupyterLab without the extension;
it is inert (`nbstream.views.inert`). `plain` is the same for terminals and diffs.
"""

from __future__ import annotations

from nbstream.state import ReplyState
from nbstream.views.inert import inert_markdown
from nbstream.views.inert.characters import visible
from nbstream.views.snapshot import saved_reply

__all__ = ["footer", "markdown", "plain", "remarks"]


def remarks(state: ReplyState) -> list[str]:
    """What a reader must know about the answer besides its text, one sentence each.

    The same from run to run: a cut by length, a stop, an error; no timings.
    """
    saved = saved_reply(state)
    lines = [notice["text"] for notice in saved["notices"]]
    if state.status == "stopped":
        lines.append("Stopped before the answer was complete.")
    if state.error is not None:
        lines.append(f"{type(state.error).__name__}: {state.error}")
    return lines


def markdown(state: ReplyState) -> str:
    """The answer as inert Markdown, with the remarks in italics below it."""
    parts = [inert_markdown(state.text).rstrip()]
    parts += [f"*{_escaped(line)}*" for line in remarks(state)]
    return "\n\n".join(part for part in parts if part)


def plain(state: ReplyState) -> str:
    """The answer as it came, with the remarks in brackets below it."""
    parts = [state.text.rstrip(), *(f"[{line}]" for line in remarks(state))]
    return "\n\n".join(part for part in parts if part)


def footer(state: ReplyState) -> str:
    """One line of figures: model, time to first token, rate, tokens, reason of the end."""
    route, timings, usage = state.route, state.timings, state.usage
    parts = [state.model or (route.model if route else "")]
    if timings.ttft is not None:
        parts.append(f"{timings.ttft:.2f} s to first token")
    if timings.tokens_per_second is not None:
        parts.append(f"{'' if usage else '≈'}{timings.tokens_per_second:.0f} tok/s")
    if usage is not None and usage.output is not None:
        parts.append(f"{usage.output} tokens (in {usage.input if usage.input is not None else '?'})")
    if state.finish_reason not in {None, "stop"}:
        parts.append(f"ended by {state.finish_reason}")
    return " · ".join(part for part in parts if part)


def _escaped(line: str) -> str:
    """A sentence that may quote the server, as literal Markdown text on one line."""
    flat = " ".join(visible(line).split())
    return "".join(f"&#{ord(c)};" if c in "<>&*_[]()`$!\\~|#" else c for c in flat)
