"""`%%chat --schema`: rows in a cell, in the saved output and in the variable."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.driver import REPLY, Kernel, loaded

CLASS = "from pydantic import BaseModel\nclass City(BaseModel):\n    name: str\n    people: int"
ROWS = '[{"name": "Ulm <b>|", "people": 126000}, {"name": "Bonn", "people": "many"}]'
HEAD = ["| row | name | people |", "| ---: | --- | ---: |"]
CHAT = "%%chat -m demo:nbstream-demo-fast --alone"


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with loaded() as running:
        assert running.run(CLASS).status == "ok"
        yield running


def test_a_list_is_saved_as_a_table_with_its_errors(kernel: Kernel) -> None:
    cell = kernel.run(f"{CHAT} --schema list[City] -o cities\necho: {ROWS}")
    assert cell.status == "ok", cell.reply
    lines = cell.saved["text/markdown"].splitlines()
    assert lines[:3] == [*HEAD, "| 0 | Ulm &#60;b&#62;&#124; | 126000 |"]
    assert lines[3].startswith("| ⚠ 1 | Bonn | many (Input should be a valid integer")
    assert cell.saved[REPLY]["text"].splitlines() == lines[:4]
    assert cell.saved[REPLY]["json"] == ROWS
    assert kernel.value("[city.people for city in cities.rows], cities.row_errors[0].row") == ([126000], 1)
    assert kernel.value("cities.to_frame().shape") == (1, 2)


def test_an_object_is_saved_as_a_list_of_its_fields(kernel: Kernel) -> None:
    cell = kernel.run(f'{CHAT} --schema City\necho: {{"name": "Ulm", "people": 7}}')
    assert cell.saved["text/markdown"].splitlines() == ["- **name**: Ulm", "- **people**: 7"]


def test_an_object_that_does_not_match_stops_run_all(kernel: Kernel) -> None:
    cell = kernel.run(f'{CHAT} --schema City\necho: {{"name": "Ulm"}}')
    assert cell.status == "error"
    assert cell.reply["ename"] == "SchemaError"
    assert "people: Field required" in cell.traceback[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--schema Cityy", "there is no variable 'Cityy'. Did you mean 'City'?"),
        ("--schema list[", "this is not a name"),
        ("--schema open('x')", "this is not a name"),
        ("--schema In", "is not a schema"),
        ("--retries 2", "--retries has no use without --schema"),
    ],
)
def test_a_wrong_name_says_what_to_do(kernel: Kernel, options: str, message: str) -> None:
    cell = kernel.run(f"{CHAT} {options}\nHello")
    assert cell.reply["ename"] == "ArgumentError"
    assert message in cell.reply["evalue"]


def test_a_class_that_is_defined_again_is_used(kernel: Kernel) -> None:
    assert kernel.run("class Town(BaseModel):\n    x: int").status == "ok"
    assert kernel.run(f'{CHAT} --schema Town -o town\necho: {{"x": 1}}').status == "ok"
    assert kernel.run("class Town(BaseModel):\n    y: int").status == "ok"
    assert kernel.run(f'{CHAT} --schema Town -o town\necho: {{"y": 2}}').status == "ok"
    assert kernel.value("town.parsed.y") == 2


def test_the_demo_invents_rows_for_a_schema(kernel: Kernel) -> None:
    assert kernel.run(f"{CHAT} --schema list[City] -o invented\nFive cities").status == "ok"
    assert kernel.value("len(invented.parsed), invented.schema_mode") == (5, "json_schema")


SLOW = "%%chat -m demo --alone --schema list[City]"


@pytest.mark.parametrize(("option", "is_shown"), [("", False), ("--stream", True)])
def test_a_page_is_sent_rows_and_no_json_unless_asked(kernel: Kernel, option: str, is_shown: bool) -> None:
    rows = ", ".join(f'{{"name": "City {n}", "people": {n}}}' for n in range(40))
    cell = kernel.run(f"{SLOW} {option}\necho: [{rows}]", cell="c1")
    assert cell.status == "ok", cell.reply
    sent = [frame["text"][1] for frame in cell.frames if frame.get("t") == "frame" and "text" in frame]
    assert ('"name"' in "".join(sent)) == is_shown
    if not is_shown:
        assert len(sent) > 2
        lines = "".join(sent).splitlines()
        assert lines[:3] == [*HEAD, "| 0 | City 0 | 0 |"]
        json = [frame["json"][1] for frame in cell.frames if frame.get("t") == "frame" and "json" in frame]
        assert "".join(json) == f"[{rows}]"
        assert len(lines) == 42
