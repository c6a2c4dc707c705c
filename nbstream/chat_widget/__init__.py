"""A chat with an input box: the widget, what it sends to the page, what the page asks of it."""

from nbstream.chat_widget.widget import ChatWidget

__all__ = ["ChatWidget"]
