"""What a notebook saves of a comparison; `saved-grid.test.ts` reads the same fixture."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from nbstream.comparison import Comparison, compare
from nbstream.comparison.view import saved
from nbstream.comparison.view.saved import COMPARISON_MIMETYPE, bundle
from nbstream.errors import NbstreamError
from tests.loopback import ByteServer
from tests.loopback.chunks import delta, says
from tests.loopback.responses import json_response, sse_response
from tests.loopback.steps import Hold

FIXTURE = Path(__file__).parents[2] / "fixtures" / "comparison.json"
ROWS = [{"city": "Oslo"}, {"city": "Rome"}]


def by_city(request: Any) -> Any:
    """Of model `n`, the question about Rome fails; the answers have lines and characters of Markdown."""
    city, model = request.json["messages"][-1]["content"], request.json["model"]
    if (model, city) == ("n", "Rome"):
        return json_response(400, {"error": {"message": "no *Rome*"}})
    return says(f"# {city}\n\nby <b>{model}</b>")


async def grid_of(server: ByteServer, **options: Any) -> Comparison:
    given = {"models": ["m", "n"], "over": ROWS, "checks": {"oslo": "contains: Oslo"}, **options}
    grid = await compare("{{ city }}", base_url=server.base_url, max_tokens=50, **given)
    grid.rate(grid.cells[0], -1, "no heading")
    return grid


async def test_saved_form_is_that_of_the_fixture() -> None:
    with ByteServer(by_city) as server:
        data, metadata = bundle(await grid_of(server))
        written = json.dumps(data).replace(server.base_url.split("/")[2], "server")
    expected = json.loads(FIXTURE.read_text("utf-8"))
    assert json.loads(written) == expected["data"]
    assert metadata["nbstream"].keys() == expected["metadata"]["nbstream"].keys()
    assert metadata["nbstream"]["models"] == expected["metadata"]["nbstream"]["models"]


async def test_another_run_with_the_same_answers_changes_the_metadata_only() -> None:
    with ByteServer(by_city) as server:
        first, second = bundle(await grid_of(server)), bundle(await grid_of(server))
    assert first[0] == second[0]
    assert first[1]["nbstream"]["ids"] != second[1]["nbstream"]["ids"]


async def test_very_long_answers_are_left_out_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "MOST_CHARS", 25)
    with ByteServer(by_city) as server:
        data, _ = bundle(await grid_of(server))
    comparison = data[COMPARISON_MIMETYPE]
    assert [cell.get("text") for cell in comparison["cells"]] == [
        ["# Oslo", "", "by <b>m</b>"],
        None,
        None,
        None,
    ]
    assert comparison["cells"][1]["chars"] == len("# Oslo\n\nby <b>n</b>")
    assert comparison["left_out"] == 3


async def test_answers_that_still_stream_are_saved_as_stopped() -> None:
    with ByteServer(sse_response([delta("so far"), Hold()])) as server:
        grid = compare("Hi", models=["m", "n"], base_url=server.base_url)
        begun = asyncio.Event()
        grid.subscribe(lambda _: begun.set() if all(cell.text for cell in grid.cells) else None)
        await begun.wait()
        data, metadata = bundle(grid)
        grid.stop()
        await grid.wait()
    assert data[COMPARISON_MIMETYPE]["cells"] == [{"status": "stopped", "text": "so far"}] * 2
    assert [column["statuses"] for column in metadata["nbstream"]["columns"]] == [{"stopped": 1}] * 2


async def test_nothing_that_could_be_a_key_is_saved() -> None:
    key = "sk-" + 40 * "k"
    with ByteServer(by_city) as server:
        grid = await grid_of(server, api_key=key, system="Be terse.")
        data, metadata = bundle(grid)
    assert key not in json.dumps([data, metadata])
    assert data[COMPARISON_MIMETYPE]["shared"] == [
        ["system", "Be terse."],
        ["max_tokens", "50"],
    ]


async def test_comparison_of_failures_is_saved_too() -> None:
    with ByteServer(json_response(400, {"error": {"message": "out of order"}})) as server:
        grid = compare("Hi", models=["m", "n"], base_url=server.base_url)
        with pytest.raises(NbstreamError):
            await grid
        data, _ = bundle(grid)
    assert "out of order" in data[COMPARISON_MIMETYPE]["cells"][0]["error"]
