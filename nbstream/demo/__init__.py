"""The demo: an OpenAI-compatible server in the package, for trying nbstream without any model.

It is scripted and seeded, and says so in every answer. `create_app` makes the ASGI app, which is called
in process (see `nbstream.transports.asgi`) or put on a port by `nbstream.demo.server.serve`.
"""

from __future__ import annotations

from nbstream.demo.app import create_app
from nbstream.demo.models import DEMO_MODELS, DemoModel

__all__ = ["DEMO_MODELS", "DemoModel", "create_app"]
