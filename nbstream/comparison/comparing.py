"""`compare`: the way into a comparison."""

from __future__ import annotations

from typing import Any

from nbstream._util.keywords import check_keywords
from nbstream.comparison.checks import Check, Checks, PairCheck, StopWhen, as_checks
from nbstream.comparison.checks.monitor import check_stop_when
from nbstream.comparison.comparison import Comparison
from nbstream.comparison.grid.choices import model_choices, param_choices, prompt_choices, system_choices
from nbstream.comparison.grid.plan import Plan
from nbstream.comparison.grid.rows import rows_of
from nbstream.comparison.grid.variant import Variant, variants_of
from nbstream.comparison.judging import Judge, PairJudge
from nbstream.conversation.options import ChatKeywords
from nbstream.conversation.questions import Question
from nbstream.errors import ArgumentError

__all__ = ["compare"]

_OF_REQUEST = frozenset({"schema", "retries", "debug"})
_OPTIONS = frozenset({*ChatKeywords.__annotations__, *_OF_REQUEST} - {"n", "system", "temperature"})
_OWN = frozenset(
    {
        "baseline",
        "checks",
        "concurrency",
        "judge",
        "models",
        "over",
        "params",
        "per_host",
        "prompts",
        "race",
        "since",
        "stop_when",
        "strict",
    }
)
_ADVICE = "Parameters that nbstream does not know go into extra={…}."


def compare(
    prompt: Question | None = None,
    *,
    models: Any = None,
    prompts: Any = None,
    system: Any = None,
    temperature: Any = None,
    params: Any = None,
    n: int = 1,
    over: Any = None,
    checks: Checks = None,
    judge: Judge | PairJudge | None = None,
    baseline: int | str = 0,
    race: bool | str = False,
    stop_when: StopWhen = "failed",
    concurrency: int = 16,
    per_host: int = 8,
    strict: bool = False,
    since: Comparison | None = None,
    **options: Any,
) -> Comparison:
    """Send prompts to models, with all combinations of parameters, over the rows of a table.

    Each answer is an ordinary reply: one that fails does not affect the others.

    Parameters
    ----------
    prompt
        What is sent. With `over`, a text is a template: ``{{ column }}`` is filled in.
    models, prompts, system, temperature, params
        The choices of each part of the request: one, a list, or a dict by name. There is a variant for each
        combination. A choice of `params` is a dict of parameters.
    n
        How many answers to each request. With ``seed=…`` they have that seed, the next one and so on.
    over
        The rows: a DataFrame, or dicts. The column ``expected`` is what checks compare with.
    checks
        What is a good answer: a dict from name to check, a list, or one. A check is made by the functions of
        `nbstream.comparison.checks`, named as promptfoo does (``"icontains: Oslo"``), or a function of the
        reply that returns True or False.
    judge
        A model that grades the answers: one more check, named ``"judge"`` unless it has another name.
    baseline
        Name or number of the variant that the others are compared with.
    race
        Stop requesting variants as soon as they are shown to be worse: by whether they pass all checks, or by
        the score of the named one. The rows are requested in random order.
    stop_when
        When the checks close a stream: ``"failed"``, once all are certain and one has failed;
        ``"first failed"``; ``"decided"``, once all are certain; or ``"never"``.
    concurrency, per_host
        How many requests are sent at a time, altogether and to one host, those of judges included. A host
        that answers 429 gets fewer, and all its requests wait as long as it asks.
    strict
        Raise the error of one failed answer. By default only the failure of all is raised.
    since
        An earlier comparison: its finished answers to the same requests are taken over.
    **options
        Options of `Chat` and of `Chat.send` for all requests, such as ``max_tokens=200``, ``seed=7`` or
        ``schema=…``.

    Returns
    -------
    Comparison
        At once. Await it for all answers.

    Raises
    ------
    ArgumentError
        When something cannot be sent or compared. Nothing was sent then.

    Examples
    --------
    >>> import asyncio
    >>> async def main():
    ...     return await compare(
    ...         "echo: {{ city }} is in {{ country }}",
    ...         models="demo:nbstream-demo-fast",
    ...         temperature=[0, 0.7],
    ...         over=[{"city": "Oslo", "country": "Norway"}, {"city": "Rome", "country": "Italy"}],
    ...         checks={"country": "contains: Norway"},
    ...     )
    >>> grid = asyncio.run(main())
    >>> grid
    <Comparison of 2 by 2: 4 of 4 answers>
    >>> [cell.passed for cell in grid.cells]
    [True, True, False, False]
    """
    check_stop_when(stop_when)
    check_keywords("compare", options, _OPTIONS | _OWN, _ADVICE)
    variants = variants_of(
        prompt_choices(prompt, prompts, templates=over is not None),
        model_choices(models),
        system_choices(system),
        param_choices(temperature, params),
    )
    every = _with_judge(as_checks(checks), judge)
    plan = Plan(
        variants,
        rows_of(over),
        n,
        {name: check for name, check in every.items() if isinstance(check, Check)},
        {name: check for name, check in every.items() if isinstance(check, PairCheck)},
        stop_when,
        _baseline(variants, baseline),
        _race(race),
        concurrency=concurrency,
        per_host=per_host,
        strict=strict,
        chat={name: value for name, value in options.items() if name not in _OF_REQUEST},
        send={name: value for name, value in options.items() if name in _OF_REQUEST},
    )
    return Comparison(plan, since)


def _with_judge(
    checks: dict[str, Check | PairCheck], judge: Judge | PairJudge | None
) -> dict[str, Check | PairCheck]:
    if judge is None:
        return checks
    if not isinstance(judge, Judge | PairJudge):
        raise ArgumentError(
            f"judge={judge!r} is not a judge.", advice='For example: judge=Judge("The answer is polite.").'
        )
    if judge.name in checks:
        raise ArgumentError(f"Two checks are called {judge.name!r}.", advice="Give the judge a name=….")
    return {**checks, judge.name: judge}


def _baseline(variants: tuple[Variant, ...], which: int | str) -> Variant:
    for variant in variants:
        if which in {variant.index, variant.name}:
            return variant
    names = ", ".join(repr(variant.name) for variant in variants)
    raise ArgumentError(f"There is no variant {which!r} for baseline=….", advice=f"There are: {names}.")


def _race(race: bool | str) -> str | None:
    """The check to race for: "" for all; None for no race."""
    if isinstance(race, str):
        return race
    return "" if race else None
