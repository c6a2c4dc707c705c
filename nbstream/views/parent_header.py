"""Keeps messages of the front end from taking the end of a running cell away (ipykernel 7.4).

While a cell awaits, ipykernel 7.4 takes comm messages beside it (``Kernel.shell_main``), and afterwards puts
back the parent that it found when the message arrived. If that cell has ended and the next one has started
by then, the ``idle`` of the next one is sent with the wrong parent: JupyterLab shows it as running forever,
and Run All never ends. The view of an answer sends its close message at just such a moment.
"""

from __future__ import annotations

import inspect
from typing import Any

__all__ = ["keep_parent"]


def keep_parent(kernel: Any) -> None:
    """Have `kernel` put back the parent that counts now, where it would put back an earlier one.

    Patches this kernel once; a release without the bug is not changed.

    Parameters
    ----------
    kernel
        The kernel that runs the cells, or None.
    """
    beside_a_cell = getattr(type(kernel), "shell_main", None)
    if beside_a_cell is None or "set_parent" in vars(kernel):
        return
    set_parent = kernel.set_parent

    def set_newest(ident: Any, parent: Any, channel: str = "shell") -> None:
        caller = inspect.currentframe().f_back  # type: ignore[union-attr]
        # A new request is set by `dispatch_shell`: what `shell_main` sets is what it found before.
        if caller is not None and caller.f_code is beside_a_cell.__code__:
            ident, parent = kernel._parent_ident[channel], kernel.get_parent(channel)  # noqa: SLF001
        set_parent(ident, parent, channel)

    kernel.set_parent = set_newest
