"""What happened to a reply: the log of its events, and the state they add up to."""
