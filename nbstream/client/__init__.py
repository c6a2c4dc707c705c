"""The way to a server and back: a request in, stream events out.

The one place that knows the `openai` SDK and HTTP. `ChatClient` is what the rest of nbstream uses.
"""

from nbstream.client.chat_client import ChatClient
from nbstream.client.delivery import Delivery

__all__ = ["ChatClient", "Delivery"]
