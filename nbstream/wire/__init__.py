"""Turns the bytes of a response into stream events; independent of views."""
