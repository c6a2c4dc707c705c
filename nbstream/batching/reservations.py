"""Prices of requests that are handed out together: reserved for all of them or for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nbstream.batching.row_request import RowRequest
from nbstream.cost.meter import Reservation
from nbstream.errors import ConfigError, ConnectError
from nbstream.types.events import Failed

__all__ = ["NOT_CHARGED", "release", "reserve"]

NOT_CHARGED = Failed(0.0, ConnectError("It was not carried out."))
"""The event that ends the reservation of a request that costs nothing."""


def reserve(requests: Sequence[RowRequest]) -> dict[bytes, Reservation]:
    """Reserve the price of all requests, or of none.

    Raises
    ------
    ConfigError
        When a budget does not cover it.
    """
    reserved: dict[bytes, Reservation] = {}
    try:
        for request in requests:
            sender, sent = request.lane.sender, request.template.sent(request.messages)
            reserved[request.key] = sender.meter.begin(sender.endpoint, sent)
    except ConfigError:
        release(reserved)
        raise
    return reserved


def release(reserved: Mapping[bytes, Reservation]) -> None:
    """Give back the price of requests that were not charged; a settled one stays as it is."""
    for reservation in reserved.values():
        reservation.take([NOT_CHARGED])
        reservation.settle()
