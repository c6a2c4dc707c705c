"""The magics: `%%chat` and `%chat`, as a thin door to the session."""

from __future__ import annotations

from nbstream.magic.extension import load, unload

__all__ = ["load", "unload"]
