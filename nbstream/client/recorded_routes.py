"""Which endpoint a model means in a recording, so that a replay needs no key and no environment."""

from __future__ import annotations

import re
from typing import NamedTuple

from nbstream._util.redaction import without_credentials
from nbstream.cassettes.lines import RecordedRoute
from nbstream.cassettes.scope import active
from nbstream.providers.endpoint import Endpoint

__all__ = ["note_route", "recorded_route"]


class _Found(NamedTuple):
    route: RecordedRoute
    only_if_needed: bool


def recorded_route(wanted: str | None) -> _Found | None:
    """The endpoint of a model in the recording that is replayed, if it has one.

    Parameters
    ----------
    wanted
        The model as it is asked for; None if its address is known otherwise.
    """
    tape = active()
    route = tape.route(wanted) if tape is not None and wanted is not None else None
    return None if tape is None or route is None else _Found(route, tape.mode == "auto")


def note_route(wanted: str | None, endpoint: Endpoint, model: str) -> None:
    """Write which endpoint a model means into the recording that is made, if there is one."""
    tape = active()
    if tape is None or wanted is None or not tape.records:
        return
    address = re.sub(r"^(http://local\.invalid)/.*(?=/v1$)", r"\1", without_credentials(endpoint.base_url))
    tape.note_route(RecordedRoute(wanted, model, address, endpoint.provider))
