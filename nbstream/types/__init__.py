"""Frozen values that the rest of the package is written in."""
