"""From the bytes of a response to stream events; nothing here knows a view."""
