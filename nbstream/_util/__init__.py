"""Helpers without a noun of their own."""
