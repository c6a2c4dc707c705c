"""Exports read by the real promptfoo, Inspect and pyarrow: `make formats` installs them and runs this."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbstream import NBStream, Prompt
from nbstream.client.router import Router
from nbstream.comparison import Comparison, compare
from tests.comparison.exporting.comparisons import ROWS, exported
from tests.loopback import ByteServer
from tests.loopback.chunks import says
from tests.loopback.exchanges import RecordedRequest
from tests.loopback.responses import json_response
from tests.loopback.steps import Step

PROMPTFOO = os.environ.get("NBSTREAM_PROMPTFOO", "")
with_promptfoo = pytest.mark.skipif(not PROMPTFOO, reason="make formats installs promptfoo")


@pytest.fixture(scope="module")
def grid() -> Comparison:
    return exported()


def promptfoo(tmp_path: Path, *arguments: str, key: str = "none") -> subprocess.CompletedProcess[str]:
    """Run its CLI, which writes to a folder of its own and asks no one for updates."""
    offline = {
        "PROMPTFOO_CONFIG_DIR": str(tmp_path / "own"),
        "PROMPTFOO_SELF_HOSTED": "1",
        "OPENAI_API_KEY": key,
    }
    switched_off = {f"PROMPTFOO_DISABLE_{what}": "1" for what in ("TELEMETRY", "UPDATE", "REMOTE_GENERATION")}
    command = [*PROMPTFOO.split(os.pathsep), *arguments]
    env = os.environ | offline | switched_off
    return subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=170, cwd=tmp_path, check=False
    )


@with_promptfoo
def test_promptfoo_finds_the_configuration_valid(grid: Comparison, tmp_path: Path) -> None:
    grid.to_promptfoo(tmp_path / "promptfooconfig.yaml")
    run = promptfoo(tmp_path, "validate", "-c", "promptfooconfig.yaml")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Configuration is valid" in run.stdout + run.stderr


@with_promptfoo
def test_promptfoo_sends_the_same_requests_and_finds_the_same(tmp_path: Path) -> None:
    def script(request: RecordedRequest) -> Iterable[Step]:
        text = request.json["messages"][-1]["content"]
        if request.json.get("stream"):
            return says(f"{text} in Norway")
        message = {"role": "assistant", "content": f"{text} in Norway"}
        usage = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return json_response(
            200, {"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}
        )

    prompts = {
        "plain": "{{ city }} {% x %} {# y #} $5",
        "turns": Prompt("In {{ city }}?", system="Be {kind}.", messages=[{"role": "user", "content": "Hi"}]),
    }
    with ByteServer(script) as server:
        router = Router(NBStream(retries=0), {"NBSTREAM_NO_PROBE": "1"})
        grid = compare(
            prompts=prompts,
            models=["a", "b"],
            temperature=[0, 0.5],
            over=ROWS,
            checks={"right": "contains", "short": "max-chars: 400", "sorry": "not-icontains: sorry"},
            stop_when="never",
            base_url=server.base_url,
            router=router,
        ).result()
        own = [body(request) for request in server.requests]
        grid.to_promptfoo(tmp_path / "promptfooconfig.yaml")
        run = promptfoo(tmp_path, "eval", "-c", "promptfooconfig.yaml", "--no-cache", "-o", "results.json")
        theirs = [body(request) for request in server.requests[len(own) :]]
    assert (tmp_path / "results.json").exists(), run.stdout + run.stderr
    assert sorted(theirs) == sorted(own)
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))["results"]["results"]
    found = {"right": 0, "short": 0, "sorry": 0}
    for result in results:
        for component in result["gradingResult"]["componentResults"]:
            found[component["assertion"]["metric"]] += component["pass"]
    table = grid.to_frame()
    assert found == {name: int(table[f"check_{name}"].sum()) for name in found}


def body(request: RecordedRequest) -> str:
    sent = {name: request.json[name] for name in ("model", "messages", "temperature")}
    return json.dumps(sent, sort_keys=True)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Inspect's own code
def test_inspect_reads_the_logs(grid: Comparison, tmp_path: Path) -> None:
    analysis = pytest.importorskip("inspect_ai.analysis", reason="make formats installs Inspect")
    log_files = pytest.importorskip("inspect_ai.log", reason="make formats installs Inspect")
    paths = grid.to_inspect(tmp_path)
    logs = [log_files.read_eval_log(found) for found in log_files.list_eval_logs(str(tmp_path))]
    assert len(logs) == len(paths) == len(grid.variants)
    assert sorted(log.eval.metadata["variant"] for log in logs) == sorted(v.name for v in grid.variants)
    samples = analysis.samples_df(str(tmp_path))
    assert len(samples) == len(grid.cells)
    scored = {name: samples[f"score_{name}"].notna().sum() for name in ("right", "kind", "better")}
    table = grid.to_frame()
    assert scored == {name: table[f"check_{name}"].notna().sum() for name in scored}
    assert samples["error"].fillna("").astype(bool).sum() == (table["status"] == "failed").sum()
    means = analysis.evals_df(str(tmp_path))["score_right_accuracy"].tolist()
    by_variant = table.assign(right=table["check_right"].astype(float)).groupby("variant")["right"].mean()
    assert sorted(means) == pytest.approx(sorted(by_variant))


def test_frame_survives_parquet(grid: Comparison, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="make formats installs pyarrow")
    table = grid.to_frame()
    table.to_parquet(tmp_path / "grid.parquet")
    back = pd.read_parquet(tmp_path / "grid.parquet")
    assert back.columns.tolist() == table.columns.tolist()
    for name in table:
        assert [plain(value) for value in back[name]] == [plain(value) for value in table[name]], name


def plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | list):
        return list(value)
    return None if pd.isna(value) else value
