"""Front-end modules that are too large to ship with every widget.

A front end requests one by name over the comm. The names are a fixed list: no path is built from
front-end input.
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
        The widget of the requesting front end.
    request
        ``{"t": "asset", "name": …}``; with ``"as": "base64"`` the bytes are sent as text, for hosts that lose
        message buffers. Unknown or unbuilt names get no answer: the front end works without them.
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
