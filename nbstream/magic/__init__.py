"""The magics `%%chat` and `%chat`, a thin layer over the session."""

from __future__ import annotations

from nbstream.magic.extension import load, unload

__all__ = ["load", "unload"]
