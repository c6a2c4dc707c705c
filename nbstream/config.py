"""Settings: ``c.NBStream.model = …`` in a configuration file, or ``%config NBStream.model = …``.

There is no setting for a key, because ``%config`` shows settings. A key comes from the environment
or from `Chat(api_key=…)`; `NBStream.api_key_env` names the variable.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import traitlets as t
from traitlets.config import Config, SingletonConfigurable

from nbstream._util.files import refuse_unwritable
from nbstream._util.names import did_you_mean
from nbstream.errors import ArgumentError
from nbstream.types.limits import Limits, OnDisconnect, Timeouts
from nbstream.types.request import APIName

if TYPE_CHECKING:
    from decimal import Decimal

    from nbstream.cost.ledger import Ledger

__all__ = ["NBStream"]


class NBStream(SingletonConfigurable):
    """Defaults of every chat. A misspelt name is an error, wherever it is set.

    Examples
    --------
    >>> settings = NBStream(model="demo", temperature=0.2)
    >>> settings.request_params()
    {'temperature': 0.2}
    >>> settings.modle = "demo"
    Traceback (most recent call last):
        ...
    nbstream.errors.ArgumentError: There is no setting NBStream.modle. Did you mean 'model'?
    """

    model = t.Unicode(help="Model, as NAME or PROVIDER:NAME, e.g. ollama:llama3.2.").tag(config=True)
    base_url = t.Unicode(help="URL of an OpenAI-compatible API, e.g. http://127.0.0.1:8000/v1.").tag(
        config=True
    )
    api_key_env = t.Unicode(help="Environment variable that holds the key for base_url.").tag(config=True)
    system = t.Unicode(help="System message of new chats.").tag(config=True)
    temperature = t.Float(None, allow_none=True, help="Sampling temperature.").tag(config=True)
    max_tokens = t.Int(None, allow_none=True, help="Maximum length of an answer, in tokens.").tag(config=True)
    params = t.Dict(help="Additional parameters of every request.").tag(config=True)
    retries = t.Int(2, min=0, help="How often a failed request is retried.").tag(config=True)
    on_disconnect: t.Enum[OnDisconnect] = t.Enum(
        get_args(OnDisconnect),
        "keep",
        help="What to do if the connection breaks: keep the partial answer, continue it, or restart it.",
    ).tag(config=True)
    api: t.Enum[APIName] = t.Enum(
        get_args(APIName), "chat", help="API to use: chat completions or responses."
    ).tag(config=True)
    connect_timeout = t.Float(10.0, allow_none=True, help="Seconds to wait for a connection.").tag(
        config=True
    )
    first_event_timeout = t.Float(
        300.0, allow_none=True, help="Seconds from the request to the first useful event."
    ).tag(config=True)
    idle_timeout = t.Float(60.0, allow_none=True, help="Seconds between two useful events.").tag(config=True)
    total_timeout = t.Float(None, allow_none=True, help="Seconds for a whole answer, with retries.").tag(
        config=True
    )
    event_bytes = t.Int(Limits().event_bytes, min=1, help="Maximum size of an event, in bytes.").tag(
        config=True
    )
    answer_chars = t.Int(
        Limits().answer_chars, min=1, help="Maximum length of an answer, in characters."
    ).tag(config=True)
    max_context_tokens = t.Int(
        None, allow_none=True, min=1, help="Limit of the context, in tokens; the oldest turns are left out."
    ).tag(config=True)
    budget = t.Float(
        None,
        allow_none=True,
        help="US dollars that this session may spend; a request that could exceed it is not sent.",
    ).tag(config=True)
    prices = t.Dict(
        help="Prices of models that have none yet, in US dollars per million tokens, e.g. "
        '{"my-model": {"input": 0.15, "output": 0.6}}.'
    ).tag(config=True)
    mode = t.Enum(
        ("auto", "live", "headless", "terminal"),
        "auto",
        help="How answers are shown: live in a page, headless for a program that runs the notebook, or as "
        "text in a terminal. auto detects it. The environment variable NBSTREAM_MODE takes precedence.",
    ).tag(config=True)
    probe = t.Bool(
        True,
        help="If nothing is configured, look for a local model server and an installed model.",
    ).tag(config=True)

    log = t.Unicode(
        help="File in which replies are kept across sessions; without one, they are kept for the session."
    ).tag(config=True)

    # In the place of a logger, which traitlets would use for names that `_check_names` refuses.
    @t.default("log")
    def _log_default(self) -> str:  # type: ignore[override]
        return ""

    @t.validate("log")
    def _validate_log(self, proposal: Any) -> str:
        path = str(proposal["value"])
        if path:
            refuse_unwritable(Path(path).expanduser())
        return path

    def __init__(self, **settings: Any) -> None:
        self._check_names(settings)
        super().__init__(**settings)

    if not TYPE_CHECKING:  # with it, type checkers would accept every name

        def __setattr__(self, name: str, value: object) -> None:
            if not name.startswith("_") and not hasattr(type(self), name):
                self._check_names([name])
            super().__setattr__(name, value)

    def _load_config(self, cfg: Config, section_names: Any = None, traits: Any = None) -> None:
        """Take what is configured; traitlets itself would only warn of a name that it does not know."""
        own = self._find_my_config(cfg)
        self._check_names(name for name, value in own.items() if not isinstance(value, Config))
        super()._load_config(cfg, section_names=section_names, traits=traits)

    def _check_names(self, names: Iterable[str]) -> None:
        known = self.trait_names()
        for name in names:
            if name not in known:
                public = sorted(self.class_trait_names(config=True))
                advice = did_you_mean(name, public) or f"Settings: {', '.join(public)}."
                raise ArgumentError(f"There is no setting NBStream.{name}.", advice=advice)

    @t.validate("budget")
    def _check_budget(self, proposal: Any) -> float | None:
        from nbstream.cost.budget import as_dollars

        amount: float | None = proposal["value"]
        return None if amount is None else float(as_dollars(amount))

    @t.validate("prices")
    def _check_prices(self, proposal: Any) -> dict[str, Any]:
        from nbstream.cost.prices import check_prices

        check_prices(proposal["value"])
        prices: dict[str, Any] = proposal["value"]
        return prices

    @property
    def ledger(self) -> Ledger:
        """The usage of the requests that these settings were used for."""
        from nbstream.cost.ledger import Ledger  # here, so that `%load_ext` does not import it

        ledger: Ledger = self.__dict__.setdefault("_ledger", Ledger())  # atomic: requests run in any thread
        return ledger

    @property
    def budget_limit(self) -> Decimal | None:
        """The budget as an exact amount."""
        from nbstream.cost.budget import as_dollars

        return None if self.budget is None else as_dollars(self.budget)

    @property
    def timeouts(self) -> Timeouts:
        """The configured timeouts."""
        return Timeouts(self.connect_timeout, self.first_event_timeout, self.idle_timeout, self.total_timeout)

    @property
    def limits(self) -> Limits:
        """The configured limits."""
        return Limits(self.event_bytes, self.answer_chars)

    def request_params(self) -> dict[str, object]:
        """The set parameters, under their request names.

        Examples
        --------
        >>> NBStream(max_tokens=100, params={"seed": 7}).request_params()
        {'max_tokens': 100, 'seed': 7}
        """
        named = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        return {name: value for name, value in named.items() if value is not None} | dict(self.params)
