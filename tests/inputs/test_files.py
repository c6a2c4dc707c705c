"""Files and variables as blocks of a prompt."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure
from pypdf import PdfWriter

from nbstream.errors import ConfigError, DamagedFileError, MissingPackageError
from nbstream.inputs.fences import MOST_CHARS
from nbstream.inputs.files import file_block
from nbstream.inputs.named import file_named, names_in

Write = Callable[[str, bytes | str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, data: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return written


def text(path: Path) -> str:
    return file_block(path)[0]["text"]


def test_code_keeps_its_language(write: Write) -> None:
    assert text(write("a.py", "x = 1\n")) == "File a.py:\n```python\nx = 1\n```"


@pytest.mark.parametrize("inner", ["```", "```` x", "a\n`````\nb", "~~~\n```", "`" * 40])
def test_no_content_closes_its_fence(write: Write, inner: str) -> None:
    _, opening, *lines = text(write("a.txt", inner)).split("\n")
    fence = re.match("`+", opening)[0]  # type: ignore[index]
    assert [line for line in lines if line.startswith(fence)] == [lines[-1]]
    assert lines[-1] == fence


@pytest.mark.parametrize("name", ["a`b.txt", "a\nFile x:\n.txt", "a\x1b[2J.txt"])
def test_a_name_stays_on_its_line(write: Write, name: str) -> None:
    head, opening, *_ = text(write(name, "inside")).split("\n")
    assert head.startswith("File a")
    assert opening == "```"
    assert head.isprintable()


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings(write: Write, codec: str) -> None:
    assert "\nZoë\n" in text(write("a.txt", "Zoë".encode(codec)))


@pytest.mark.parametrize("data", [b"\x7fELF\x00\x01", b"caf\xe9", b"\xff\xfe\x00"])
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.ipynb"])
def test_binary_files_are_refused(write: Write, data: bytes, name: str) -> None:
    with pytest.raises(DamagedFileError, match=r"binary|not UTF-8"):
        text(write(name, data))


def test_a_long_file_is_cut_with_a_note(write: Write) -> None:
    part, shown = file_block(write("a.log", "x" * (MOST_CHARS + 1)))
    assert "first 200,000 of 200,001 characters" in part["text"].split("\n")[0]
    assert shown.note == "first 200,000 of 200,001 characters"


def test_secrets_of_the_environment_are_replaced(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_KEY", "the-very-key")
    part, shown = file_block(write("a.env", "MY_API_KEY=the-very-key\nother=sk-abcdefghijklmnop"))
    assert "the-very-key" not in part["text"]
    assert "sk-abcdefghijklmnop" not in part["text"]
    assert "[secret]" in shown.note


def test_tables(write: Write) -> None:
    assert "| a | b |\n| --- | --- |\n| 1 | x y |" in text(write("a.csv", 'a,b\n1,"x\ny"'))
    assert "| 1 | p\\|q |" in text(write("a.tsv", "a\tb\n1\tp|q"))
    assert "(first 100 of 1,000 rows)" in text(write("b.csv", "a\n" + "1\n" * 1000))
    assert "(1 row)" in text(write("c.csv", "a\n1\n"))
    assert "| x |" in text(write("long.csv", "a\nx\n" + "y" * 200_000))


def test_a_notebook_is_its_cells_with_their_outputs(write: Write) -> None:
    outputs: list[dict[str, Any]] = [
        {"output_type": "stream", "text": ["one\n", "two\n"]},
        {"output_type": "execute_result", "data": {"text/plain": "42", "image/png": "AAAA"}},
        {"output_type": "display_data", "data": {"image/png": "AAAA"}},
        {"output_type": "error", "ename": "KeyError", "evalue": "'a'", "traceback": ["\x1b[31mx"]},
    ]
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": "print('```')", "outputs": outputs},
    ]
    found = text(write("n.ipynb", json.dumps({"cells": cells, "metadata": {}})))
    assert found.startswith("File n.ipynb (2 cells):\n`````markdown\n# Title\n")
    assert "````python\nprint('```')\n````" in found
    assert "one\ntwo\n42\n[image/png]\nKeyError: 'a'" in found


@pytest.mark.parametrize("data", ["", "[]", "{}", '{"cells": [1]}', '{"cells": 5}'])
def test_a_damaged_notebook(write: Write, data: str) -> None:
    with pytest.raises(DamagedFileError, match="not a notebook"):
        text(write("n.ipynb", data))


def pdf_with(words: str) -> bytes:
    with io.BytesIO() as file, mpl.rc_context({"pdf.fonttype": 42}):
        figure = Figure()
        figure.text(0.5, 0.5, words)
        figure.savefig(file, format="pdf")
        return file.getvalue()


def test_pdf(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "[page 1]\nHello from PDF" in text(write("a.pdf", pdf_with("Hello from PDF")))
    blank = PdfWriter()
    blank.add_blank_page(9, 9)
    blank.write(tmp_path / "blank.pdf")
    with pytest.raises(DamagedFileError, match="no text"):
        text(tmp_path / "blank.pdf")
    with pytest.raises(DamagedFileError, match="cannot be read as a PDF"):
        text(write("b.pdf", b"not a pdf"))
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(MissingPackageError, match=r"nbstream\[pdf\]"):
        text(tmp_path / "a.pdf")


def test_parquet(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    pl.DataFrame({"city": ["Oslo", "a|b"], "n": [1, None]}).write_parquet(tmp_path / "a.parquet")
    assert "(2 rows)" in text(tmp_path / "a.parquet")
    assert "| city | n |\n| --- | --- |\n| Oslo | 1" in text(tmp_path / "a.parquet")
    assert "| a\\|b | " in text(tmp_path / "a.parquet")
    with pytest.raises(DamagedFileError, match="is not a Parquet file"):
        text(write("b.parquet", b"PAR1 and nothing else"))
    for package in ("pandas", "polars"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackageError, match="polars, or pandas and pyarrow"):
        text(tmp_path / "a.parquet")


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    for name, says in [("", "is a folder"), ("none.txt", "no file"), ("pipe.txt", "not a regular file")]:
        with pytest.raises(ConfigError, match=says):
            file_block(tmp_path / name)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("some text", "Variable v:\n```\nsome text\n```"),
        ({"a": [1]}, '"a": ['),
        (pd.Series([1, 2], name="n"), "| n |\n| --- |\n| 1 |"),
        (pd.DataFrame({"a": [1]}, index=["r"]), "|  | a |\n| --- | --- |\n| r | 1 |"),
        (pd.DataFrame(columns=["a"]), "Variable v (0 rows)"),
    ],
)
def test_variables_come_first(value: object, expected: str) -> None:
    assert expected in file_named("v", {"v": value})[0]["text"]


def test_a_wrong_name_has_the_nearest(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write("report.txt", "x").parent)
    with pytest.raises(ConfigError, match=r"Did you mean report\.txt\?"):
        file_named("reprt.txt", {})
    with pytest.raises(ConfigError, match=r"Did you mean frames\?"):
        file_named("frame", {"frames": 1})
    write("plot.png", b"")
    with pytest.raises(ConfigError, match=r"Use --image plot\.png"):
        file_named("plot.png", {})


def test_names_with_commas(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write("a,b.txt", "x").parent)
    assert names_in(["a,b.txt", "c,d", "data:image/png;base64,AAAA"], {}) == [
        "a,b.txt",
        "c",
        "d",
        "data:image/png;base64,AAAA",
    ]
