"""Tables of pyarrow and Dask. `make formats` installs pyarrow, without which Dask has no DataFrames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from distributed import Client, LocalCluster

import nbstream
from nbstream import Store
from tests.batching.whole_answers import echoes, whole
from tests.loopback import ByteServer

pa = pytest.importorskip("pyarrow", reason="make formats installs pyarrow")
dd = pytest.importorskip("dask.dataframe", reason="make formats installs Dask's DataFrames")

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}, "tags": {"type": "array"}}}


def chosen(server: ByteServer, path: Path, **options: Any) -> dict[str, Any]:
    return {"model": "m", "base_url": server.base_url, "store": path, "progress": False} | options


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.sqlite"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address="localhost:0"
        ) as cluster,
        Client(cluster) as connected,
    ):
        yield connected


async def test_a_table_of_pyarrow_keeps_order_and_types(path: Path) -> None:
    table = pa.table(
        {
            "city": pa.array(["Oslo", "Rome", "Oslo"], pa.dictionary(pa.int8(), pa.string())),
            "n": pa.array([1, 2, None], pa.int8()),
            "when": pa.array([0, 1, 2], pa.timestamp("us", "UTC")),
        }
    )
    with ByteServer(echoes) as server:
        found = await nbstream.batch("Where is {{ city }}?", table, **chosen(server, path))
    assert isinstance(found, pa.Table)
    assert found.select(table.column_names).equals(table)
    assert found["answer"].to_pylist() == [f"Where is {city}?" for city in ("Oslo", "Rome", "Oslo")]
    kinds = {name: str(found.schema.field(name).type).removeprefix("large_") for name in found.column_names}
    assert (kinds["answer"], kinds["input_tokens"], kinds["seconds"], kinds["cached"]) == (
        "string",
        "int64",
        "double",
        "bool",
    )


async def test_fields_and_empty_tables_of_pyarrow(path: Path) -> None:
    with ByteServer(lambda _: whole('{"n": 7, "tags": ["a"]}')) as server:
        found = await nbstream.batch(
            "{{ city }}", pa.table({"city": ["Oslo"]}), **chosen(server, path, schema=SCHEMA)
        )
        empty = pa.table({"city": pa.array([], pa.string())})
        none = await nbstream.batch("{{ city }}", empty, **chosen(server, path))
    assert found["n"].to_pylist() == [7]
    assert found["tags"].to_pylist() == [["a"]]
    assert none.num_rows == 0
    assert "answer" in none.column_names


def test_a_store_is_written_with_pyarrow(path: Path) -> None:
    import pyarrow.parquet

    with ByteServer(echoes) as server:
        nbstream.batch("{{ n }}", [{"n": 1}], **chosen(server, path)).result()
    with Store(path) as store:
        store.to_parquet(path.with_suffix(".parquet"))
    read = pyarrow.parquet.read_table(path.with_suffix(".parquet"))
    assert read["text"].to_pylist() == ["1"]


async def test_a_frame_of_dask_without_a_cluster(path: Path) -> None:
    lazy = dd.from_pandas(pd.DataFrame({"city": ["Oslo", "Rome", "Lima"]}), npartitions=2)
    with ByteServer(echoes) as server:
        found = await nbstream.batch("{{ city }}", lazy, **chosen(server, path, concurrency=2))
    assert list(found["answer"].compute(scheduler="synchronous")) == ["Oslo", "Rome", "Lima"]


async def test_a_frame_of_dask_keeps_partitions_index_and_types(path: Path, client: Client) -> None:
    frame = pd.DataFrame({"city": ["Oslo", "Rome", "Lima"] * 20, "n": range(60)}, index=range(100, 160))
    frame = frame.astype({"n": "int16"})
    lazy = dd.from_pandas(frame, npartitions=4)
    with ByteServer(echoes) as server:
        asked = nbstream.batch("{{ city }} {{ n }}", lazy, **chosen(server, path))
        found = await asked
        assert len(server.requests) == 60
        assert isinstance(found, dd.DataFrame)
        assert found.npartitions == 4
        assert found.divisions == lazy.divisions
        assert dict(found.dtypes) == dict(found.compute().dtypes)
        pd.testing.assert_frame_equal(found.compute()[["city", "n"]], lazy.compute())
        assert list(found["answer"].compute()) == [
            f"{c} {n}" for c, n in zip(frame.city, frame.n, strict=True)
        ]
        again = await nbstream.batch("{{ city }} {{ n }}", lazy, **chosen(server, path))
        assert len(server.requests) == 60
    assert bool(again["cached"].compute().all())
