"""One reply in the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from nbstream.views.inert import inert_markdown, visible

if TYPE_CHECKING:
    from nbstream.reply import Reply

__all__ = ["LogEntry"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LogEntry:
    """One reply in the log. As a cell's value it is shown with its prompt.

    Parameters
    ----------
    number
        Its number in the log, for ``%chat log open``.
    id
        Id of the reply.
    time
        When it was requested, in UTC.
    cell
        Number of the execution that requested it; None outside a notebook.
    chat
        Name of its chat; empty without one.
    model, provider
        What answered; None if no endpoint was found.
    prompt_hash
        Hash of all messages that were sent: equal prompts have equal hashes.
    prompt
        The new message. Images are described, not included.
    params
        Parameters of the request, without secrets.
    status
        ``"finished"``, ``"stopped"``, ``"failed"``, or ``"unfinished"`` while it streams, and for good if its
        kernel was killed.
    finish_reason, error
        How it ended.
    input_tokens, output_tokens, cached_tokens
        Token counts reported by the server; None if it did not.
    cost
        Price in US dollars; None if none is known.
    ttft, duration, tokens_per_second
        As in `Reply.timings`.
    rating, note
        1 or -1, and why; None if it was not rated.
    text
        The answer.

    Examples
    --------
    >>> import nbstream
    >>> reply = nbstream.Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
    >>> entry = nbstream.log()[-1]
    >>> entry.prompt, entry.status, entry.text == reply.text
    ('echo: Hello', 'finished', True)
    """

    number: int
    id: str
    time: datetime
    cell: int | None = None
    chat: str = ""
    model: str | None = None
    provider: str | None = None
    prompt_hash: str = ""
    prompt: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    status: str = "unfinished"
    finish_reason: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost: Decimal | None = None
    ttft: float | None = None
    duration: float | None = None
    tokens_per_second: float | None = None
    rating: int | None = None
    note: str = ""
    error: str = ""
    text: str = ""
    saved: bytes | None = field(default=None, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """The entry as JSON-compatible data.

        Examples
        --------
        >>> import nbstream
        >>> reply = nbstream.Chat("demo:nbstream-demo-fast").send("echo: Hello", seed=7).result()
        >>> nbstream.log()[-1].as_dict()["params"]
        {'seed': 7}
        """
        data = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "saved"}
        cost = None if self.cost is None else float(self.cost)
        return data | {"time": f"{self.time:%Y-%m-%dT%H:%M:%SZ}", "params": dict(self.params), "cost": cost}

    def reply(self) -> Reply:
        """The reply: the one of this session if it still exists, otherwise one made from the log.

        Examples
        --------
        >>> import nbstream
        >>> reply = nbstream.Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
        >>> nbstream.log()[-1].reply() is reply
        True
        """
        from nbstream.reply_log.journal import journal

        return journal.reply(self)

    def rate(self, score: int, note: str = "") -> None:
        """Rate the answer, as `Reply.rate` does.

        Examples
        --------
        >>> import nbstream
        >>> reply = nbstream.Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
        >>> nbstream.log()[-1].rate(+1, "Good.")
        >>> reply.rating.note
        'Good.'
        """
        self.reply().rate(score, note)  # type: ignore[arg-type]  # it checks the score

    @property
    def title(self) -> str:
        """Number, time, model, rating and status in a line."""
        rated = f"rated {self.rating:+d}" + (f" ({self.note})" if self.note else "") if self.rating else ""
        when = f"{self.time.astimezone():%Y-%m-%d %H:%M}"
        ended = "" if self.status == "finished" else self.status
        parts = (f"Reply {self.number}", when, self.chat, self.model or "", ended, rated)
        return " · ".join(part for part in parts if part)

    def __repr__(self) -> str:
        return visible(f"{self.title}\n\n> {self.prompt}\n\n{self.text or self.error}")

    def _ipython_display_(self) -> None:
        from IPython.display import display

        prompt = "\n".join(f"> {line}" for line in inert_markdown(self.prompt).split("\n"))
        head = {
            "text/markdown": f"**{inert_markdown(self.title)}**\n\n{prompt}",
            "text/plain": visible(f"{self.title}\n\n> {self.prompt}"),
        }
        display(head, raw=True)
        self.reply().show()
