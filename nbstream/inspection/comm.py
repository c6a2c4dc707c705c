"""Lets a view request the events of a reply from the kernel.

It opens a comm on the target ``"nbstream.inspect"`` with ``{"reply": id, "from": row}`` and receives a page
of rows (`Inspection.page`), or ``{"unknown": true}`` if the kernel no longer has the reply. Each request is a
separate comm: the kernel keeps no state between them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

from nbstream.inspection.inspection import Inspection

__all__ = ["TARGET", "page_of", "serve"]

TARGET = "nbstream.inspect"

_known: WeakValueDictionary[str, Inspection] = WeakValueDictionary()


def serve(inspection: Inspection) -> None:
    """Let views in a notebook request the events of a reply, as long as the reply exists."""
    _known[inspection.id] = inspection
    comms = getattr(getattr(_shell(), "kernel", None), "comm_manager", None)
    if comms is not None:
        comms.register_target(TARGET, _opened)


def page_of(reply_id: object, start: object) -> dict[str, Any]:
    """The answer to one request."""
    inspection = _known.get(reply_id) if isinstance(reply_id, str) else None
    if inspection is None or not isinstance(start, int) or start < 0:
        return {"unknown": True}
    return inspection.page(start)


def _opened(comm: Any, message: Mapping[str, Any]) -> None:
    asked = message["content"]["data"]
    comm.send(page_of(asked.get("reply"), asked.get("from")))
    comm.close()


def _shell() -> Any:
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()
