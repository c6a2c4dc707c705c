"""Notebooks that are damaged or hold a failure do not pass."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from dev.notebooks import main

ROOT = Path(__file__).parents[2]


def saved(path: Path, **metadata: object) -> str:
    error = new_output("error", ename="ServerError", evalue="no", traceback=[])
    cell = new_code_cell("%%chat\nHi", outputs=[error], metadata=metadata)
    nbformat.write(new_notebook(cells=[new_code_cell("1"), cell]), path)
    return str(path)


def test_the_notebooks_of_the_project_pass() -> None:
    paths = [str(path) for path in ROOT.glob("notebooks/*.ipynb")]
    assert paths
    assert main(paths) == 0


def test_a_failed_cell_does_not_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path / "a.ipynb")
    assert main([path]) == 1
    assert capsys.readouterr().out == f"{path}: cell 2 failed with ServerError\n"


def test_a_cell_that_is_meant_to_fail_passes(tmp_path: Path) -> None:
    assert main([saved(tmp_path / "a.ipynb", tags=["raises-exception"])]) == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nbformat": 4, "cells": 7}'])
def test_a_damaged_file_does_not_pass(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(text)
    assert main([str(path)]) == 1
    assert "not a valid notebook" in capsys.readouterr().out
