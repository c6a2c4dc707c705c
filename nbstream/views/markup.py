"""The state of a reply as text for readers without our front end. Pure functions.

`markdown` is what a saved notebook shows on GitHub, in nbconvert and in a JupyterLab without the extension;
it is inert (`nbstream.views.inert`). `plain` is the same for terminals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbstream.recording.state import ReplyState
from nbstream.views.beside_text import markdown_lines, plain_lines
from nbstream.views.call_text import exposed
from nbstream.views.inert import inert_markdown
from nbstream.views.inert.characters import literal
from nbstream.views.shown_text import shown_text
from nbstream.views.snapshot import saved_reply, tool_rows

__all__ = ["call_line", "excerpt", "markdown", "plain", "remarks", "shortened"]

_OUTCOMES = {"returned": " returned", "failed": " failed", "refused": " was refused"}
_SHOWN_CHARS = 500
_PLAIN_BYTES = 500
_EXCERPT_CHARS = 50

UNFINISHED = "Unfinished: this answer was saved before it was complete."
STALE = "Stale: an earlier turn changed after this answer."


def remarks(state: ReplyState, *, raised: bool = False, stale: bool = False) -> list[str]:
    """Remarks about the answer, one sentence each.

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
    """The outcome of a tool call, in one line.

    Examples
    --------
    >>> call_line({"name": "add", "arguments": '{"a": 1}', "state": "returned", "result": "2"})
    'add({"a": 1}) returned 2'
    """
    outcome = _OUTCOMES.get(row["state"], " returned no result")
    said = row["result"] if row["state"] in {"returned", "failed"} else ""
    return f"{_short(_signature(row))}{outcome} {_short(said or '')}".rstrip()


def markdown(state: ReplyState, text: str | None = None, *, raised: bool = False, stale: bool = False) -> str:
    """The answer as inert Markdown, with tool calls above and remarks below in italics.

    Parameters
    ----------
    state
        State of the reply.
    text
        Its text as inert Markdown, if already available.
    raised, stale
        As of `remarks`.
    """
    parts = [f"*{literal(call_line(row))}*" for row in tool_rows(state)]
    parts.append(_body(state, text))
    parts += markdown_lines(state)
    lines = (*_badge(state), *remarks(state, raised=raised, stale=stale))
    parts += [f"*{literal(line)}*" for line in lines]
    return "\n\n".join(part for part in parts if part)


def _body(state: ReplyState, text: str | None) -> str:
    """The answer itself; a table, where its JSON is not shown."""
    return (inert_markdown(shown_text(state)) if text is None else text).rstrip()


def plain(state: ReplyState, *, raised: bool = False, stale: bool = False) -> str:
    """The answer as received, with tool calls above and remarks below in brackets."""
    parts = [f"[{call_line(row)}]" for row in tool_rows(state)]
    parts += [state.text.rstrip(), "\n".join(plain_lines(state))]
    parts += [f"[{line}]" for line in (*_badge(state), *remarks(state, raised=raised, stale=stale))]
    return "\n\n".join(part for part in parts if part)


def _badge(state: ReplyState) -> list[str]:
    """The badge of a local model, for readers without our front end."""
    return [state.route.badge] if state.route and state.route.badge and state.text else []


def excerpt(state: ReplyState, *, raised: bool = False, stale: bool = False) -> str:
    """Like `plain`, but without tool calls and with only the start of texts over 500 bytes.

    A notebook stores a long answer once, as Markdown.
    """
    whole = plain(state, raised=raised, stale=stale)
    if _is_short(whole):
        return whole
    lines = [f"[{line}]" for line in (*_badge(state), *remarks(state, raised=raised, stale=stale))]
    beside = "\n".join(plain_lines(state))
    return "\n\n".join(part for part in [shortened(state.text.rstrip()), beside, *lines] if part)


def shortened(text: str) -> str:
    """A text of more than 500 bytes as its first line, shortened, with a note where the rest is.

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


def _signature(row: Mapping[str, Any]) -> str:
    """A tool call as written by the model, on one line and with nothing hidden."""
    return exposed(f"{row['name']}({row['arguments']})").replace("\n", "␊")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"
