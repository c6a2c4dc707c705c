"""What replies used and cost."""

from __future__ import annotations

from collections.abc import Iterable

from nbstream.reply import Reply

__all__ = ["cost_of", "tokens_of"]


def tokens_of(replies: Iterable[Reply]) -> int:
    """Input and output tokens, as the servers reported them."""
    usages = [reply.usage for reply in replies]
    return sum((usage.input or 0) + (usage.output or 0) for usage in usages if usage is not None)


def cost_of(replies: Iterable[Reply]) -> float | None:
    """US dollars; None where the price of one is not known, or there is none."""
    usages = [reply.usage for reply in replies]
    costs = [usage.cost if usage is not None else None for usage in usages]
    known = [float(cost) for cost in costs if cost is not None]
    return sum(known) if known and len(known) == len(costs) else None
