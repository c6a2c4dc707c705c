"""A pytest plugin for nbval: a kernel that dies at its start is started once more.

That happens when another program takes one of the ports that were chosen for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

__all__ = ["pytest_configure", "twice"]


def pytest_configure() -> None:
    """Apply it to the kernels of this process."""
    from nbval import kernel

    kernel.start_new_kernel = twice(kernel.start_new_kernel)


def twice(start: Callable[..., Any]) -> Callable[..., Any]:
    """A function that calls `start` again if it raises the `RuntimeError` of a dead kernel.

    Examples
    --------
    >>> starts = iter([RuntimeError("Kernel died before replying to kernel_info"), None])
    >>> def start():
    ...     if error := next(starts):
    ...         raise error
    ...     return "a kernel"
    >>> twice(start)()
    'a kernel'
    """

    @wraps(start)
    def started(*args: Any, **options: Any) -> Any:
        try:
            return start(*args, **options)
        except RuntimeError:
            return start(*args, **options)

    return started
