"""What exports of a notebook say of its answers."""

from nbstream.export.origins import add_origins

__all__ = ["add_origins"]
