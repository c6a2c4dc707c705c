"""Front-end modules that are too large to ship with every widget.

A front end requests one by name over the comm. The names are a fixed list: no path is built from
front-end input.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from pathlib import Path

from nbstream.protocol.command import Command, CommandError, Result

__all__ = ["STATIC", "asset"]

STATIC = Path(__file__).parent.parent / "static"
_NAMES = frozenset({"inspector", "math"})


def asset(command: Command) -> Result:
    """Answer the command ``asset``: an ES module, packed by gzip.

    Parameters
    ----------
    command
        Its ``asset`` is the name of the module; with ``"as": "base64"`` the bytes are text in the result, for
        hosts that lose the buffers of a message. Otherwise they are its one buffer.
    """
    name = command.text("asset")
    packed = _read(name) if name in _NAMES else None
    if packed is None:
        raise CommandError(f"There is no module {name!r}.")
    if command.arguments.get("as") == "base64":
        return Result({"base64": b64encode(packed).decode()})
    return Result({}, [packed])


@cache
def _read(name: str) -> bytes | None:
    try:
        return (STATIC / "assets" / f"{name}.js.gz").read_bytes()
    except FileNotFoundError:
        return None
