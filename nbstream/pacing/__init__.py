"""When requests are sent: how many at a time, how fast, and in which order.

`Pace` decides when a request may be sent to a host, and whether it is sent again. `PrefixGate` decides the
order of requests that share a long prefix. Both know nothing of tables or replies: they count requests and
tokens.
"""

from nbstream.pacing.hosts import HostPaces
from nbstream.pacing.pace import Pace, Slot
from nbstream.pacing.prefix_gate import PrefixGate, Turn
from nbstream.pacing.verdict import Verdict

__all__ = ["HostPaces", "Pace", "PrefixGate", "Slot", "Turn", "Verdict"]
