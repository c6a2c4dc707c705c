"""How a `%%chat` cell is awaited.

IPython has no asynchronous cell magics. A transformer of the cell's text turns the call that IPython makes
of ``%%chat`` into an awaited one, so that the answer streams on the kernel's event loop: other tasks keep
running, Stop works, Run All keeps its order. If the cell cannot be awaited (under ``%%time`` or
``%%capture``, in ``ip.run_cell``, in a program), the same coroutine is run by
`nbstream._util.running`.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from types import FrameType

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.interactiveshell import InteractiveShell

from nbstream._util.running import loop_is_running
from nbstream.errors import ArgumentError
from nbstream.magic.args import AWAITED, WHOLE

__all__ = ["CellAwaiter"]

_NESTED = {InteractiveShell._run_cell.__code__, InteractiveShell.run_code.__code__}  # noqa: SLF001


class CellAwaiter:
    """Input transformer that awaits the cells of the given magics, or marks them in a terminal.

    Parameters
    ----------
    shell
        The shell whose cells are transformed.
    is_ours
        Whether a cell magic currently belongs to nbstream.
    """

    _CALL = re.compile(r"^get_ipython\(\)\.run_cell_magic\('(\w+)', (['\"])")
    _MISPLACED = re.compile(r"^\s*get_ipython\(\)\.run_line_magic\('%(\w+)', ")
    _NO_BODY = re.compile(r", ''\)$")

    def __init__(self, shell: InteractiveShell, is_ours: Callable[[str], bool]) -> None:
        self._shell = shell
        self._is_ours = is_ours

    def __call__(self, lines: list[str]) -> list[str]:
        """Transform the lines of a cell; await its only call if possible."""
        self._check_place(lines)
        call = self._CALL.match(lines[0]) if lines else None
        if call is None or not self._is_ours(call[1]):
            return lines
        # IPython would refuse an empty cell, because it does not know the prompt.
        lines = [*lines[:-1], self._NO_BODY.sub(r", '\\n')", lines[-1])]
        if self._can_await():
            return self._marked(lines, call, "await ", AWAITED)
        in_terminal = getattr(self._shell, "kernel", None) is None
        is_captured = isinstance(sys.displayhook, CapturingDisplayHook)
        return self._marked(lines, call, "", WHOLE) if in_terminal or is_captured else lines

    def _check_place(self, lines: list[str]) -> None:
        """Check that no `%%chat` is below other lines, where IPython looks for a line magic.

        Raises
        ------
        ArgumentError
            If it is.
        """
        for line in lines:
            call = self._MISPLACED.match(line)
            if call is not None and self._is_ours(call[1]):
                advice = "Move it there; comments and code go into another cell."
                raise ArgumentError(f"%%{call[1]} belongs on the first line of its cell.", advice=advice)

    @staticmethod
    def _marked(lines: list[str], call: re.Match[str], keyword: str, mark: str) -> list[str]:
        name, quote = call.groups()
        begin = f"{keyword}get_ipython().run_cell_magic('{name}', {quote}{mark} "
        return [begin + lines[0][call.end() :], *lines[1:]]

    def _can_await(self) -> bool:
        """Whether the cell that is being transformed will run as a coroutine on a running loop.

        True when, going outward, the kernel's coroutine is met before any other run of a cell: a nested
        run (``%%time``, ``ip.run_cell``) compiles the cell as plain code.
        """
        if not self._shell.autoawait or str(self._shell.loop_runner) != "asyncio" or not loop_is_running():
            return False
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001
        while frame is not None and frame.f_code not in _NESTED:
            if frame.f_code.co_flags & inspect.CO_COROUTINE:
                return True
            frame = frame.f_back
        return False
