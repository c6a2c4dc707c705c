"""Conversations: turns, the context sent, and files."""

from nbstream.conversation.conversation import Answer, Conversation, Turn, Version

__all__ = ["Answer", "Conversation", "Turn", "Version"]
