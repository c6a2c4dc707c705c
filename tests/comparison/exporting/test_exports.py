"""What a comparison exports. `make formats` lets promptfoo, Inspect and pyarrow read it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from nbstream.comparison import Comparison, compare
from nbstream.errors import ArgumentError, FileError
from tests.comparison.exporting.comparisons import ROWS, exported


@pytest.fixture(scope="module")
def grid() -> Comparison:
    return exported()


def test_promptfoo_gets_prompts_models_rows_and_checks(grid: Comparison) -> None:
    text = grid.to_promptfoo()
    found = yaml.safe_load(text)
    assert text.startswith('# Not exported, since it is a function of Python: "mine"\n')
    assert [prompt["label"] for prompt in found["prompts"]] == ["plain", "turns"]
    assert [message["role"] for message in json.loads(found["prompts"][1]["raw"])] == [
        "system",
        "user",
        "user",
    ]
    assert [provider["config"]["temperature"] for provider in found["providers"]] == [0, 0.7, 0, 0.7]
    assert [test.get("vars", {}).get("population") for test in found["tests"]] == [717_710, None, 0.5]
    types = {one["metric"]: one["type"] for one in found["defaultTest"]["assert"]}
    assert types == {
        "right": "contains",
        "polite": "not-icontains",
        "short": "javascript",
        "json": "is-json",
        "fast": "latency",
        "cheap": "cost",
        "year": "regex",
        "kind": "llm-rubric",
        "better": "select-best",
    }
    assert found["defaultTest"]["assert"][0]["value"] == "{{ expected }}"
    assert found["evaluateOptions"] == {"repeat": 2}


def test_no_secret_is_exported(grid: Comparison, tmp_path: Path) -> None:
    logs = "".join(path.read_text("utf-8") for path in grid.to_inspect(tmp_path))
    for text in (grid.to_promptfoo(), logs):
        assert "sk-secret" not in text
        assert "sesame" not in text


def test_files_are_not_replaced_by_mistake(grid: Comparison, tmp_path: Path) -> None:
    path = tmp_path / "promptfooconfig.yaml"
    text = grid.to_promptfoo(path)
    assert path.read_text("utf-8") == text
    with pytest.raises(FileError, match=r"There is a file 'promptfooconfig\.yaml' already"):
        grid.to_promptfoo(path)
    assert grid.to_promptfoo(path, overwrite=True) == text
    with pytest.raises(FileError, match="cannot be created"):
        grid.to_inspect(path)
    with pytest.raises(FileError, match="cannot be written"):
        grid.to_promptfoo(tmp_path / "missing" / "x.yaml")


def test_inspect_gets_a_log_per_variant(grid: Comparison, tmp_path: Path) -> None:
    paths = grid.to_inspect(tmp_path / "logs")
    logs = [json.loads(path.read_text("utf-8")) for path in sorted(paths, key=lambda path: path.stem[-4:])]
    assert [log["eval"]["metadata"]["variant"] for log in logs] == [variant.name for variant in grid.variants]
    first = logs[0]
    assert (first["version"], first["status"], first["eval"]["model"]) == (2, "success", "a")
    assert [(sample["id"], sample["epoch"]) for sample in first["samples"]] == [
        (row, epoch) for row in range(3) for epoch in (1, 2)
    ]
    sample = first["samples"][0]
    assert sample["input"] == [{"role": "user", "content": "Oslo {% x %}"}]
    assert (sample["target"], sample["scores"]["right"]["value"]) == ("Norway", "I")
    assert sample["scores"]["kind"]["value"] == 0.75
    assert sample["metadata"]["rating"] is True
    assert sample["metadata"]["error_cheap"] == "The price of the answer is not known."
    assert [sample["input"][0]["role"] for sample in logs[4]["samples"]] == ["system"] * 6
    failed = [sample["error"]["message"] for sample in logs[2]["samples"] if "error" in sample]
    assert len(failed) == 2
    assert first["results"]["scores"][0]["metrics"]["accuracy"]["value"] == 0


def test_frame_survives_csv(grid: Comparison) -> None:
    table = grid.to_frame()
    back = pd.read_csv(StringIO(table.to_csv(index=False)))
    assert back.columns.tolist() == table.columns.tolist()
    for name in (
        "variant",
        "row",
        "sample",
        "status",
        "input_tokens",
        "check_right",
        "check_kind_score",
        "city",
    ):
        assert [none(value) for value in back[name]] == [none(value) for value in table[name]], name


def none(value: Any) -> Any:
    return None if pd.isna(value) else value


def test_rows_that_yaml_and_json_lack_become_text(tmp_path: Path) -> None:
    table = pd.DataFrame({"day": pd.to_datetime(["2026-11-30"]), "share": [float("nan")], "of": [(1, 2)]})
    grid = compare(
        "echo: {{ day }}", models="demo:nbstream-demo-fast", over=table, checks=["is-json"]
    ).result()
    (test,) = yaml.safe_load(grid.to_promptfoo())["tests"]
    assert test["vars"] == {"day": "2026-11-30 00:00:00", "of": [1, 2]}
    (path,) = grid.to_inspect(tmp_path)
    assert json.loads(path.read_text("utf-8"))["samples"][0]["metadata"]["share"] is None


def test_prompts_with_images_are_refused() -> None:
    grid = compare(prompts={"picture": ["Look", b"\x89PNG\r\n\x1a\n"]}, models="demo")
    with pytest.raises(ArgumentError, match="The prompt of 'demo' is not a text"):
        grid.to_promptfoo()


def test_prompts_without_variables_stay_as_they_are() -> None:
    grid = compare("Say {{ city }} and {% endraw %}", models="m", system="Be {{ kind }}")
    (prompt,) = yaml.safe_load(grid.to_promptfoo())["prompts"]
    assert [message["content"] for message in json.loads(prompt["raw"])] == [
        "{% raw %}Be {{ kind }}{% endraw %}",
        "{% raw %}Say {{ city }} and {% endraw %}{{ '{%' }} endraw{% raw %} %}{% endraw %}",
    ]


def test_values_that_promptfoo_would_read_as_files_are_refused() -> None:
    grid = compare("{{ path }}", models="m", over=[{"path": "file:///etc/passwd"}])
    with pytest.raises(ArgumentError, match="Row 0: promptfoo would replace path='file:///etc/passwd'"):
        grid.to_promptfoo()


def test_all_rows_are_exported(grid: Comparison) -> None:
    assert len(yaml.safe_load(grid.to_promptfoo())["tests"]) == len(ROWS)
