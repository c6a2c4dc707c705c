"""`%%expect`: checks of the answer above, one on each line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nbstream._util.running import run_to_end
from nbstream.comparison import Judge
from nbstream.comparison.checks import Check, named_check
from nbstream.errors import ArgumentError, StateError
from nbstream.magic.session import Session
from nbstream.reply import Reply
from nbstream.samples import Samples
from nbstream.structured.naming import named_schema
from nbstream.testing.expectation import Expectation, check_reply, schema_check

__all__ = ["expect"]

_SAME_VERDICT = "same-verdict"


def expect(session: Session, namespace: Mapping[str, Any], line: str, cell: str) -> Expectation:
    """Check an answer.

    Parameters
    ----------
    session
        Its last answer is checked.
    namespace
        Variables, for the name of a reply and of a schema.
    line
        Name of a variable with a reply; ``-c NAME`` for the last answer of a chat; empty for the last answer
        of the chat in use, or the one of a later cell with ``--alone``.
    cell
        The checks, one on each line.
    """
    lines = [text.strip() for text in cell.splitlines()]
    texts = [text for text in lines if text and not text.startswith("#")]
    same = _SAME_VERDICT in texts
    checks = [_check(text, namespace) for text in texts if text != _SAME_VERDICT]
    if not checks:
        raise ArgumentError(
            "%%expect: there are no checks.", advice="Write one on each line, for example: contains: Oslo"
        )
    reply = _reply(session, namespace, line.split())
    return run_to_end(check_reply(reply, checks, same_verdict=same))


def _check(text: str, namespace: Mapping[str, Any]) -> Check:
    match = re.fullmatch(r"(judge|schema)\s*:\s*(.+)", text)
    if match is None:
        return named_check(text)
    kind, value = match.groups()
    return Judge(value, name=text) if kind == "judge" else schema_check(named_schema(value, namespace))


def _reply(session: Session, namespace: Mapping[str, Any], words: list[str]) -> Reply:
    match words:
        case [] if session.alone is not None:
            return session.alone.chosen if isinstance(session.alone, Samples) else session.alone
        case [] | ["-c", _]:
            name, chat = session.existing(words[1] if words else None)
            answers = [turn.answer for turn in chat.conversation if isinstance(turn.answer, Reply)]
            if not answers:
                raise StateError(f"Chat {name!r} has no answer yet.", advice="Send a prompt first.")
            return answers[-1]
        case [name] if isinstance(namespace.get(name), Reply):
            found: Reply = namespace[name]
            return found
        case _:
            raise ArgumentError(
                f"%%expect: {' '.join(words)!r} is not the name of a reply.",
                advice="Name a variable that holds one (%%chat --into NAME), or use -c CHAT.",
            )
