"""What a streaming cell costs a real kernel: messages, bytes, CPU and lag; against what else shows text."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from statistics import median
from typing import Any

from benchmarks.probes import CALLBACKS, CPU, longest_figures
from benchmarks.report import Row, Table
from benchmarks.source import Plan, Source, source, words
from tests.kernel.driver import Execution, Kernel, loaded

ROUNDS = 3
CHAT = "%%chat --base-url {url} -m bench --alone\ngo"
LOOP = """
from IPython.display import Markdown, display
from openai import AsyncOpenAI
async with AsyncOpenAI(base_url="{url}", api_key="none") as client:
    stream = await client.chat.completions.create(
        model="bench", messages=[{"role": "user", "content": "go"}], stream=True)
    text, handle, shown = "", display(Markdown(""), display_id=True), 0.0
    async for chunk in stream:
        if chunk.choices and (token := chunk.choices[0].delta.content):
            text += token
            {show}
"""
AT_10_HZ = """if time.monotonic() - shown > 0.1:
                handle.update(Markdown(text))
                shown = time.monotonic()
    handle.update(Markdown(text))"""
PEERS = {
    "`print(token, flush=True)`": LOOP.replace("{show}", "print(token, end='', flush=True)"),
    "`update_display(Markdown(text))` per token": LOOP.replace("{show}", "handle.update(Markdown(text))"),
    "`update_display(Markdown(text))` at 10 Hz": LOOP.replace("{show}", AT_10_HZ),
    "chatlas": """
from chatlas import ChatOpenAICompletions
await ChatOpenAICompletions(base_url="{url}", model="bench", api_key="none").chat_async("go", echo="output")
""",
}


def wire_bytes(execution: Execution) -> int:
    """Bytes of the messages' four JSON parts, as they travel."""
    parts = ("header", "parent_header", "metadata", "content")
    return sum(len(json.dumps(m[p], default=str).encode()) for m in execution.messages for p in parts)


def outputs(execution: Execution) -> list[dict[str, Any]]:
    """Messages that carry output."""
    return [m for m in execution.messages if m["msg_type"] not in {"status", "execute_input"}]


def rate(sent: list[dict[str, Any]]) -> float:
    """Most messages in any second."""
    times = [m["header"]["date"].timestamp() for m in sent]
    return max(sum(1 for t in times if at <= t < at + 1) for at in times)


def run_live(kernel: Kernel, cell: str) -> Execution:
    """Run a cell as JupyterLab does."""
    return kernel.run(cell, cell="bench", deletedCells=[])


def open_page(kernel: Kernel) -> None:
    """Show an answer first, and say as the page does that it has the view's code now."""
    warm = run_live(kernel, "%%chat -m demo:nbstream-demo-fast --alone\nhello")
    kernel.command(warm.of("comm_open")[-1]["comm_id"], "loaded")


def measure(kernel: Kernel, cell: str, origin: Source, *, live: bool = False) -> dict[str, float]:
    kernel.run("cpu_of(); longest_callback()")
    cell = cell.replace("{url}", origin.base_url)
    execution = run_live(kernel, cell) if live else kernel.run(cell)
    assert execution.status == "ok", execution.reply
    main, process = kernel.value("cpu_of()")
    sent = outputs(execution)
    return {
        "iopub messages": len(sent),
        "most a second": rate(sent),
        "iopub KiB": wire_bytes(execution) / 1024,
        "main-thread CPU ms": main * 1000,
        "process CPU ms": process * 1000,
        "last frame after last byte ms": (sent[-1]["header"]["date"].timestamp() - origin.last_sent) * 1000,
        **longest_figures(kernel.value("longest_callback()")),
    }


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: median(figures[name] for figures in rounds) for name in rounds[0]}


def paced(kernel: Kernel) -> Table:
    """Live view and none in turns, so that both meet the same machine; then the peers."""
    with source(Plan(words(2000), 1, 100)) as origin:
        live, none = [], []
        for _ in range(ROUNDS):
            live.append(measure(kernel, CHAT, origin, live=True))
            none.append(measure(kernel, CHAT, origin))
        rows = [Row("nbstream, live view", medians(live)), Row("nbstream, no view", medians(none))]
        for name, cell in PEERS.items():
            if "chatlas" not in cell or find_spec("chatlas"):
                rows.append(Row(name, measure(kernel, cell, origin)))
    return Table("kernel", "8,000 characters in 2,000 tokens at 100 a second", rows)


def growing(kernel: Kernel) -> list[Table]:
    """The same view for longer answers, as fast as they come, and at the paces that models have."""
    sizes = (2, 20, 100, 500)
    rows = []
    for kilobytes in sizes:
        with source(Plan(words(kilobytes * 250), 64)) as origin:
            rows.append(Row(f"{kilobytes} KB", measure(kernel, CHAT, origin, live=True)))
    exponents = {
        name: math.log(rows[-1].figures[name] / rows[0].figures[name]) / math.log(sizes[-1] / sizes[0])
        for name in ("iopub KiB", "main-thread CPU ms")
    }
    rows.append(Row("growth exponent, 2 to 500 KB", exponents))
    paces = []
    for per_second in (50, 200, 1000):
        with source(Plan(words(per_second * 5), 1, per_second)) as origin:
            paces.append(Row(f"{per_second} tokens a second", measure(kernel, CHAT, origin, live=True)))
    return [
        Table("growth", "live view, as fast as the answer comes", rows),
        Table("pace", "live view, 5 seconds of tokens", paces),
    ]


def run() -> list[Table]:
    """The peers leave objects behind that Python looks through in the middle of what is measured next."""
    with measured() as kernel:
        tables = [paced(kernel)]
    with measured() as kernel:
        return [*tables, *growing(kernel)]


@contextmanager
def measured() -> Iterator[Kernel]:
    """A kernel with nbstream and its clocks, whose page has the view's code."""
    with loaded() as kernel:
        kernel.run(CPU + CALLBACKS)
        open_page(kernel)
        yield kernel
