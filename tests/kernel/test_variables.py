"""Variables in `%%chat` cells, in a real kernel: what the server receives, and what the cell shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cells import chat_cell
from tests.kernel.driver import REPLY, Kernel, loaded
from tests.loopback import ByteServer, sse_response
from tests.loopback.chunks import END, delta

ANSWER = sse_response([delta("Fine."), *END])
DEFINE = """
import pandas as pd
name, df = "Ada {{ name }}", pd.DataFrame({"n": range(500)})
async def later(): pass
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with loaded() as running:
        assert running.run(DEFINE).status == "ok"
        yield running


def asked(server: ByteServer) -> list[str]:
    return [request.json["messages"][-1]["content"] for request in server.requests]


def test_values_are_sent_and_shown_with_the_answer(kernel: Kernel) -> None:
    with ByteServer(ANSWER) as server:
        cell = kernel.run(chat_cell(server, "--alone", "Dear {{ name }}: {{ df }} {% $5 {x}"))
    assert cell.status == "ok", cell.reply
    (sent,) = asked(server)
    assert sent.startswith("Dear Ada {{ name }}: | n |\n")
    assert sent.endswith("| 19 |\n\n(first 20 of 500 rows) {% $5 {x}")
    kinds = [notice["kind"] for notice in cell.saved[REPLY]["notices"]]
    assert kinds == ["shortened_value"]
    assert cell.saved["text/markdown"].endswith("*Filled in: name, df &#40;20 of 500 rows&#41;.*")
    assert cell.saved["text/plain"].endswith("[Filled in: name, df (20 of 500 rows).]")


def test_nothing_is_sent_unless_all_is_filled_in(kernel: Kernel) -> None:
    with ByteServer(ANSWER) as server:
        missing = kernel.run(chat_cell(server, "--alone", "{{ nmae }} {{ dff.x }}"))
        broken = kernel.run(chat_cell(server, "--alone", "a\n{{ user name }}"))
        raising = kernel.run(chat_cell(server, "--alone", "{{ 1 / len([]) }} {{ later() }} {{ name.x }}"))
    assert server.requests == []
    assert missing.reply["evalue"] == (
        "The prompt cannot be filled in: dff (did you mean df?), nmae (did you mean name?) are not defined. "
        "If the braces are text, add --raw to the first line, or write {{ '{{' }}."
    )
    assert "{{ user name }} at line 2, column 1 is not an expression" in broken.reply["evalue"]
    assert "{{ 1 / len([]) }} (line 1, column 1): ZeroDivisionError" in raising.reply["evalue"]
    assert "{{ later() }} (line 1, column 19): The value is a coroutine. Await it" in raising.reply["evalue"]
    assert "{{ name.x }}" in raising.reply["evalue"]


def test_raw_sends_the_braces(kernel: Kernel) -> None:
    with ByteServer(ANSWER) as server:
        cell = kernel.run(chat_cell(server, "--alone --raw", "Explain {{ .Values.x }} and {{ name }}"))
    assert cell.status == "ok", cell.reply
    assert asked(server) == ["Explain {{ .Values.x }} and {{ name }}"]


def test_a_dry_run_shows_the_filled_prompt(kernel: Kernel) -> None:
    cell = kernel.run("%%chat -m demo --alone --dry-run\nDear {{ name }}")
    shown = cell.of("execute_result")[0]["data"]["text/plain"]
    assert "filled: name" in shown
    assert "user: Dear Ada {{ name }}" in shown


def test_a_prompt_with_variables_streams_from_python(kernel: Kernel) -> None:
    kernel.run("from nbstream import Chat, Prompt; p = Prompt('echo: {{ who }}', system='{{ tone }}')")
    cell = kernel.run(
        "r = await Chat('demo:nbstream-demo-fast').send(p.fill(who='Ada', tone='Terse.'))\n"
        "print(r.prompt.text, '|', r.prompt.summary)"
    )
    assert cell.printed == "echo: Ada | who, tone\n"


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Dear {{ nam", ["name"]),
        ("{{ name }} and\n{{ frame.gam", [".gamma"]),
        ('{{ frame["al', ["alpha beta"]),
        ("{{ len(nam", ["name"]),
        ("{{ name.upp", [".upper"]),
    ],
)
def test_tab_completes_names_attributes_and_columns(kernel: Kernel, prompt: str, expected: list[str]) -> None:
    kernel.run("frame = pd.DataFrame({'alpha beta': [1], 'gamma': [2]})")
    for cell in (f"%%chat\n{prompt}", f"%%chat -m demo --alone\n{prompt}"):
        found = kernel.complete(cell)
        assert [match for match in found["matches"] if not match.startswith("__")] == expected
        assert found["cursor_end"] == len(cell)
        completed = cell[: found["cursor_start"]] + found["matches"][0]
        assert completed == cell[: len(completed)] + completed[len(cell) :]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%%chat -m demo --over rows\n{{ ", ["city", "row"]),
        ("%%chat --over=rows -m demo\n{{ ci", ["city"]),
        ("%%chat --over \\\n  rows\nIn {{ city }} and {{ c", ["city"]),
        ("%%chat --over frame\n{{ city }} {{ len(ga", ["gamma"]),
        ("%%chat --over missing\n{{ nam", ["name"]),
        ("%%chat\n{{ name | upp", ["upper"]),
        ("%%chat\n{{ roun", ["round"]),
    ],
)
def test_tab_completes_columns_filters_and_functions(kernel: Kernel, cell: str, expected: list[str]) -> None:
    kernel.run("rows, frame = [{'city': 'Oslo'}], pd.DataFrame({'alpha beta': [1], 'gamma': [2]})")
    found = kernel.complete(cell)["matches"]
    assert found[: len(expected)] == expected
    assert len(found) == len(expected) or cell.endswith("{{ ")


def test_tab_offers_the_variables_of_the_notebook(kernel: Kernel) -> None:
    kernel.run("rows, _private = [], 1")
    found = kernel.complete("%%chat\nDear {{ ")["matches"]
    assert {"name", "rows"} <= set(found)
    assert not {"_private", "In", "get_ipython", "ArithmeticError"} & set(found)
    assert "_private" in kernel.complete("%%chat\nDear {{ _")["matches"]
