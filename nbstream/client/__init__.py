"""Sends requests to a server: a request in, stream events out.

The one place that knows the `openai` SDK and HTTP. `nbstream.client.chat_client.ChatClient` is what the rest
of nbstream uses.
"""
