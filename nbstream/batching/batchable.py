"""`Chat.batch`: one prompt over the rows of a table."""

from __future__ import annotations

import os
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from nbstream._util.browser import check_not_in_browser
from nbstream._util.keywords import accepts
from nbstream.client.router import Router
from nbstream.client.target import Target
from nbstream.conversation.conversation import Conversation
from nbstream.conversation.options import Keywords, RequestOptions, configured
from nbstream.cost.budget import Budget, as_dollars
from nbstream.types.params import COMMON_PARAMS, MISPLACED

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from distributed import Client

    from nbstream.batching.batch import Batch
    from nbstream.batching.row_prompt import BatchPrompt
    from nbstream.batching.store import Store
    from nbstream.batching.table import RowTable

    StoreArgument = str | os.PathLike[str] | Store | Literal[False] | None

__all__ = ["ADVICE", "SHOWN", "BatchKeywords", "Batchable"]

ADVICE = "Parameters that nbstream does not know go into extra={…}."
_OWN = ("model", "schema", "retries")
_SHARED = ("base_url", "timeouts", "limits", "api")
SHOWN: Sequence[str] = (*_OWN, *_SHARED, *COMMON_PARAMS, "extra")


class BatchKeywords(Keywords, total=False):
    """Keywords of `Chat.batch` besides its own arguments."""

    model: str | None
    schema: Any
    retries: int | None


class Batchable:
    """What a chat needs for a batch."""

    conversation: Conversation
    _router: Router
    _target: Target
    _options: RequestOptions
    _budget: Budget
    _usage_name: str

    @accepts(BatchKeywords, SHOWN, ADVICE, MISPLACED, "Chat.batch")
    def batch(
        self,
        prompt: BatchPrompt,
        rows: Any,
        *,
        store: StoreArgument = None,
        sample: int = 0,
        concurrency: int | Literal["auto"] = "auto",
        rpm: int | None = None,
        tpm: int | None = None,
        budget: float | Decimal | None = None,
        fail_fast: int = 20,
        on_error: Literal["keep", "raise"] = "keep",
        prefix: str = "",
        progress: bool = True,
        dry_run: bool = False,
        via: Literal["requests", "batch-api"] = "requests",
        engine: Executor | Client | None = None,
        **options: Any,
    ) -> Batch:
        """Send a prompt for each row of a table.

        Each row is a separate request, with the system message, the examples and the options of the chat,
        but without its turns. Answers are not streamed. Each is in the store before it counts, and what is
        in the store is not sent again: after an interrupt, an error or a killed kernel, the same call sends
        only the rest. Equal rows are sent once.

        Parameters
        ----------
        prompt
            A text with ``{{ column }}``, a `Prompt`, a list of messages or of content parts with templates in
            them (``["What is this?", "{{ image }}"]``), or a function that takes the row as a dict and
            returns what `Chat.send` takes, or a list of messages.
        rows
            A DataFrame of pandas, polars, pyarrow or another library that narwhals supports, or dicts.
        store
            A file in which the answers are kept, or a `Store`. By default the file ``answers.sqlite`` in the
            data folder of the user. False keeps them for this batch only.
        sample
            Another number asks for further answers to the same rows.
        concurrency
            The most requests in flight; ``"auto"`` finds out what the server accepts.
        rpm, tpm
            The most requests and tokens a minute.
        budget
            US dollars that this batch may spend, besides the chat's own budget.
        fail_fast
            Stop when this many requests in a row have failed; 0 for never.
        on_error
            ``"keep"``: the error of a row is kept in its row. ``"raise"``: the first one stops the batch.
        prefix
            Put before the names of the added columns.
        progress
            Whether the progress is shown: below the cell, or as a bar in a terminal or log.
        dry_run
            Send nothing; awaiting returns a `DryRun` with the number of requests, their estimated price and
            the first prompts.
        via
            ``"batch-api"`` uses the provider's Batch API: it answers within 24 hours, for half the price at
            OpenAI. An interrupt leaves its jobs running; the same call, also in another kernel, takes their
            answers. `Batch.cancel` cancels them.
        engine
            A `distributed.Client` or an executor of `concurrent.futures`: its workers send the requests, in
            blocks. The limits are divided among them. By default, for a DataFrame of Dask, the client that is
            connected; otherwise the requests are sent from here.
        **options
            For this batch, instead of the chat's own: `model`, `schema` and `retries` as for `Chat.send`, and
            parameters of the request.

        Returns
        -------
        Batch
            At once. Awaiting it sends, and returns the table: the same kind, order, index and types, with the
            columns ``answer`` (or the fields of the schema), ``status``, ``finish_reason``, ``input_tokens``,
            ``output_tokens``, ``cost``, ``seconds``, ``attempts``, ``cached`` and ``error``. The price of a
            cached answer was paid earlier.

        Raises
        ------
        ArgumentError
            When the prompt, the table or an option cannot be used. Nothing was sent then.

        Examples
        --------
        >>> import asyncio
        >>> from nbstream import Chat
        >>> async def main():
        ...     rows = [{"city": "Oslo"}, {"city": "Rome"}]
        ...     chat = Chat("demo:nbstream-demo-fast")
        ...     return await chat.batch("echo: {{ city }}", rows, store=False, progress=False)
        >>> table = asyncio.run(main())
        >>> [(row["city"], row["status"], row["answer"].splitlines()[-1]) for row in table]
        [('Oslo', 'finished', 'Oslo'), ('Rome', 'finished', 'Rome')]
        """
        from nbstream.batching.table import table_of

        return self.batch_with(
            prompt,
            table_of(rows),
            RequestOptions.of(options),
            store=store,
            sample=sample,
            concurrency=concurrency,
            rpm=rpm,
            tpm=tpm,
            budget=budget,
            fail_fast=fail_fast,
            on_error=on_error,
            prefix=prefix,
            progress=progress,
            dry_run=dry_run,
            via=via,
            engine=engine,
        )

    def batch_with(
        self,
        prompt: BatchPrompt,
        table: RowTable,
        options: RequestOptions,
        *,
        store: StoreArgument = None,
        budget: float | Decimal | None = None,
        progress: bool = True,
        dry_run: bool = False,
        engine: Executor | Client | None = None,
        **limits: Any,
    ) -> Batch:
        """What `batch` does, for front ends.

        Raises
        ------
        ArgumentError
            As `batch`.
        """
        check_not_in_browser("a batch", "Send each row: await chat.send(…).")
        from nbstream.batching.batch import Batch
        from nbstream.batching.engines.engine import engine_of
        from nbstream.batching.plan import Plan
        from nbstream.batching.row_prompt import RowPrompt
        from nbstream.batching.store_opening import opened

        asked = RowPrompt(prompt, self.conversation.preface())
        asked.check(table.columns)  # before the store is opened: a mistake should leave no file behind
        plan = Plan(
            asked,
            table,
            self._router,
            self._target,
            options,
            self._options.over(configured(self._router.settings)),
            opened(store),
            self._budgets(budget),
            self._usage_name,
            engine=engine_of(getattr(table, "engine", None) if engine is None else engine),
            **limits,
        )
        return Batch(plan, shows_progress=progress, dry_run=dry_run)

    def _budgets(self, limit: float | Decimal | None) -> list[Budget]:
        if limit is None:
            return [self._budget]
        advice = "Raise it with budget=…, or lower max_tokens."
        return [self._budget, Budget(limit=as_dollars(limit), owner="batch", advice=advice)]
