"""pandas, which only data frames need."""

from __future__ import annotations

from nbstream.errors import MissingPackageError

__all__ = ["require_pandas"]


def require_pandas(otherwise: str) -> None:
    """Import pandas.

    Parameters
    ----------
    otherwise
        A sentence about what works without it.

    Raises
    ------
    MissingPackageError
        If pandas is not installed.

    Examples
    --------
    >>> require_pandas("reply.rows holds the rows.")
    """
    try:
        import pandas as pd  # noqa: F401
    except ImportError as error:
        raise MissingPackageError(
            "A DataFrame needs pandas, which is not installed.",
            advice=f"Install it with: pip install pandas. {otherwise}",
        ) from error
