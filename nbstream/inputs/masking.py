"""Masks secrets of the environment in text that is sent without being read first."""

from __future__ import annotations

import os

from nbstream._util.redaction import MASK, Redactor, is_secret_name

__all__ = ["masked"]


def masked(text: str) -> tuple[str, str]:
    """The text without secrets of the environment and likely keys, and a note if there were any."""
    redact = Redactor(value for name, value in os.environ.items() if is_secret_name(name))
    clean = redact(text)
    return clean, f"secrets are replaced by {MASK}" if clean != text else ""
