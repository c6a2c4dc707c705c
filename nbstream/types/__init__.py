"""Frozen value types used throughout the package."""
