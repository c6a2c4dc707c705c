"""The `nbstream` command."""
