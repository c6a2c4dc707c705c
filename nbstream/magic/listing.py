"""The models of the endpoint in use, listed for completion: in the background, and hardly waited for."""

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
    """Asks the endpoint in use for its models when they are wanted, and again after a minute.

    What comes too late for this Tab is there for the next one.

    Parameters
    ----------
    session
        Keeps what is listed.
    """

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session
        self._asked_at = float("-inf")
        self._thread: threading.Thread | None = None

    def refresh(self) -> None:
        """Have the models listed, and wait for them a moment."""
        if time.monotonic() - self._asked_at > _AGAIN_AFTER:
            self._asked_at = time.monotonic()
            self._thread = threading.Thread(target=self._list, name="nbstream-models", daemon=True)
            self._thread.start()
        if self._thread is not None:
            self._thread.join(_SHORTLY)

    def _list(self) -> None:
        with contextlib.suppress(Exception):  # whoever completes a name is not told of networks
            asyncio.run(asyncio.wait_for(self._session().models(), _PATIENCE))
