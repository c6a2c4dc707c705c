"""The relay: serves a chat from a notebook over HTTP, with everything that streaming needs.

`create_app` creates the app, `nbstream.relay.server` serves it on a port, and ``nbstream serve`` does both.

- ``POST /chat`` streams an answer as server-sent events, each with an id. ``GET /chat/{run}`` with
  ``Last-Event-ID`` resumes a reader; ``DELETE /chat/{run}`` stops the model.
- ``POST /v1/chat/completions`` and ``GET /v1/models`` serve any client of OpenAI's API.

State is in the memory of one process: run one worker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nbstream.errors import MissingPackageError
from nbstream.relay.limits import RelayLimits

if TYPE_CHECKING:
    from fastapi import FastAPI

    from nbstream.chat import Chat

__all__ = ["RelayLimits", "create_app"]


def create_app(
    chat_or_factory: Chat | Callable[[], Chat],
    *,
    token: str | None = None,
    cors_origins: Sequence[str] = (),
    limits: RelayLimits | None = None,
    model: str = "nbstream",
    ui: Path | None = None,
) -> FastAPI:
    """Create the relay's app, for uvicorn or any other ASGI server.

    Parameters
    ----------
    chat_or_factory
        A `Chat`: its model, parameters and system message are served, its turns are not. Or a function
        that returns a chat for each answer; its turns come before those of the client.
    token
        Token that clients must send as ``Authorization: Bearer TOKEN``. Without one the app answers only
        requests from this machine.
    cors_origins
        Origins, such as ``"https://app.example"``, whose pages may use the relay; none by default.
    limits
        Limits for clients.
    model
        Model name for clients of OpenAI's API.
    ui
        Folder of a built front end to serve at ``/``. It is public: it holds no data.

    Raises
    ------
    MissingPackageError
        If FastAPI is not installed.
    ArgumentError
        If the token is too short, or there is nothing to serve.

    Examples
    --------
    ::

        # my_relay.py, for: uvicorn my_relay:app
        app = create_app(Chat("gpt-5-mini", system="You are terse."), token=os.environ["RELAY_TOKEN"])
    """
    try:
        from nbstream.relay.app import build_app
    except ImportError as error:
        advice = 'Install it with: pip install "nbstream[serve]"'
        raise MissingPackageError(
            f"The relay needs {error.name}, which is not installed.", advice=advice
        ) from error
    return build_app(
        chat_or_factory,
        token=token,
        cors_origins=cors_origins,
        limits=limits or RelayLimits(),
        model=model,
        ui=ui,
    )
