"""`nbstream.batch`: one prompt over the rows of a table, without a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nbstream._util.keywords import accepts
from nbstream.batching.batchable import ADVICE, SHOWN, Batchable
from nbstream.conversation.asker import Asker
from nbstream.conversation.options import ChatKeywords
from nbstream.types.params import MISPLACED

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from distributed import Client

    from nbstream.batching.batch import Batch
    from nbstream.batching.batchable import StoreArgument
    from nbstream.batching.row_prompt import BatchPrompt

__all__ = ["batch"]

_OF_THE_CHAT = ("system", "messages", "api_key", "client")
_OF_THE_BATCH = ("schema", "retries")


class _Keywords(ChatKeywords, total=False):
    schema: Any
    retries: int | None


class _Asker(Asker, Batchable):
    pass


@accepts(_Keywords, [*_OF_THE_CHAT, *(name for name in SHOWN if name != "model")], ADVICE, MISPLACED, "batch")
def batch(
    prompt: BatchPrompt,
    rows: Any,
    *,
    model: str | None = None,
    store: StoreArgument = None,
    sample: int = 0,
    concurrency: int | Literal["auto"] = "auto",
    rpm: int | None = None,
    tpm: int | None = None,
    fail_fast: int = 20,
    on_error: Literal["keep", "raise"] = "keep",
    prefix: str = "",
    progress: bool = True,
    dry_run: bool = False,
    via: Literal["requests", "batch-api"] = "requests",
    engine: Executor | Client | None = None,
    **options: Any,
) -> Batch:
    """Send a prompt for each row of a table: `Chat.batch` without a chat.

    Parameters
    ----------
    prompt, rows, store, sample, concurrency, rpm, tpm, fail_fast, on_error, prefix, progress, dry_run, via
        As for `Chat.batch`.
    engine
        As for `Chat.batch`.
    model, **options
        As for `Chat`: the endpoint, the system message, the budget and parameters of the requests; and
        `schema` and `retries` as for `Chat.send`.

    Returns
    -------
    Batch
        At once. Awaiting it sends, and returns the table with the answers.

    Raises
    ------
    ArgumentError
        When the prompt, the table or an option cannot be used. Nothing was sent then.

    Examples
    --------
    >>> import nbstream
    >>> rows = [{"city": "Oslo"}, {"city": "Rome"}]
    >>> batch = nbstream.batch(
    ...     "echo: {{ city }}", rows, model="demo:nbstream-demo-fast", store=False, progress=False
    ... )
    >>> [row["status"] for row in batch.result()]
    ['finished', 'finished']
    """
    chat = {name: value for name, value in options.items() if name not in _OF_THE_BATCH}
    own = {name: value for name, value in options.items() if name in _OF_THE_BATCH}
    return _Asker(model, chat).batch(
        prompt,
        rows,
        store=store,
        sample=sample,
        concurrency=concurrency,
        rpm=rpm,
        tpm=tpm,
        fail_fast=fail_fast,
        on_error=on_error,
        prefix=prefix,
        progress=progress,
        dry_run=dry_run,
        via=via,
        engine=engine,
        **own,
    )
