"""The live table of a batch at 200 rows a second: what it costs a page of JupyterLab in Chromium."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from benchmarks.answers import answers
from benchmarks.report import Row, Table

if TYPE_CHECKING:
    from tests.browser.lab import Lab

ROWS = 3000
PER_SECOND = 200
ANSWER_SECONDS = 0.2
MANY_ROWS = 100_000
PATIENCE_SECONDS = 180

CELL = """import nbstream
rows = [{{"prompt": f"row {{n}}"}} for n in range({rows})]
endpoint = dict(model="bench", base_url="{url}", api_key="none")
table = await nbstream.batch("{{{{ prompt }}}}", rows, **endpoint, store=False,
                             concurrency={concurrency}, progress={progress})"""
FIRST = """import nbstream
await nbstream.batch("Hi", [{{"x": 1}}], model="bench", base_url="{url}", api_key="none", store=False)"""

ORDERS = {"order of the table": "", "latest first": "Ended"}


def measure(lab: Lab, *, order: str | None) -> dict[str, float]:
    """Run a batch once in a new page; without an order it shows nothing."""
    from benchmarks.browser import HERE, main_thread, percentiles

    page = lab.new_page(viewport={"width": 1400, "height": 900})
    page.add_init_script(path=HERE / "probe.js")
    with answers(ANSWER_SECONDS) as server:
        lab.write_notebook([FIRST.format(url=server.base_url)], "table.ipynb")
        notebook = lab.open_notebook("table.ipynb", page)
        notebook.start(0)  # the page has the code of the view from then on
        notebook.wait_until_done(0)
        notebook.page.set_default_timeout(PATIENCE_SECONDS * 1000)
        cdp = page.context.new_cdp_session(page)
        cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        source = CELL.format(
            rows=ROWS,
            url=server.base_url,
            concurrency=round(PER_SECOND * ANSWER_SECONDS),
            progress=order is not None,
        )
        index = notebook.add(source)
        page.evaluate("index => bench.start(index)", index)
        notebook.start(index)
        if order:
            notebook.output(index).get_by_role("button", name=order).click()
        before, began = main_thread(cdp), time.monotonic()
        notebook.wait_until_done(index)
        seconds, spent = time.monotonic() - began, main_thread(cdp) - before
        found = page.evaluate("bench.figures()")
    notebook.close()
    middle, most = percentiles(found["latencies"])
    return {
        "rows a second": ROWS / seconds,
        "main-thread CPU s": spent,
        "main thread busy %": 100 * spent / seconds,
        "messages": len(found["latencies"]),
        "message bytes per row": found["bytes"] / ROWS,
        "receipt to paint p50 ms": middle,
        "p95 ms": most,
        "longest task ms": max(found["longTasks"], default=0),
    }


def many_rows() -> list[Row]:
    """What a page of 100,000 rows costs the kernel if the page sorts them, and if the kernel does."""
    from nbstream import Chat
    from nbstream.batching.outcome import Outcome
    from nbstream.batching.progress import Progress
    from nbstream.batching.view.publisher import MOST_ROWS, BatchPublisher
    from nbstream.batching.view.shown_batch import ShownBatch
    from nbstream.types.usage import Usage

    rows = [{"prompt": f"row {n}"} for n in range(MANY_ROWS)]
    plan = Chat("demo").batch("{{ prompt }}", rows, store=False)._plan  # noqa: SLF001
    outcomes = [
        Outcome("finished", "a", usage=Usage(n % 97, n % 89), seconds=n % 83 / 100, attempts=1)
        for n in range(MANY_ROWS)
    ]
    none: Any = None
    batch = ShownBatch(plan, Progress(MANY_ROWS), outcomes, none, none, none, none, none, lambda: "")
    publisher = BatchPublisher(batch)
    parts = [range(first, first + MOST_ROWS) for first in range(0, MANY_ROWS, MOST_ROWS)]
    return [
        _timed(
            "figures of all rows, as columns, once", lambda: [publisher.columns(list(part)) for part in parts]
        ),
        _timed(
            "figures of all rows, as objects, once",
            lambda: [_objects(outcomes[part.start : part.stop]) for part in parts],
        ),
        _timed(
            "rows in sight, sorted in the kernel, at each change",
            lambda: [_objects(sorted(outcomes, key=_tokens)[:20])],
        ),
    ]


def _objects(outcomes: list[Any]) -> list[dict[str, Any]]:
    return [
        {"status": one.status, "input": one.usage.input, "output": one.usage.output, "seconds": one.seconds}
        for one in outcomes
    ]


def _tokens(outcome: Any) -> int:
    return int(outcome.usage.output)


def _timed(name: str, make: Any) -> Row:
    began = time.process_time()
    size = sum(len(json.dumps(message)) for message in make())
    return Row(name, {"CPU ms": 1000 * (time.process_time() - began), "kB": size / 1000})


def run() -> list[Table]:
    from tests.browser.lab import Lab
    from tests.kernel.driver import HERMETIC

    with Lab(HERMETIC) as lab:
        rows = [Row("no table", measure(lab, order=None))]
        rows += [Row(name, measure(lab, order=order)) for name, order in ORDERS.items()]
    return [
        Table("table", f"a batch of {ROWS:,} rows at {PER_SECOND} rows a second, and its live table", rows),
        Table("table", f"{MANY_ROWS:,} rows: figures once, or a sorted part at each change", many_rows()),
    ]
