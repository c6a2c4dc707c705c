"""Asks the user at the terminal or console of the running cell."""

from __future__ import annotations

import contextlib
import secrets
import sys

from nbstream._util.interrupts import interruptible

__all__ = ["confirm"]


def confirm(question: str) -> bool:
    """Ask for a new code each time; anything else means no, including the end of input.

    Earlier input is discarded, and an answer that imitates a question cannot know the code: so a yes
    always refers to the shown call.

    Raises
    ------
    KeyboardInterrupt
        If the user interrupts instead of answering.
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
