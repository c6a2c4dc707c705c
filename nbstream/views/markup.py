"""The state of a reply as text for readers without our front end. Pure functions.

`markdown` is what a saved notebook shows on GitHub, in nbconvert and in a JupyterLab without the extension;
it is inert (`nbstream.views.inert`). `plain` is the same for terminals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbstream.record.state import ReplyState
from nbstream.views.beside_text import markdown_lines, plain_lines
from nbstream.views.call_text import exposed
from nbstream.views.inert import inert_markdown
from nbstream.views.inert.characters import literal
from nbstream.views.snapshot import saved_reply, tool_rows

__all__ = ["call_line", "excerpt", "footer", "markdown", "plain", "remarks", "shortened"]

_OUTCOMES = {"returned": " returned", "failed": " failed", "refused": " was refused"}
_SHOWN_CHARS = 500
_PLAIN_BYTES = 500
_EXCERPT_CHARS = 50

UNFINISHED = "Unfinished: this answer was saved before it was complete."
STALE = "Stale: an earlier turn changed after this answer."


def remarks(state: ReplyState, *, raised: bool = False, stale: bool = False) -> list[str]:
    """What a reader must know about the answer besides its text, one sentence each.

    The same from run to run: a cut by length, a stop, an error; no timings.

    Parameters
    ----------
    state
        State of the reply.
    raised
        Whether the error is left out, because the cell raises it below the answer.
    stale
        Whether an earlier turn changed after this answer.
    """
    saved = saved_reply(state)
    lines = [notice["text"] for notice in saved["notices"]]
    if state.status == "stopped":
        lines.append("Stopped before the answer was complete.")
    if not state.ended:
        lines.append(UNFINISHED)
    if state.error is not None and not raised:
        lines.append(f"{type(state.error).__name__}: {state.error}")
    if stale:
        lines.append(STALE)
    return lines


def call_line(row: Mapping[str, Any]) -> str:
    """What became of a call of a tool, in one line.

    Examples
    --------
    >>> call_line({"name": "add", "arguments": '{"a": 1}', "state": "returned", "result": "2"})
    'add({"a": 1}) returned 2'
    """
    outcome = _OUTCOMES.get(row["state"], " returned no result")
    said = row["result"] if row["state"] in {"returned", "failed"} else ""
    return f"{_short(_signature(row))}{outcome} {_short(said or '')}".rstrip()


def markdown(state: ReplyState, text: str | None = None, *, raised: bool = False, stale: bool = False) -> str:
    """The answer as inert Markdown, in italics the calls of tools above it and the remarks below it.

    Parameters
    ----------
    state
        State of the reply.
    text
        Its text as inert Markdown, where that has been made already.
    raised, stale
        As of `remarks`.
    """
    parts = [f"*{literal(call_line(row))}*" for row in tool_rows(state)]
    parts.append((inert_markdown(state.text) if text is None else text).rstrip())
    parts += markdown_lines(state)
    lines = (*_badge(state), *remarks(state, raised=raised, stale=stale))
    parts += [f"*{literal(line)}*" for line in lines]
    return "\n\n".join(part for part in parts if part)


def plain(state: ReplyState, *, raised: bool = False, stale: bool = False) -> str:
    """The answer as it came, in brackets the calls of tools above it and the remarks below it."""
    parts = [f"[{call_line(row)}]" for row in tool_rows(state)]
    parts += [state.text.rstrip(), "\n".join(plain_lines(state))]
    parts += [f"[{line}]" for line in (*_badge(state), *remarks(state, raised=raised, stale=stale))]
    return "\n\n".join(part for part in parts if part)


def _badge(state: ReplyState) -> list[str]:
    """Which local model wrote the text: a reader without our front end must know that it is a small one."""
    return [state.route.badge] if state.route and state.route.badge and state.text else []


def excerpt(state: ReplyState, *, raised: bool = False, stale: bool = False) -> str:
    """What `plain` gives, without tool calls and most of the text where that is more than 500 bytes.

    A notebook keeps a long answer once, as Markdown.
    """
    whole = plain(state, raised=raised, stale=stale)
    if _is_short(whole):
        return whole
    lines = [f"[{line}]" for line in (*_badge(state), *remarks(state, raised=raised, stale=stale))]
    beside = "\n".join(plain_lines(state))
    return "\n\n".join(part for part in [shortened(state.text.rstrip()), beside, *lines] if part)


def shortened(text: str) -> str:
    """A text of more than 500 bytes as its first line, cut, with a remark where the rest is.

    Examples
    --------
    >>> shortened("short"), len(shortened("long " * 1000))
    ('short', 53)
    """
    if _is_short(text):
        return text
    first = text.lstrip()[:_EXCERPT_CHARS].split("\n", 1)[0].rstrip()
    return f"{first} […]"


def _is_short(text: str) -> bool:
    return len(text.encode("utf-8", "surrogatepass")) <= _PLAIN_BYTES


def footer(state: ReplyState) -> str:
    """One line of figures: model, time to first token, rate, tokens, reason of the end."""
    route, timings, usage = state.route, state.timings, state.usage
    parts = [route.badge if route and route.badge else state.model or (route.model if route else "")]
    if timings.ttft is not None:
        parts.append(f"{timings.ttft:.2f} s to first token")
    if timings.tokens_per_second is not None:
        parts.append(f"{'' if usage else '≈'}{timings.tokens_per_second:,.0f} tok/s")
    if usage is not None and usage.output is not None:
        sent = "?" if usage.input is None else f"{usage.input:,}"
        parts.append(f"{usage.output:,} tokens (in {sent})")
    if state.finish_reason not in {None, "stop"}:
        parts.append(f"ended by {state.finish_reason}")
    return " · ".join(part for part in parts if part)


def _signature(row: Mapping[str, Any]) -> str:
    """A call of a tool as the model wrote it, on one line and with nothing hidden."""
    return exposed(f"{row['name']}({row['arguments']})").replace("\n", "␊")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"
