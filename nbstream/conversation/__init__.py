"""Turns and answers: what of them is sent, and their file."""

from nbstream.conversation.conversation import Answer, Conversation, Turn, Version

__all__ = ["Answer", "Conversation", "Turn", "Version"]
