"""Batches past one process: blocks of requests that workers of Dask or of any executor carry out.

The notebook makes the requests, looks them up, keeps budgets and limits, and has the store. A worker gets a
block, sends it as a batch of its own does, and writes each answer to a file before it counts.
"""
