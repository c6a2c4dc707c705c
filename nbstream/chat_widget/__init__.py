"""The chat widget: its model, its messages to the page, and the page's commands."""

from nbstream.chat_widget.widget import ChatWidget

__all__ = ["ChatWidget"]
