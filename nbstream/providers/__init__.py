"""Where models are served: known services, their addresses and keys, servers on this machine."""

from nbstream.providers.presets import PROVIDERS

__all__ = ["PROVIDERS"]
