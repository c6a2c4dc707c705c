"""What the extension costs a page: its activation, and opening a notebook that is full of answers."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import nbformat
from nbclient import NotebookClient
from playwright.sync_api import CDPSession, Page

from benchmarks.browser import Case
from benchmarks.browser.cells import NBSTREAM
from benchmarks.report import Row, Table
from benchmarks.source import source
from tests.browser.lab import Lab
from tests.kernel.driver import HERMETIC

CELLS = 500
ACTIVATIONS = 5
SETTLED_SECONDS = 1.5
WATCH_ACTIVATION = """
window.activations = {};
const timed = (plugin) => {
  const { activate } = plugin;
  return {
    ...plugin,
    activate: (...services) => {
      const began = performance.now();
      try {
        return activate(...services);
      } finally {
        window.activations[plugin.id] = performance.now() - began;
      }
    },
  };
};
let entry;
const watched = {
  init: (...shared) => entry.init(...shared),
  get: async (name) => {
    const factory = await entry.get(name);
    if (name !== "./extension") return factory;
    const module = factory();
    return () => ({ ...module, __esModule: true, default: [module.default].flat().map(timed) });
  },
};
window._JUPYTERLAB = Object.defineProperty({}, "nbstream", {
  enumerable: true, configurable: true, get: () => entry && watched, set: (value) => { entry = value; },
});
"""
WATCH_TASKS = """
window.tasks = [];
new PerformanceObserver((list) => window.tasks.push(...list.getEntries()
  .map(({ startTime, duration }) => [startTime, duration]))).observe({ type: "longtask", buffered: true });
"""
OPEN = """async name => {
  window.began = performance.now();
  await window.jupyterapp.commands.execute("docmanager:open", { path: name });
  await window.jupyterapp.shell.currentWidget.context.ready;
}"""
SETTLED = """milliseconds => {
  const last = Math.max(window.began, ...window.tasks.map(([start, duration]) => start + duration));
  return performance.now() - last > milliseconds && (last - window.began) / 1000;
}"""


def answered() -> Any:
    """A notebook of cells with saved answers of 2 KB."""
    plan = Case("2 KB", "mixed(2_000)", 1_000_000).plan()
    with source(plan) as origin:
        cell = NBSTREAM.format(url=origin.base_url)
        cells = [nbformat.v4.new_code_cell("%load_ext nbstream")]
        cells += [nbformat.v4.new_code_cell(cell) for _ in range(CELLS)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        asyncio.run(NotebookClient(notebook, timeout=600).async_execute())
    return notebook


def as_markdown(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The same answers as plain Markdown outputs."""
    plain = copy.deepcopy(notebook)
    for output in (output for cell in plain.cells for output in cell.get("outputs", [])):
        output["data"] = {"text/markdown": output["data"]["text/markdown"]}
        output["metadata"] = {}
    return plain


def without_outputs(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The same cells, not run."""
    empty = copy.deepcopy(notebook)
    for cell in empty.cells:
        cell.outputs = []
    return empty


def loaded(lab: Lab) -> Page:
    """JupyterLab without a notebook, and what watches it."""
    page = lab.new_page()
    page.add_init_script(WATCH_ACTIVATION)
    page.add_init_script(WATCH_TASKS)
    page.goto(f"{lab.url}lab?token={lab.token}&reset")
    page.wait_for_function("window.jupyterapp")
    page.evaluate("window.jupyterapp.restored")
    page.wait_for_timeout(SETTLED_SECONDS * 1000)
    return page


def activation(lab: Lab) -> dict[str, float]:
    """Milliseconds that the plugins take to activate, in pages that are loaded one after the other."""
    sums, most = [], []
    for _ in range(ACTIVATIONS):
        page = loaded(lab)
        spent: dict[str, float] = page.evaluate("window.activations")
        page.context.close()
        sums.append(sum(spent.values()))
        most.append(max(spent.values()))
    return {"all plugins, ms": median(sums), "the slowest, ms": median(most), "plugins": len(spent)}


def opening(lab: Lab, notebook: nbformat.NotebookNode) -> dict[str, float]:
    """Open a notebook in a page that is loaded already, until the page has been quiet for a while."""
    nbformat.write(notebook, lab.root / "opened.ipynb")
    page = loaded(lab)
    page.set_default_timeout(180_000)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = metrics(cdp)
    page.evaluate(OPEN, "opened.ipynb")
    seconds = page.wait_for_function(SETTLED, arg=SETTLED_SECONDS * 1000, polling=100).json_value()
    after = metrics(cdp)
    tasks = page.evaluate("window.tasks.filter(([start]) => start >= window.began)")
    page.context.close()
    return {
        "s": seconds,
        "main-thread CPU s": after["TaskDuration"] - before["TaskDuration"],
        "longest task ms": max((duration for _, duration in tasks), default=0),
        "DOM nodes": after["Nodes"],
        "heap MB": after["JSHeapUsedSize"] / 1e6,
    }


def metrics(cdp: CDPSession) -> dict[str, float]:
    """Of the page: seconds, counts and bytes."""
    cdp.send("HeapProfiler.collectGarbage")
    found: list[dict[str, Any]] = cdp.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in found}


def run() -> Iterator[Table]:
    notebook = answered()
    made: dict[str, Callable[[nbformat.NotebookNode], nbformat.NotebookNode]] = {
        "cells without outputs": without_outputs,
        "answers of nbstream": copy.deepcopy,
        "the same as Markdown": as_markdown,
    }
    with Lab(HERMETIC) as lab:
        yield Table("activation", "the JupyterLab extension", [Row("nbstream", activation(lab))])
        rows = [Row(name, opening(lab, make(notebook))) for name, make in made.items()]
        title = f"a notebook of {CELLS} answers of 2 KB in JupyterLab, until the page is quiet"
        yield Table("opening", title, rows)
