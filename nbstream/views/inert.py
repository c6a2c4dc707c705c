"""Placeholder until the real one lands."""


def inert_markdown(text: str) -> str:
    """Escape."""
    return text.replace("<", "&lt;")
