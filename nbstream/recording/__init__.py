"""The record of a reply: the log of its events, and the state derived from it."""
