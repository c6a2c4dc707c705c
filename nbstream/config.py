"""Settings: ``c.NBStream.model = …`` in a configuration file, or ``%config NBStream.model = …``.

There is no setting for a key: what stands in a setting is shown by ``%config``. A key comes from the
environment or from `Chat(api_key=…)`; `NBStream.api_key_env` names the variable.
"""

from __future__ import annotations

import traitlets as t
from traitlets.config import SingletonConfigurable

__all__ = ["NBStream"]


class NBStream(SingletonConfigurable):
    """Defaults of every chat."""

    model = t.Unicode(help="Model, as NAME or PROVIDER:NAME, e.g. ollama:llama3.2.").tag(config=True)
    base_url = t.Unicode(help="URL of an OpenAI-compatible API, e.g. http://127.0.0.1:8000/v1.").tag(
        config=True
    )
    api_key_env = t.Unicode(help="Environment variable that holds the key for base_url.").tag(config=True)
    system = t.Unicode(help="System message of new chats.").tag(config=True)
    temperature = t.Float(None, allow_none=True, help="Sampling temperature.").tag(config=True)
    max_tokens = t.Int(None, allow_none=True, help="Longest answer, in tokens.").tag(config=True)
    params = t.Dict(help="Further parameters of every request.").tag(config=True)
    retries = t.Int(2, min=0, help="How often a request that did not get through is tried again.").tag(
        config=True
    )
    probe = t.Bool(True, help="Look for a model server on this machine when nothing is configured.").tag(
        config=True
    )

    def request_params(self) -> dict[str, object]:
        """Parameters that are set, under the names that requests give them."""
        named = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        return {name: value for name, value in named.items() if value is not None} | dict(self.params)
