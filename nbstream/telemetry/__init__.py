"""Telemetry of requests: log lines, spans and attribute names."""
