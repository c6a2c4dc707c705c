"""The store of answers: its file, damage to it, other processes, and tables made of it."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest

from nbstream import ArgumentError, DamagedFileError, FileError, StateError, Store
from nbstream.batching.stored_answer import StoredAnswer

PAGE = 4096


def answer(number: int, *, model: str = "m", days: int = 0, text: str = "") -> StoredAnswer:
    return StoredAnswer(
        key=number.to_bytes(32, "big"),
        time=(datetime.now(UTC) - timedelta(days=days)).isoformat(),
        endpoint="api.example.com",
        model=model,
        sample=0,
        request=f'[{{"role":"user","content":"{number}"}}]',
        status="finished",
        text=text or f"answer {number}",
        reasoning="",
        finish_reason="stop",
        input_tokens=10,
        output_tokens=None,
        cached_tokens=None,
        cost="0.00012",
        seconds=0.5,
        attempts=1,
    )


def filled(path: Path, count: int = 300) -> Path:
    """A closed store whose answers lie on many pages, some of them long."""
    with Store(path) as store:
        store.put([answer(n, text="long " * 3000 if n % 50 == 7 else "word " * 40) for n in range(count)])
    return path


def test_answers_are_found_by_their_keys_by_a_store_opened_later(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    with Store(path) as store:
        store.put([answer(n) for n in range(1200)])
    with Store(path) as store:
        found = store.find([n.to_bytes(32, "big") for n in range(1100, 1300)])
        assert len(store) == 1200
        assert store.get(b"none") is None
    assert [found[n.to_bytes(32, "big")].text for n in (1100, 1199)] == ["answer 1100", "answer 1199"]
    assert len(found) == 100


def test_the_same_key_is_kept_once(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        store.put([answer(1)])
        store.put([answer(1, text="newer")])
        assert [stored.text for stored in store] == ["newer"]


def test_a_group_is_written_as_a_whole_or_not_at_all() -> None:
    store = Store()
    wrong = answer(2)._replace(model=None)  # type: ignore[arg-type]
    with pytest.raises(DamagedFileError):
        store.put([answer(1), wrong])
    assert len(store) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite"):
        assert stat.S_IMODE((tmp_path / "a.sqlite").stat().st_mode) == 0o600


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.sqlite")
    store.close()
    store.close()
    with pytest.raises(StateError, match="The store is closed"):
        len(store)


def test_files_that_are_no_store_are_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database " * 100)
    with pytest.raises(DamagedFileError, match=r"'notes.txt' is damaged"):
        Store(text)
    assert text.read_text().startswith("not a database")
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(FileError, match="file of another program"):
        Store(tmp_path / "other.sqlite")
    with pytest.raises(FileError, match="cannot be opened"):
        Store(tmp_path / "no folder" / "a.sqlite")


def test_a_store_of_a_newer_version_is_not_read(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.sqlite", 1)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(FileError, match="format 99 of a newer nbstream"):
        Store(path)


def _overwritten(path: Path, start: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(Random(start).randbytes(size))  # noqa: S311  the same damage in every run


def _each_changed(path: Path) -> None:
    for page in range(15, 30):
        _overwritten(path, page * PAGE + 9, 3)


DAMAGES: dict[str, tuple[Callable[[Path], object], int]] = {
    "pages in the middle": (lambda path: _overwritten(path, 20 * PAGE, 3 * PAGE), 200),
    "the last page": (lambda path: _overwritten(path, path.stat().st_size - PAGE, PAGE), 200),
    "a lost end": (lambda path: os.truncate(path, path.stat().st_size // 2), 50),
    "single bytes": (_each_changed, 50),
}


@pytest.mark.parametrize(("damage", "least"), DAMAGES.values(), ids=DAMAGES)
def test_the_readable_part_of_a_damaged_file_is_recovered(
    tmp_path: Path, damage: Callable[[Path], object], least: int
) -> None:
    path = filled(tmp_path / "a.sqlite")
    whole = {stored.key: stored for stored in Store(path)}
    damage(path)
    with (
        pytest.raises(DamagedFileError, match=r"Store.recover\(path\) saves the answers"),
        Store(path) as store,
    ):
        list(store)
    recovered = Store.recover(path)
    assert recovered.check() == []
    found = {stored.key: stored for stored in recovered}
    assert least <= len(found) < 300
    assert all(found[key] == whole[key] for key in found)
    assert (tmp_path / "a.sqlite.damaged").exists()
    with Store(path) as store:
        store.put([answer(1000)])


def test_a_file_without_a_readable_part_is_said_to_have_none(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(bytes(range(256)) * 160)
    with pytest.raises(FileError, match=r"Nothing of 'a.sqlite' can be read"):
        Store.recover(path)
    assert path.stat().st_size == 10 * PAGE
    with pytest.raises(FileError, match="does not exist"):
        Store.recover(tmp_path / "none.sqlite")


def test_recovery_overwrites_no_file(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.sqlite", 5)
    (tmp_path / "b.sqlite").touch()
    with pytest.raises(StateError, match=r"'b.sqlite' exists"):
        Store.recover(path, into=tmp_path / "b.sqlite")
    assert len(Store.recover(path, into=tmp_path / "c.sqlite")) == 5
    assert len(Store(path)) == 5


WRITER = """
import sys
from nbstream import Store
from tests.batching.test_store import answer
with Store(sys.argv[1]) as store:
    for n in range(int(sys.argv[2]), int(sys.argv[2]) + 200):
        store.put([answer(n)])
"""


def test_processes_write_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(start)]) for start in (0, 100, 1000)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    with Store(path) as store:
        assert len(store) == 300 + 200
        assert store.check() == []


def test_answers_are_pruned_by_age_model_and_number() -> None:
    store = Store()
    store.put([answer(n, days=n, model="old" if n % 2 else "new") for n in range(10)])
    assert store.prune(older_than=timedelta(days=4.5), model="old") == 3
    assert store.prune(keep=4) == 3
    assert len(store) == 4
    with pytest.raises(ArgumentError, match="what to remove"):
        store.prune()
    assert store.prune(keep=0) == 4


def test_a_frame_and_a_parquet_file_hold_all_answers(tmp_path: Path) -> None:
    store = Store(filled(tmp_path / "a.sqlite", 20))
    frame = store.to_frame()
    assert list(frame["key"])[:2] == ["00" * 32, "00" * 31 + "01"]
    assert (str(frame["time"].dt.tz), str(frame["input_tokens"].dtype)) == ("UTC", "Int64")
    assert frame["cost"].sum() == pytest.approx(20 * 0.00012)
    store.to_parquet(tmp_path / "a.parquet")
    read = pl.read_parquet(tmp_path / "a.parquet")
    assert read["text"].to_list() == list(frame["text"])
    assert read["output_tokens"].null_count() == 20
    assert Store().to_frame().empty
