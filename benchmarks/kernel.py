"""What a streaming cell costs a real kernel: iopub messages and bytes, CPU, against display per token."""

from __future__ import annotations

import json

from benchmarks.report import Row, Table
from benchmarks.source import Plan, source
from tests.kernel.driver import Execution, Kernel, loaded

CPU = """
import time, threading, asyncio
def cpu_of(start=[0.0, 0.0]):
    now = [time.thread_time(), time.process_time()]
    spent, start[:] = [a - b for a, b in zip(now, start)], now
    return spent
"""
PEER = """
from IPython.display import Markdown, display
from openai import AsyncOpenAI
client = AsyncOpenAI(base_url="http://127.0.0.1:{port}/v1", api_key="none")
stream = await client.chat.completions.create(
    model="bench", messages=[{{"role": "user", "content": "go"}}], stream=True)
text, handle = "", display(Markdown(""), display_id=True)
async for chunk in stream:
    if chunk.choices and chunk.choices[0].delta.content:
        text += chunk.choices[0].delta.content
        {show}
"""
SHOW = {
    "update_display per token": "handle.update(Markdown(text))",
    "print per token": "print(chunk.choices[0].delta.content, end='', flush=True)",
}


def wire_bytes(execution: Execution) -> int:
    """Bytes of the messages' four JSON parts, as they travel."""
    parts = ("header", "parent_header", "metadata", "content")
    return sum(len(json.dumps(m[p], default=str).encode()) for m in execution.messages for p in parts)


def measure(kernel: Kernel, cell: str, live: bool) -> dict[str, float]:
    kernel.run("cpu_of()")
    execution = run_live(kernel, cell) if live else kernel.run(cell)
    assert execution.status == "ok", execution.reply
    main, process = kernel.value("cpu_of()")
    sent = [m for m in execution.messages if m["msg_type"] not in {"status", "execute_input"}]
    return {
        "iopub messages": len(sent),
        "iopub KiB": wire_bytes(execution) / 1024,
        "main-thread CPU ms": main * 1000,
        "process CPU ms": process * 1000,
    }


def run_live(kernel: Kernel, cell: str) -> Execution:
    """Run a cell as JupyterLab does."""
    return kernel.run(cell, cell="bench", deletedCells=[])


def open_page(kernel: Kernel) -> None:
    """Show an answer first, and say as the page does that it has the view's code now."""
    warm = run_live(kernel, "%%chat -m demo:nbstream-demo-fast --alone\nhello")
    kernel.command(warm.of("comm_open")[-1]["comm_id"], {"t": "loaded"})


def run() -> list[Table]:
    rows: list[Row] = []
    growth: list[Row] = []
    with loaded() as kernel:
        kernel.run(CPU)
        open_page(kernel)
        with source(Plan(2000, 1, 100)) as port:
            chat = f"%%chat --base-url http://127.0.0.1:{port}/v1 -m bench --alone\ngo"
            rows.append(Row("nbstream, live view", measure(kernel, chat, live=True)))
            rows.append(Row("nbstream, no view", measure(kernel, chat, live=False)))
            rows += [
                Row(name, measure(kernel, PEER.format(port=port, show=show), live=False))
                for name, show in SHOW.items()
            ]
        for kilobytes in (2, 20, 100, 500):
            with source(Plan(kilobytes * 256, 64)) as port:
                chat = f"%%chat --base-url http://127.0.0.1:{port}/v1 -m bench --alone\ngo"
                growth.append(Row(f"{kilobytes} KB as fast as it comes", measure(kernel, chat, live=True)))
        with source(Plan(5000, 1, 1000)) as port:
            chat = f"%%chat --base-url http://127.0.0.1:{port}/v1 -m bench --alone\ngo"
            growth.append(
                Row("20,000 characters in 5,000 tokens at 1,000/s", measure(kernel, chat, live=True))
            )
    return [
        Table("kernel", "8,000 characters in 2,000 tokens at 100 a second", rows),
        Table("growth", "what a live view is sent", growth),
    ]
