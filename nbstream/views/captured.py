"""Values of cells whose output is captured: `capture_output` and ``%%capture`` of IPython."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

__all__ = ["drop_empty_value"]


class _Outputs:
    """The captured outputs, as the display hook appends to them."""

    def __init__(self, outputs: Any) -> None:
        self._outputs = outputs

    def append(self, output: Mapping[str, Any]) -> None:
        if output.get("data"):
            self._outputs.append(output)


def drop_empty_value() -> None:
    """Keep the display hook from capturing an empty output for a value that displays itself.

    IPython appends the result of its formatters, which is empty for an object with ``_ipython_display_``.
    """
    hook = sys.displayhook
    if type(hook).__name__ == "CapturingDisplayHook" and not isinstance(hook.outputs, _Outputs):  # type: ignore[attr-defined]
        hook.outputs = _Outputs(hook.outputs)  # type: ignore[attr-defined]
