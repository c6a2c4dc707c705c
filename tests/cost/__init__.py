"""Prices, estimates, usage and budgets."""
