"""Transports below the HTTP client."""
