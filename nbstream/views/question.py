"""A question to whoever sits at the terminal or console of the running cell."""

from __future__ import annotations

import contextlib
import secrets
import sys

from nbstream._util.interrupts import interruptible

__all__ = ["confirm"]


def confirm(question: str) -> bool:
    """Ask for a code that is new each time; everything else is a no, also the end of the input.

    What was typed before the question is thrown away, and an answer that imitates a question cannot know
    the code: so a yes counts for what the reader has seen.

    Raises
    ------
    KeyboardInterrupt
        When the reader interrupts instead of answering.
    """
    code = str(1000 + secrets.randbelow(9000))
    _forget_what_was_typed()
    try:
        with interruptible():
            typed = input(f"{question}\nType {code} to run it; anything else refuses: ")
    except EOFError:
        return False
    return typed.strip() == code


def _forget_what_was_typed() -> None:
    """Discard the input that waits at a terminal; elsewhere there is none to discard."""
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()
        return
    import termios

    with contextlib.suppress(termios.error, OSError, ValueError, AttributeError):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
