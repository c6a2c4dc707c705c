"""Batches through a Batch API on loopback, and what goes wrong with its jobs."""
