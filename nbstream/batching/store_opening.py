"""Opens the store that a batch was given."""

from __future__ import annotations

import os
from typing import Literal

from nbstream.batching.store import Store
from nbstream.errors import ArgumentError

__all__ = ["opened"]


def opened(store: str | os.PathLike[str] | Store | Literal[False] | None) -> Store:
    """The store that a batch was given.

    Parameters
    ----------
    store
        A file, a store, False for one in memory, or None for the default file.

    Raises
    ------
    FileError
        When it cannot be opened.
    """
    if isinstance(store, Store):
        return store
    if store is False:
        return Store()
    if store is None:
        import platformdirs

        folder = platformdirs.user_data_path("nbstream", appauthor=False)
        folder.mkdir(parents=True, exist_ok=True)
        return Store(folder / "answers.sqlite")
    if not isinstance(store, str | os.PathLike):
        raise ArgumentError(f"store={store!r} is not a store.", advice="Pass a path, a Store, or False.")
    return Store(store)
