"""Rows of a structured answer: CPU per delta, and the time from a row's closing brace to its paint."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from benchmarks.report import Row, Table
from benchmarks.source import TOKEN, Plan, source

if TYPE_CHECKING:
    from nbstream.structured.answer import StructuredAnswer
    from tests.browser.lab import NotebookPage

ROUNDS = 3
SIZES = {"125 KB": 125_000, "1 MB": 1_000_000}
FRAME_DELTAS = 3
"""Deltas between two frames at 100 tokens a second."""
RE_PARSED = 125_000
SHOWN_ROWS = 80
ANSWERS = ("first answer of a page", "second answer", "third answer")
PER_SECOND = 100

Way = Callable[[list[str]], object]


def rows(count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        yield {"city": f"City {number}", "people": number * 37, "note": 'on a "river", {by} the sea'}


def text_of(size: int) -> str:
    """A list of rows as JSON, of about so many characters."""
    one = len(json.dumps(next(rows(1))))
    return json.dumps({"rows": list(rows(size // (one + 5)))})


def followed(tokens: list[str]) -> object:
    """Whole rows alone, without validation."""
    from nbstream.structured.row_scanner import RowScanner

    scanner = RowScanner("rows")
    return sum(len(scanner.feed(token)) for token in tokens)


def validated(tokens: list[str]) -> object:
    """Rows that a pydantic model has validated."""
    answer = _answer()
    for token in tokens:
        answer.feed(token)
    return len(answer.rows)


def opened(tokens: list[str]) -> object:
    """The same, with the open row read for each frame."""
    answer = _answer()
    for number, token in enumerate(tokens):
        answer.feed(token)
        if number % FRAME_DELTAS == 0:
            _ = answer.open
    return len(answer.rows)


def parsed_again(tokens: list[str]) -> object:
    """What partial parsers do: all of the text again at each delta."""
    import jiter

    body, value = b"", None
    for token in tokens:
        body += token.encode()
        value = jiter.from_json(body, partial_mode="trailing-strings")
    return value


def _answer() -> StructuredAnswer:
    from pydantic import BaseModel

    from nbstream.structured.answer import StructuredAnswer
    from nbstream.structured.structure import Structure

    class Place(BaseModel):
        city: str
        people: int
        note: str

    return StructuredAnswer(Structure.of(list[Place]))


WAYS: dict[str, Way] = {
    "whole rows µs": followed,
    "validated µs": validated,
    "with the open row in each frame µs": opened,
}


def cpu_per_delta(way: Way, tokens: list[str]) -> float:
    """Microseconds of CPU per delta: the least of several rounds."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        way(tokens)
        spent.append(time.process_time() - began)
    return min(spent) / len(tokens) * 1e6


def costs() -> Table:
    found = []
    for name, size in SIZES.items():
        text = text_of(size)
        tokens = [text[at : at + TOKEN] for at in range(0, len(text), TOKEN)]
        figures = {column: cpu_per_delta(way, tokens) for column, way in WAYS.items()}
        if size <= RE_PARSED:
            figures["parsed again µs"] = again = cpu_per_delta(parsed_again, tokens)
            figures["parsed again ÷ validated"] = again / figures["validated µs"]
        found.append(Row(name, figures))
    return Table("rows", "CPU per delta of 4 characters, a list of rows", found)


ARRIVED = """%load_ext nbstream
import time
from pydantic import BaseModel
from nbstream.structured.answer import StructuredAnswer

class Place(BaseModel):
    city: str
    people: int
    note: str

arrived = []
def feed(self, text, run=StructuredAnswer.feed):
    now, before = time.time(), len(self.rows)
    run(self, text)
    if len(self.rows) > max(before, len(arrived)):
        arrived.extend([now * 1000] * (len(self.rows) - len(arrived)))
StructuredAnswer.feed = feed"""
"""When the chunk with the closing brace of each row reached the answer, in ms since the epoch."""

TOLD = """import json
print(json.dumps(arrived))
arrived.clear()"""

PAINTED = """index => {
    const output = window.jupyterapp.shell.currentWidget.content.widgets[index].outputArea.node;
    const painted = [], frame = new MessageChannel();
    let seen = 0;
    window.painted = painted;
    frame.port1.onmessage = () => {
        while (painted.length < seen) painted.push(performance.timeOrigin + performance.now());
    };
    new MutationObserver(() => {
        const open = output.querySelectorAll(".nbs-prose[data-open]").length;
        const rows = output.querySelectorAll("tbody tr").length - open;
        if (rows <= seen) return;
        seen = rows;
        frame.port2.postMessage(0); // the view draws in animation frames: this comes after the paint
    }).observe(output, { childList: true, subtree: true, characterData: true, attributes: true });
}"""
"""When each row stood in a frame that was painted, open rows left out."""


def shown() -> Table:
    """Real JupyterLab in Chromium: from the arrival of a brace in the kernel to the paint of its row."""
    from tests.browser.lab import Lab
    from tests.kernel.driver import HERMETIC

    plan = Plan(json.dumps({"rows": list(rows(SHOWN_ROWS))}), 1, PER_SECOND)
    with Lab(HERMETIC) as lab, source(plan) as origin:
        lab.write_notebook([ARRIVED, TOLD], "rows.ipynb")
        notebook = lab.open_notebook("rows.ipynb")
        notebook.start(0)
        notebook.wait_until_done(0)
        line = f"%%chat --base-url {origin.base_url} -m bench --alone"
        found = [Row(name, waits(*streamed(notebook, line))) for name in ANSWERS]
        notebook.close()
    return Table("rows", "from a closing brace to the paint of its row, 100 tokens a second", found)


def waits(arrived: list[float], painted: list[float]) -> dict[str, float]:
    """Milliseconds from one to the other."""
    from benchmarks.browser import percentiles

    found = [after - before for before, after in zip(arrived, painted, strict=False)]
    middle, most = percentiles(found)
    return {"rows": float(len(found)), "first ms": found[0], "p50 ms": middle, "p95 ms": most}


def streamed(notebook: NotebookPage, line: str) -> tuple[list[float], list[float]]:
    """Run the cell; when each row arrived and was painted."""
    index = notebook.add(f"{line} --schema list[Place]\ngo")
    notebook.page.evaluate(PAINTED, index)
    notebook.start(index)
    notebook.wait_until_done(index)
    notebook.start(1)
    notebook.wait_until_done(1)
    arrived: list[float] = json.loads(notebook.output(1).inner_text())
    painted: list[float] = notebook.page.evaluate("window.painted")
    return arrived, painted


def run() -> list[Table]:
    return [costs(), shown()]
