"""The log: every reply of the session, and of earlier ones where `NBStream.log` names a file.

Named so that the function `nbstream.log` and a module do not share a name.
"""

from nbstream.reply_log.comparison import Diff, diff
from nbstream.reply_log.entry import LogEntry
from nbstream.reply_log.listing import Log, log

__all__ = ["Diff", "Log", "LogEntry", "diff", "log"]
