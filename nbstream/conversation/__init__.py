"""Conversations: turns, the context sent, and files."""

from nbstream.conversation.conversation import Conversation
from nbstream.conversation.turns import Answer, Turn, Version

__all__ = ["Answer", "Conversation", "Turn", "Version"]
