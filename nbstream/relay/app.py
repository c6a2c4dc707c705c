"""The relay as a FastAPI app: the parts put together."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from nbstream._version import __version__
from nbstream.chat import Chat
from nbstream.relay.access import Access
from nbstream.relay.intake import Intake
from nbstream.relay.limits import RelayLimits
from nbstream.relay.problems import add_handlers
from nbstream.relay.routes import CONVERSATION_HEADER, routes
from nbstream.relay.service import Relay
from nbstream.relay.template import ChatTemplate

__all__ = ["build_app"]


def build_app(
    chat_or_factory: Chat | Callable[[], Chat],
    *,
    token: str | None,
    cors_origins: Sequence[str],
    limits: RelayLimits,
    model: str,
    ui: Path | None,
) -> FastAPI:
    """Build the app; `nbstream.relay.create_app` describes the parameters."""
    app = FastAPI(
        title="nbstream relay",
        version=__version__,
        docs_url=None,  # these pages would load scripts from the network
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.relay = Relay(ChatTemplate(chat_or_factory), limits, model)
    app.include_router(routes, dependencies=[Depends(Access(token))])
    add_handlers(app)
    app.add_middleware(Intake, limits=limits)
    if cors_origins:
        _allow(app, cors_origins)
    if ui is not None:
        app.frontend("/", directory=ui)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
    yield
    await app.state.relay.runs.aclose()


def _allow(app: FastAPI, origins: Sequence[str]) -> None:
    """Allow pages of these origins to use the relay. No cookies: the token is a header."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["authorization", "content-type", "last-event-id"],
        expose_headers=[CONVERSATION_HEADER],
    )
