"""What replies that a user keeps hold on to, and what is left of those that are gone."""

from __future__ import annotations

from benchmarks.report import Row, Table
from benchmarks.source import Plan, source, words
from tests.kernel.driver import Kernel, loaded

REPLIES = 1000
SHOWN = 100
TURNS = 300
TOKENS = 5000
"""20 KB of text."""
SHORT = 512
"""2 KB of text."""

PROBE = """
import asyncio, ctypes, gc, os
from ipywidgets.widgets import widget as registry
from nbstream import Chat

def resident():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

def is_open(number):
    try:
        return os.readlink(f"/proc/self/fd/{number}").startswith("socket:")
    except OSError:
        return False

def left():
    gc.collect()
    tasks = sum(task.get_name().startswith("nbstream") for task in asyncio.all_tasks())
    sockets = sum(is_open(number) for number in os.listdir("/proc/self/fd"))
    return {"widgets": len(registry._instances),
            "tasks": tasks, "sockets": sockets}
"""
BEGIN = """
chat, kept = Chat("bench", base_url="{url}"), []
for _ in range({warm}):
    await chat.fork().send("go")
before = resident()
"""
KEEP = """
for _ in range({batch}):
    kept.append(await chat.fork().send("go"))
"""
END = """
grown = resident() - before
assert all(len(reply.text) == {size} for reply in kept)
"""
BATCH = 20


def kept(kernel: Kernel, url: str, size: int) -> dict[str, float]:
    """Replies held in a list. Their text is ASCII, so a byte for each character is the least."""
    cells = [BEGIN.format(url=url, warm=BATCH), *[KEEP.format(batch=BATCH)] * (REPLIES // BATCH)]
    for cell in [*cells, END.format(size=size)]:
        execution = kernel.run(cell)
        assert execution.status == "ok", execution.reply
    grown, text = kernel.value("grown"), REPLIES * size
    return {"text MiB": text / 2**20, "grown MiB": grown / 2**20, "grown ÷ text": grown / text}


def turns(kernel: Kernel) -> dict[str, float]:
    """Cells of one conversation, whose views stay open."""
    with source(Plan(words(SHORT), 64)) as origin:
        chat = f"%%chat --base-url {origin.base_url} -m bench\ngo"
        for number in range(BATCH):
            kernel.run(chat, cell=f"warm-{number}")
        before = kernel.value("resident()")
        for number in range(TURNS):
            kernel.run(chat, cell=f"turn-{number}")
        return {"kB per turn": (kernel.value("resident()") - before) / TURNS / 1000}


def left_over(kernel: Kernel, url: str) -> dict[str, float]:
    """Cells whose views a front end has opened and closed, as JupyterLab does."""
    chat = f"%%chat --base-url {url} -m bench --alone\ngo"
    kernel.run(chat, cell="warm")
    before = kernel.value("left()")
    for number in range(SHOWN):
        execution = kernel.run(chat, cell=f"cell-{number}")
        for opened in execution.of("comm_open"):
            kernel.command(opened["comm_id"], "gone")
    kernel.run("await asyncio.sleep(0)")
    after = kernel.value("left()")
    return {f"{name} left": after[name] - before[name] for name in after}


def run() -> list[Table]:
    text = words(TOKENS)
    with loaded() as kernel, source(Plan(text, 64)) as origin:
        kernel.run(PROBE)
        rows = [
            Row(f"{REPLIES:,} replies of 20 KB, kept", kept(kernel, origin.base_url, len(text))),
            Row(f"{SHOWN} cells, shown and gone", left_over(kernel, origin.base_url)),
            Row(f"{TURNS} turns of 2 KB in one conversation, shown", turns(kernel)),
        ]
    return [Table("memory", "what is held and what is left", rows)]
