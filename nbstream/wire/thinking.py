"""Splits off reasoning that a server sends inside the text, between tags at the very start."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["UNMARKED_REASONING", "Said", "ThinkTags", "closing_tag_in"]

UNMARKED_REASONING = (
    "The text before </think> is reasoning that the server did not separate. Start vLLM or SGLang with "
    "--reasoning-parser."
)

# Of most models, Magistral, Seed, Kimi, and gpt-oss if its server does not parse its format.
_CLOSED_BY = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "[THINK]": "[/THINK]",
    "<seed:think>": "</seed:think>",
    "\u25c1think\u25b7": "\u25c1/think\u25b7",
    "<|channel|>analysis<|message|>": "<|end|><|start|>assistant<|channel|>final<|message|>",
}
_SPACE = " \t\r\n"
_MOST_SPACE = 64
"""Characters of white space before a tag; an answer that begins with more is not held back."""


_CLOSING_TAG = re.compile(r"^</think>[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)


class Said(NamedTuple):
    """The reasoning and the text in one piece."""

    reasoning: str = ""
    text: str = ""


class ThinkTags:
    """Splits the text of an answer that begins with a think tag into reasoning and text.

    Only a tag at the very start counts: an answer about tags is not changed. The tags may be split
    anywhere.

    Attributes
    ----------
    decided : bool
        Whether all further input is text.

    Examples
    --------
    >>> tags = ThinkTags()
    >>> [tags.split(piece) for piece in ("<th", "ink>I wonder</thi", "nk>", "Hi")]
    [Said(reasoning='', text=''), Said(reasoning='I wonder', text=''), Said(reasoning='', text=''), \
Said(reasoning='', text='Hi')]
    """

    def __init__(self) -> None:
        self.decided = False
        self._held = ""
        self._close = ""
        self._closed = False
        self._begun = False

    def split(self, piece: str) -> Said:
        """The next piece; a possible tag is held back."""
        if self._closed:
            return Said(text=self._after(piece))
        self._held += piece
        return self._reasoning() if self._close else self._beginning()

    def flush(self) -> Said:
        """The held-back text, judged as it is."""
        held, self._held = self._held, ""
        return Said(reasoning=held) if self._close else Said(text=held)

    def _beginning(self) -> Said:
        start = self._held.lstrip(_SPACE)
        likely = _CLOSED_BY if len(self._held) - len(start) <= _MOST_SPACE else {}
        for tag, close in likely.items():
            if start.startswith(tag):
                self._held, self._close = start[len(tag) :], close
                return self._reasoning()
        if any(tag.startswith(start) for tag in likely):
            return Said()
        self.decided = True
        return self.flush()

    def _reasoning(self) -> Said:
        thought, close, rest = self._held.partition(self._close)
        if close:
            self._held, self._closed = "", True
            return Said(self._added(thought), self._after(rest))
        keep = _overlap(thought, self._close)
        self._held = thought[len(thought) - keep :]
        return Said(self._added(thought[: len(thought) - keep]))

    def _added(self, thought: str) -> str:
        """The reasoning without the white space next to the tag."""
        thought = thought if self._begun else thought.lstrip(_SPACE)
        self._begun = self._begun or bool(thought)
        return thought

    def _after(self, text: str) -> str:
        text = text.lstrip(_SPACE)
        self.decided = bool(text)
        return text


def closing_tag_in(text: str) -> bool:
    r"""Whether a text has the end of reasoning on its own line, and nowhere its start.

    Chat templates of DeepSeek R1, Qwen3 and others write the first tag into the prompt, so that the answer
    begins with bare reasoning. It looks like an answer until the last tag arrives, and by then a reader has
    seen it as one; so it stays text. A later request may contain it: these templates remove it.

    Examples
    --------
    >>> closing_tag_in("I wonder.\n</think>\n\nHi"), closing_tag_in("Close it with </think>.")
    (True, False)
    """
    found = _CLOSING_TAG.search(text)
    if found is None:
        return False
    before = text[: found.start()]
    return "<think>" not in before and len(_FENCE.findall(before)) % 2 == 0


def _overlap(text: str, tag: str) -> int:
    """How many characters at the end of the text may be the start of the tag."""
    sizes = range(min(len(tag) - 1, len(text)), 0, -1)
    return next((size for size in sizes if text.endswith(tag[:size])), 0)
