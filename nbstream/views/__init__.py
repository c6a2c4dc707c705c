"""From the state of a reply to what a reader sees; nothing here knows the wire."""
