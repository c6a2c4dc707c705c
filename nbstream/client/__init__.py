"""The way to a server and back: a request in, stream events out.

The one place that knows the `openai` SDK and HTTP. `ChatClient` is what the rest of nbstream uses.
"""

from nbstream.client.bodies import sent_body
from nbstream.client.chat_client import ChatClient
from nbstream.client.delivery import Delivery
from nbstream.client.reconnect import SHORTEST_PREFIX, Begun

__all__ = ["SHORTEST_PREFIX", "Begun", "ChatClient", "Delivery", "sent_body"]
