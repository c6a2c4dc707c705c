"""Providers: known services, their URLs and keys, and local servers."""

from nbstream.providers.presets import PROVIDERS

__all__ = ["PROVIDERS"]
