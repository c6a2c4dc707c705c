"""Lists the models of the endpoint in use for completion, in the background."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbstream.magic.session import Session

__all__ = ["ModelListing"]

_SHORTLY = 0.4
_PATIENCE = 10.0
_AGAIN_AFTER = 60.0


class ModelListing:
    """Requests the models of the endpoint in use on demand, and again after a minute.

    Results that arrive too late are used by the next Tab.

    Parameters
    ----------
    session
        Stores the list.
    """

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session
        self._asked_at = float("-inf")
        self._thread: threading.Thread | None = None

    def refresh(self) -> None:
        """Request the models, and wait for them briefly."""
        if time.monotonic() - self._asked_at > _AGAIN_AFTER:
            self._asked_at = time.monotonic()
            self._thread = threading.Thread(target=self._list, name="nbstream-models", daemon=True)
            self._thread.start()
        if self._thread is not None:
            self._thread.join(_SHORTLY)

    def _list(self) -> None:
        with contextlib.suppress(Exception):  # completion must not report network errors
            asyncio.run(asyncio.wait_for(self._session().models(), _PATIENCE))
