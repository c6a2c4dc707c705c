"""The usage of a session as a table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from nbstream._util.pandas import require_pandas
from nbstream.config import NBStream
from nbstream.cost.ledger import Ledger, UsageTotals
from nbstream.cost.prices import FREE, INSTALL, is_installed, price_text
from nbstream.views.inert import inert_markdown, visible

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["UsageRow", "UsageTable", "budget_text", "usage", "usage_of"]

_COLUMNS = ("chat", "provider", "model", "requests", "input", "cached", "output", "cost")


@dataclass(frozen=True, slots=True)
class UsageRow:
    """The requests of one chat to one model.

    Parameters
    ----------
    chat
        Name of the chat; empty for a chat of Python code.
    provider
        Provider or host.
    model
        Name of the model.
    totals
        The requests, added up.
    """

    chat: str
    provider: str
    model: str
    totals: UsageTotals

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as texts."""
        usage = self.totals.usage
        counts = (self.totals.requests, usage.input, usage.cached, usage.output)
        texts = ("" if count is None else f"{count:,}" for count in counts)
        return (self.chat, self.provider, self.model, *texts, _cost_text(self.totals))


class UsageTable:
    """Tokens and prices of all requests of a session, by chat and model. A view: it grows with the session.

    Parameters
    ----------
    ledger
        The usage of the session.
    limit
        Its budget in US dollars, if it has one.

    Examples
    --------
    >>> from nbstream import Chat, usage
    >>> Chat("demo:nbstream-demo-fast").send("echo: Hello").result().cost
    Decimal('0')
    >>> usage().rows[0].provider, usage().rows[0].totals.free
    ('demo', True)
    """

    def __init__(self, ledger: Ledger, limit: Decimal | None = None) -> None:
        self._ledger = ledger
        self._limit = limit

    @property
    def rows(self) -> list[UsageRow]:
        """One row for each chat and model."""
        return [UsageRow(*key, totals) for key, totals in self._ledger.totals().items()]

    @property
    def total(self) -> UsageTotals:
        """All requests of the session."""
        return self._ledger.total()

    @property
    def cost(self) -> Decimal:
        """US dollars spent, as far as requests have prices: `total` counts those without one."""
        return self.total.cost

    def to_frame(self) -> pd.DataFrame:
        """The table as a DataFrame. The cost is 0 for models on this machine and missing where unpriced.

        Raises
        ------
        MissingPackageError
            If pandas is not installed.

        Examples
        --------
        >>> from nbstream import usage
        >>> list(usage().to_frame().columns)[:4]
        ['chat', 'provider', 'model', 'requests']
        """
        require_pandas("nbstream.usage() works without it.")
        import pandas as pd

        return pd.DataFrame([_record(row) for row in self.rows], columns=[*_COLUMNS, "estimated", "unpriced"])

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        lines = [self._head()]
        for row in self.rows:
            named = zip(_COLUMNS[3:], row.cells[3:], strict=True)
            facts = ", ".join(f"{name} {value}" for name, value in named if value)
            lines.append(f"{row.chat or 'Python'}, {row.provider} {row.model}: {facts}")
        return visible("\n".join([*lines, *self._notes()]))

    def _repr_markdown_(self) -> str:
        table = [_COLUMNS, ["---"] * len(_COLUMNS), *(tuple(map(_cell, row.cells)) for row in self.rows)]
        lines = [f"| {' | '.join(row)} |" for row in table] if self.rows else []
        notes = [inert_markdown(note) for note in self._notes()]
        return "\n\n".join([inert_markdown(self._head()), "\n".join(lines), *notes]).strip()

    def _head(self) -> str:
        total, budget = self.total, _budget_line(self._ledger, self._limit)
        if not total.requests:
            return f"No requests so far. {budget}".strip()
        return f"{_requests(total.requests)} in this session: {_cost_text(total)}. {budget}".strip()

    def _notes(self) -> list[str]:
        """How to price what has no price."""
        if not self.total.unpriced:
            return []
        ways = "Set NBStream.prices for their models."
        if not is_installed():
            ways = f"Install the prices of common models ({INSTALL}), or set NBStream.prices."
        return [f"Unpriced requests are not part of the sum. {ways}"]


def usage() -> UsageTable:
    """Return the usage of this session: tokens and prices by chat and model.

    Examples
    --------
    >>> from nbstream import Chat, usage
    >>> reply = Chat("demo:nbstream-demo-fast").send("echo: Hello").result()
    >>> usage().total.requests > 0, usage().total.unpriced
    (True, 0)
    """
    return usage_of(NBStream.instance())


def usage_of(settings: NBStream) -> UsageTable:
    """The usage of the chats with these settings."""
    return UsageTable(settings.ledger, settings.budget_limit)


def budget_text(settings: NBStream) -> str:
    """How much of the session's budget is left."""
    line = _budget_line(settings.ledger, settings.budget_limit)
    if not line:
        return "This session has no budget. %chat budget 2.00 sets one."
    unpriced = settings.ledger.total().unpriced
    return f"{line} Not counted: {_requests(unpriced)} without a price." if unpriced else line


def _budget_line(ledger: Ledger, limit: Decimal | None) -> str:
    """The amounts of a budget; empty without one."""
    if limit is None:
        return ""
    spent, reserved = ledger.spending.spent, ledger.spending.reserved
    amounts = [f"{price_text(spent)} spent", f"{price_text(max(limit - spent - reserved, Decimal()))} left"]
    if reserved:
        amounts.insert(1, f"{price_text(reserved)} reserved for requests in flight")
    return f"Budget: {price_text(limit)}, {', '.join(amounts)}."


def _cost_text(totals: UsageTotals) -> str:
    """The cost of requests in words."""
    if totals.free:
        return FREE
    if not totals.unpriced:
        return _sum(totals)
    unpriced = f"{totals.unpriced:,} unpriced" if totals.unpriced < totals.requests else "unpriced"
    return f"{_sum(totals)} and {unpriced}" if totals.cost else unpriced


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count:,} requests"


def _sum(totals: UsageTotals) -> str:
    return f"{'≈' if totals.estimated else ''}{price_text(totals.cost)}"


def _record(row: UsageRow) -> dict[str, Any]:
    totals, usage_ = row.totals, row.totals.usage
    cost = float(totals.cost) if totals.free or totals.unpriced < totals.requests else None
    counts = {
        "requests": totals.requests,
        "input": usage_.input,
        "cached": usage_.cached,
        "output": usage_.output,
    }
    names = {"chat": row.chat, "provider": row.provider, "model": row.model}
    return names | counts | {"cost": cost, "estimated": float(totals.estimated), "unpriced": totals.unpriced}


def _cell(text: str) -> str:
    return inert_markdown(text).replace("|", "&#124;")
