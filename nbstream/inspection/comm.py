"""The command ``inspect`` on a comm: a view without a widget requests the events of a reply."""

from __future__ import annotations

import sys
from typing import Any
from weakref import WeakValueDictionary

from nbstream.inspection.inspection import Inspection
from nbstream.protocol.comm import provide
from nbstream.protocol.command import Command, CommandError, Result

__all__ = ["inspect", "serve"]

_known: WeakValueDictionary[str, Inspection] = WeakValueDictionary()


def serve(inspection: Inspection) -> None:
    """Let views in a notebook request the events of a reply, as long as the reply exists."""
    _known[inspection.id] = inspection
    manager = getattr(getattr(_shell(), "kernel", None), "comm_manager", None)
    if manager is not None:
        provide(manager, "inspection", lambda _: {"inspect": inspect})


def inspect(command: Command) -> Result:
    """A page of rows (`Inspection.page`) of the reply that the command names, from a row on."""
    inspection = _known.get(command.text("reply"))
    if inspection is None:
        raise CommandError("The kernel no longer has this answer.")
    return Result(inspection.page(command.integer("from")))


def _shell() -> Any:
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()
