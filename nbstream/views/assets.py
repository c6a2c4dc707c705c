"""Modules of the front end that are too large for every widget to bring along.

A front end asks for one by name, over the comm, when it needs it. The names are a closed list: no path is
ever made of what a front end sends.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ipywidgets import Widget

__all__ = ["STATIC", "send_asset"]

STATIC = Path(__file__).parent.parent / "static"
_NAMES = frozenset({"inspector", "math"})


def send_asset(widget: Widget, request: Mapping[str, Any]) -> None:
    """Answer a front end's request for a module, an ES module packed by gzip.

    Parameters
    ----------
    widget
        The widget whose front end asks.
    request
        ``{"t": "asset", "name": …}``; with ``"as": "base64"`` the bytes are sent as text, for hosts that lose
        the buffers of a message. A name that is not known, and one that was not built, is not answered: the
        front end does without.
    """
    name = str(request.get("name"))
    packed = _read(name) if name in _NAMES else None
    if packed is None:
        return
    answer = {"t": "asset", "name": name}
    if request.get("as") == "base64":
        widget.send(answer | {"data": b64encode(packed).decode()})
    else:
        widget.send(answer, buffers=[packed])


@cache
def _read(name: str) -> bytes | None:
    try:
        return (STATIC / "assets" / f"{name}.js.gz").read_bytes()
    except FileNotFoundError:
        return None
