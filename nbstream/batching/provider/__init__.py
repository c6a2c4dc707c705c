"""Batches through the provider's Batch API: jobs of files, resumed after a restart."""
