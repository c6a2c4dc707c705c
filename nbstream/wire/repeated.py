r"""A fast path for chunks that differ from the previous one only in their text.

Nearly all chunks of an answer are the same bytes around one JSON string. Once the place of that string is
known, a chunk with the same bytes before and after it differs only in its text.

This is exact, not a guess. A place is used only if a probe put into it was parsed as the text of the only
choice. So the parser expects a value there, and any complete JSON string in that place is the text. Anything
else is left to the parser. OpenAI ends each chunk with padding, a random string of letters and digits; it may
differ as well.

Examples
--------
>>> repeated = RepeatedChunk()
>>> repeated.learn(b'{"choices": [{"delta": {"content": "Hel"}}]}')
>>> repeated.text_in(b'{"choices": [{"delta": {"content": "l\\u00f6"}}]}')
'lö'
>>> repeated.text_in(b'{"choices": [{"delta": {"content": "lo"}, "finish_reason": "stop"}]}')
''
"""

from __future__ import annotations

import re

import jiter

from nbstream.wire.run import RunReader

__all__ = ["RepeatedChunk"]

_PLACE = re.compile(rb'"content"\s*:\s*("[^"\\]*")')
_PROBE = "\N{OBJECT REPLACEMENT CHARACTER} is in its place"
_PADDING = re.compile(rb'"obfuscation":("[0-9A-Za-z]+"})$')
_PADDED_END = re.compile(rb'"[0-9A-Za-z]+"}')
_TRIES = 4
"""Chunks that may be learnt in vain: some servers never repeat one."""


class RepeatedChunk:
    """The bytes around the text of the last learned chunk.

    Attributes
    ----------
    runs : RunReader or None
        Reads many of its kind at once.
    """

    def __init__(self) -> None:
        self._before = b""
        self._behind = b""
        self._padded = False
        self.runs: RunReader | None = None
        self._tries = _TRIES

    def text_in(self, data: bytes) -> str:
        """The text of a chunk that otherwise equals the learned one; empty if it does not."""
        before = self._before
        if not before or not data.startswith(before):
            return ""
        try:
            text = jiter.from_json(data[len(before) : self._end_of_text(data)])
        except ValueError:
            return ""
        if not isinstance(text, str):
            return ""
        self._tries = _TRIES
        return text

    def learn(self, data: bytes) -> None:
        """Learn a chunk that contains only one piece of text."""
        place = _PLACE.search(data) if self._tries else None
        if place is None:
            return
        self._tries -= 1
        before, behind = data[: place.start(1)], data[place.end(1) :]
        if _only_text(before + f'"{_PROBE}"'.encode() + behind) == _PROBE:
            padding = _PADDING.search(behind)
            self._before, self._padded = before, padding is not None
            self._behind = behind[: padding.start(1)] if padding else behind
            self.runs = RunReader(
                before + b'"', b'"' + self._behind + b'"' * self._padded, padded=self._padded
            )

    def _end_of_text(self, data: bytes) -> int:
        """Where the bytes after the text start; 0, which leaves no text, if they differ."""
        if not self._padded:
            return len(data) - len(self._behind) if data.endswith(self._behind) else 0
        end = data.rfind(self._behind)
        return end if end > 0 and _PADDED_END.fullmatch(data, end + len(self._behind)) else 0


def _only_text(data: bytes) -> object:
    try:
        [choice] = jiter.from_json(data)["choices"]
        return choice["delta"]["content"]
    except (ValueError, LookupError, TypeError):
        return None
