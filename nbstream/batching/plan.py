"""What a batch does, as its arguments say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nbstream._util.arguments import check_choice
from nbstream._util.foreign_code import failure_text
from nbstream.batching.engines.engine import Engine
from nbstream.batching.row_prompt import Asked, RowPrompt
from nbstream.batching.store import Store
from nbstream.batching.table import RowTable
from nbstream.client.router import Router
from nbstream.client.target import Target
from nbstream.conversation.options import RequestOptions
from nbstream.cost.budget import Budget
from nbstream.errors import ArgumentError, NbstreamError

__all__ = ["FIGURES", "Plan"]

FIGURES = (
    "status",
    "finish_reason",
    "input_tokens",
    "output_tokens",
    "cost",
    "seconds",
    "attempts",
    "cached",
    "error",
)
"""Columns of every result, after those of the answer."""

_NO_USE = {
    "tools": "A batch runs no tools.",
    "n": "Use sample=1, sample=2 and so on for further answers to the same rows.",
    "logprobs": "A batch keeps no probabilities.",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch does.

    Parameters
    ----------
    prompt, table
        What is sent, and over which rows.
    router, target
        Where it is sent.
    options, defaults
        Options of this call, and of the chat.
    store
        Where answers are kept.
    budgets, name
        Budgets besides that of the session, and the name in reports of usage.
    concurrency, rpm, tpm
        Limits of requests in flight, and of requests and tokens a minute.
    on_error
        Whether a row's error is kept in its row, or ends the run.
    fail_fast
        After how many failed requests in a row the run stops; 0 for never.
    sample
        Number of the answer among several to the same request.
    prefix
        What the added columns are named with.
    via
        ``"requests"``: each request on its own. ``"batch-api"``: in jobs of the provider's Batch API.
    engine
        What carries blocks of requests out; None for this process.
    """

    prompt: RowPrompt
    table: RowTable
    router: Router
    target: Target
    options: RequestOptions
    defaults: RequestOptions
    store: Store
    budgets: Sequence[Budget] = ()
    name: str = ""
    concurrency: int | Literal["auto"] = "auto"
    rpm: int | None = None
    tpm: int | None = None
    on_error: Literal["keep", "raise"] = "keep"
    fail_fast: int = 20
    sample: int = 0
    prefix: str = ""
    via: Literal["requests", "batch-api"] = "requests"
    engine: Engine | None = None

    def __post_init__(self) -> None:
        check_choice("on_error", self.on_error, ("keep", "raise"))
        check_choice("via", self.via, ("requests", "batch-api"))
        for name, value in {"fail_fast": self.fail_fast, "sample": self.sample}.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ArgumentError(f"{name}={value!r} is not a number of at least 0.")
        params = self.options.over(self.defaults).request_params
        for name, advice in _NO_USE.items():
            if params.get(name) or (name == "tools" and (self.options.tools or self.defaults.tools)):
                raise ArgumentError(f"{name}=… has no use in a batch.", advice=advice)
        if params.get("background"):
            raise ArgumentError("background=True has no use in a batch.", advice="Leave it out.")
        if self.via == "batch-api":
            self._check_job_options()
        if self.engine is not None:
            self._check_engine_options()
        self.prompt.check(self.table.columns)
        self._check_names()

    @property
    def answer_columns(self) -> list[str]:
        """Columns of the answer itself: the fields of the schema, or one."""
        schema = self.options.schema
        fields = [] if schema is None or schema.has_rows or schema.key else schema.fields
        return [f"{self.prefix}{name}" for name in fields or ["answer"]]

    @property
    def figure_columns(self) -> list[str]:
        """Columns after those of the answer."""
        return [f"{self.prefix}{name}" for name in FIGURES]

    def asked(self, row: Mapping[str, Any]) -> Asked:
        """What is sent for a row.

        Raises
        ------
        NbstreamError
            When it cannot be made; also for an error of the user's own function.
        """
        try:
            return self.prompt.asked(row)
        except NbstreamError:
            raise
        except Exception as error:
            raise ArgumentError(f"The function of the prompt failed: {failure_text(error)}") from error

    def _check_job_options(self) -> None:
        """See that no option is given that jobs of a Batch API do not have.

        Raises
        ------
        ArgumentError
            Names the first that is.
        """
        options = self.options.over(self.defaults)
        given = {
            "concurrency": self.concurrency != "auto",
            "rpm": self.rpm is not None,
            "tpm": self.tpm is not None,
            "retries": bool(self.options.retries),
            "stream": bool(options.stream),
        }
        for name in (name for name, is_given in given.items() if is_given):
            raise ArgumentError(
                f'{name}=… has no use with via="batch-api".', advice="Leave it out: the provider decides."
            )
        if self.store.path is None:
            raise ArgumentError(
                'store=False has no use with via="batch-api": a job may outlive this process.',
                advice="Pass store=PATH, or leave it out.",
            )

    def _check_engine_options(self) -> None:
        """See that no option is given that workers of an engine cannot have.

        Raises
        ------
        ArgumentError
            Names the first that is.
        """
        if self.via == "batch-api":
            raise ArgumentError('engine=… has no use with via="batch-api".', advice="Leave one of them out.")
        if self.store.path is None:
            raise ArgumentError(
                "store=False has no use with an engine: a lost worker would take its answers with it.",
                advice="Pass store=PATH, or leave it out.",
            )
        if self.target.client is not None:
            raise ArgumentError(
                "A client of your own cannot be sent to workers.", advice="Pass base_url=… and api_key=…."
            )

    def _check_names(self) -> None:
        """See that no added column has a name that is taken.

        Raises
        ------
        ArgumentError
            Names those that are.
        """
        added = [*self.answer_columns, *self.figure_columns]
        taken = [name for name in added if name in set(self.table.columns) or added.count(name) > 1]
        if taken:
            names = ", ".join(map(repr, dict.fromkeys(taken)))
            raise ArgumentError(
                f"The result would have two columns named {names}.",
                advice='Pass prefix="batch_" to name the added columns differently.',
            )
