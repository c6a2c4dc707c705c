"""What a streaming answer costs the page: a real JupyterLab in Chromium, the same answer in three ways."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from playwright.sync_api import CDPSession
from playwright.sync_api import TimeoutError as Late

from benchmarks.browser import cells
from benchmarks.report import Row, Table
from benchmarks.source import Plan, Source, source
from tests.browser.lab import Lab, NotebookPage
from tests.kernel.driver import HERMETIC

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "render" / "fixtures.mjs"
PATIENCE_SECONDS = 90
USED_SECONDS = 8
MARKUP_LOSS = 0.85
"""Of the letters and digits of a Markdown answer at least this share is text on the page."""
WRITES_A_SECOND = 100


@dataclass(frozen=True)
class Case:
    """An answer, made by the fixtures of the renderer's benchmark, and how many characters a second come."""

    name: str
    make: str
    per_second: int

    def plan(self) -> Plan:
        program = f"import * as made from {FIXTURES.as_uri()!r}; process.stdout.write(made.{self.make})"
        command = ["node", "--input-type=module", "--eval", program]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return Plan(text, max(1, self.per_second // 4 // WRITES_A_SECOND), self.per_second / 4)


CASES = [
    Case("10 KB", "mixed(10_000)", 4_000),
    Case("100 KB", "mixed(100_000)", 10_000),
    Case("1 MB", "mixed(1_000_000)", 50_000),
    *(
        Case(f"100 KB, one {kind}", f"single({kind!r}, 100_000)", 10_000)
        for kind in ("fence", "list", "table", "paragraph")
    ),
]
WAYS: dict[str, Callable[[str], str]] = {
    "nbstream": cells.nbstream,
    "naive": cells.naive,
    "streamdown": cells.streamdown,
}


def measure(lab: Lab, plan: Plan, way: str) -> dict[str, float]:
    page = lab.new_page()
    page.add_init_script(path=HERE / "probe.js")
    lab.write_notebook(
        ["%load_ext nbstream\n%chat status", "# typed into while the answer streams"], "bench.ipynb"
    )
    notebook = lab.open_notebook("bench.ipynb", page)
    notebook.start(0)
    notebook.wait_until_done(0)
    with source(plan) as origin:
        figures = streamed(notebook, WAYS[way](origin.base_url), origin, plan)
    notebook.close()
    return figures


def streamed(notebook: NotebookPage, cell: str, origin: Source, plan: Plan) -> dict[str, float]:
    """Run a cell while its reader types and scrolls; figures up to its end, or until patience has one."""
    cdp = notebook.page.context.new_cdp_session(notebook.page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    index = notebook.add(cell)
    notebook.page.evaluate("index => bench.start(index)", index)
    before, began = main_thread(cdp), time.monotonic()
    notebook.start(index)
    use(notebook, until=began + min(plan.tokens / (plan.per_second or 1), USED_SECONDS))
    notebook.page.set_default_timeout(PATIENCE_SECONDS * 1000)
    with suppress(Late):
        notebook.wait_until_done(index)
    seconds = time.monotonic() - began
    spent = main_thread(cdp) - before
    drawn = drawn_of(plan.text, notebook.output(index).text_content() or "")
    found = notebook.page.evaluate("bench.figures()")
    return {
        "drawn %": 100 * drawn,
        "main-thread CPU ms per 1,000 tokens": spent * 1e6 / (plan.tokens * drawn),
        "main thread busy %": 100 * spent / seconds,
    } | told(found, seconds, origin.last_sent * 1000)


def drawn_of(text: str, shown: str) -> float:
    """What share of an answer is shown, by its letters and digits."""
    written, found = (sum(map(str.isalnum, value)) for value in (text, shown))
    return min(1.0, found / written / MARKUP_LOSS)


def use(notebook: NotebookPage, until: float) -> None:
    """Type into the second cell and turn the wheel, as somebody does who does not wait for the answer."""
    page = notebook.page
    notebook.cells.nth(1).locator(".cm-content").click()
    turn = 0
    while time.monotonic() < until:
        page.keyboard.press("x")
        turn += 1
        if turn % 5 == 0:
            page.mouse.wheel(0, 120 if turn % 10 else -120)
        page.wait_for_timeout(100)
    typed = notebook.cells.nth(1).locator(".cm-content").inner_text()
    assert typed.count("x") >= turn, "what was typed is not there"


def told(found: dict[str, Any], seconds: float, last_sent: float) -> dict[str, float]:
    """The page's figures; durations in ms."""
    latencies, tasks = found["latencies"], found["longTasks"]
    middle, most = percentiles(latencies)
    streaming = [change for change in found["changes"] if change[0] <= last_sent]
    added, removed = (sum(change[place] for change in streaming) for place in (1, 2))
    return {
        "receipt to paint p50 ms": middle,
        "p95 ms": most,
        "last token to last paint ms": found["lastPaint"] - last_sent,
        "long tasks": len(tasks),
        "in long tasks %": sum(tasks) / 10 / seconds,
        "longest task ms": max(tasks, default=0),
        "nodes removed ÷ added %": 100 * removed / max(added, 1),
        "slowest key ms": max(found["slowKeys"], default=0),
        "slowest scroll ms": max(found["scrolls"], default=0),
    }


def percentiles(values: list[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    if len(values) < 2:
        return (values[0], values[0]) if values else (0.0, 0.0)
    cuts = quantiles(values, n=20, method="inclusive")
    return cuts[9], cuts[18]


def main_thread(cdp: CDPSession) -> float:
    """Seconds of CPU that the page's main thread has taken."""
    metrics = cdp.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


def available(way: str) -> bool:
    return way != "streamdown" or cells.STREAMDOWN.exists()


def run(names: Collection[str] = ()) -> list[Table]:
    rows = []
    with Lab(HERMETIC) as lab:
        for case in CASES:
            if names and case.name not in names:
                continue
            plan = case.plan()
            ways = filter(available, WAYS)
            rows += [Row(f"{case.name}, {way}", measure(lab, plan, way)) for way in ways]
    return [Table("browser", "JupyterLab in Chromium, while its reader types and scrolls", rows)]
