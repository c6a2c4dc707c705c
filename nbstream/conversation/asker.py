"""All of a chat but its turns: endpoint, options, budget, system message and examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbstream.client.router import Router, default_router
from nbstream.client.target import Target
from nbstream.conversation.budgeted import Budgeted, new_budget
from nbstream.conversation.conversation import Conversation
from nbstream.conversation.defaults import RequestDefaults
from nbstream.conversation.examples import opening
from nbstream.conversation.options import RequestOptions

__all__ = ["Asker"]


class Asker(RequestDefaults, Budgeted):
    """What asks a model, with the arguments of `nbstream.Chat`.

    Parameters
    ----------
    model, settings
        As for `nbstream.Chat`; the names are checked.

    Attributes
    ----------
    conversation : Conversation
        The system message and the examples, and the turns of a chat.
    """

    def __init__(self, model: str | None, settings: Mapping[str, Any]) -> None:
        given = dict(settings)
        system, examples = opening(given.pop("system", None), given.pop("messages", None))
        key, client = given.pop("api_key", None), given.pop("client", None)
        router: Router = given.pop("router", None) or default_router()
        target = Target(model or "", given.pop("base_url", None) or "", key, client)
        self._budget = new_budget(given.pop("budget", None))
        super().__init__(router, target, RequestOptions.of(given))
        self.conversation = Conversation(system or self._router.settings.system or None, examples)
