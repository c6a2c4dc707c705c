"""40 answers that stream into one comparison: what they cost the page, in a real JupyterLab in Chromium."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.report import Row, Table
from benchmarks.source import TOKEN, Plan, source, words

if TYPE_CHECKING:
    from tests.browser.lab import Lab, NotebookPage

VARIANTS, ROWS = 8, 5
CELLS = VARIANTS * ROWS
TOKENS = 500
PER_SECOND = 50
RUNS = 3
PATIENCE_SECONDS = 180

CELL = """from nbstream import compare
grid = compare("{{{{ x }}}}", models=[f"bench-{{m}}" for m in range({variants})],
               over=[{{"x": x}} for x in range({rows})], base_url="{url}",
               checks={{"short": "contains: a"}}, concurrency={cells}, per_host={cells})
await grid"""


def measure(lab: Lab) -> dict[str, float]:
    """Stream them once into a new page."""
    from benchmarks.browser import HERE

    page = lab.new_page()
    page.add_init_script(path=HERE / "probe.js")
    lab.write_notebook(
        ["from nbstream import compare\nawait compare('Hi', models='demo:nbstream-demo-fast')"], "grid.ipynb"
    )
    notebook = lab.open_notebook("grid.ipynb", page)
    notebook.start(0)  # the page has the code of the view from then on
    notebook.wait_until_done(0)
    with source(Plan(words(TOKENS), 1, PER_SECOND)) as origin:
        figures = streamed(notebook, origin.base_url)
    notebook.close()
    return figures


def streamed(notebook: NotebookPage, url: str) -> dict[str, float]:
    from benchmarks.browser import main_thread, percentiles

    cdp = notebook.page.context.new_cdp_session(notebook.page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    index = notebook.add(CELL.format(url=url, variants=VARIANTS, rows=ROWS, cells=CELLS))
    notebook.page.evaluate("index => bench.start(index)", index)
    before, began = main_thread(cdp), time.monotonic()
    notebook.page.set_default_timeout(PATIENCE_SECONDS * 1000)
    notebook.start(index)
    notebook.wait_until_done(index)
    seconds, spent = time.monotonic() - began, main_thread(cdp) - before
    drawn = notebook.output(index).get_by_role("gridcell").count()
    found = notebook.page.evaluate("bench.figures()")
    middle, most = percentiles(found["latencies"])
    return {
        "cells drawn": drawn,
        "messages": len(found["latencies"]),
        "message kB per cell": found["bytes"] / 1000 / CELLS,
        "main-thread CPU s": spent,
        "busy % of 10 s": 100 * spent / (TOKENS / PER_SECOND),
        "main thread busy %": 100 * spent / seconds,
        "receipt to paint p50 ms": middle,
        "p95 ms": most,
        "longest task ms": max(found["longTasks"], default=0),
    }


def run() -> list[Table]:
    from tests.browser.lab import Lab
    from tests.kernel.driver import HERMETIC

    with Lab(HERMETIC) as lab:
        rows = [Row(f"run {number + 1}", measure(lab)) for number in range(RUNS)]
    size = TOKENS * TOKEN / 1000
    title = f"{CELLS} answers of {size:.0f} kB in one comparison, {PER_SECOND} tokens a second each"
    return [Table("grid", title, rows)]
