"""The database of a log: search with and without an index, files of others, two processes."""

from __future__ import annotations

import multiprocessing
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nbstream.errors import DamagedFileError, FileError
from nbstream.reply_log import store as store_module
from nbstream.reply_log.query import Query
from nbstream.reply_log.store import Store
from tests.reply_log.rows import row

ALL = Query()


def prompts(store: Store, words: str = "", **filters: Any) -> list[str]:
    return [entry.prompt for entry in store.select(Query(words=words, **filters))]


@pytest.fixture(params=["indexed", "scanned"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A log in memory, also on an SQLite without full-text search."""
    if request.param == "scanned":
        without_index(monkeypatch)
    return Store()


def without_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_WORDS", store_module._WORDS.replace("fts5", "missing5"))


def test_all_words_are_looked_for_and_those_of_the_prompt_count_more(store: Store) -> None:
    for prompt, text in (
        ("It rains", "Winter is near. Winter, winter, winter."),
        ("Winter in Oslo", "It is cold."),
        ("Oslo", "Summer."),
    ):
        store.put(row(prompt, text), ended=True)
    assert prompts(store, "winter") == ["Winter in Oslo", "It rains"]
    assert prompts(store, "oslo wint") == ["Winter in Oslo"]
    assert prompts(store, "oslo snow") == []
    assert prompts(store) == ["It rains", "Winter in Oslo", "Oslo"]
    assert [entry.prompt for entry in store.select(ALL, 2)] == ["Winter in Oslo", "Oslo"]
    assert store.count(Query(words="winter")) == 2


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("snake_case_name", "snake_case"),
        ("c++ and c#", "c++"),
        ("100% sure", "100%"),
        ("東京は晴れです", "晴れ"),
        ("it's fine", "it's"),
        ('"quoted" AND NOT', '"quoted"'),
        ("a*b -- c", "a*b"),
        ("NEAR(x)", "near("),
        ("back\\slash", "back\\slash"),
        ("https://example.org/a?b", "example.org"),
    ],
)
def test_words_are_found_as_they_are_written(store: Store, prompt: str, words: str) -> None:
    store.put(row("other words"), ended=True)
    store.put(row(prompt), ended=True)
    assert prompts(store, words) == [prompt]


@pytest.mark.parametrize("words", ['"', "*", "AND", "()", "-", "^x", "prompt:x", "'; DROP TABLE replies"])
def test_no_words_are_an_error(store: Store, words: str) -> None:
    store.put(row("Hello"), ended=True)
    assert prompts(store, words) == []
    assert prompts(store) == ["Hello"]


def test_the_index_ignores_accents() -> None:
    store = Store()
    store.put(row("écoute"), ended=True)
    assert prompts(store, "ecou") == ["écoute"]


def test_filters(store: Store) -> None:
    store.put(row("a", model="gpt_5", chat="x", rating=-1, time="2026-11-29T12:00:00Z"), ended=True)
    store.put(row("b", status="failed"), ended=True)
    assert prompts(store, model="T_5") == prompts(store, chat="x") == prompts(store, rating=-1) == ["a"]
    assert prompts(store, model="t%5") == []
    assert prompts(store, status="failed") == prompts(store, rating=0) == ["b"]
    assert prompts(store, since=datetime(2026, 11, 30, tzinfo=UTC)) == ["b"]


def test_one_that_has_not_ended_is_found_and_then_replaced(store: Store) -> None:
    store.put(row("Hello", "", id="r", status="unfinished"), ended=False)
    assert prompts(store, "hello") == ["Hello"]
    store.put(row("Hello", "Hi there", id="r"), ended=True)
    store.put(row("Hello", "Hi there", id="r", rating=1), ended=True)
    [entry] = store.select(Query(words="there"))
    assert (entry.number, entry.rating) == (1, 1)
    store.put(row("Next"), ended=True)
    assert [entry.number for entry in store.select(ALL)] == [1, 2]


def test_a_log_in_memory_keeps_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_MOST_IN_MEMORY", 3)
    store = Store()
    for number in range(5):
        store.put(row(f"prompt{number}"), ended=True)
    assert prompts(store) == ["prompt2", "prompt3", "prompt4"]
    assert prompts(store, "prompt1") == []
    assert prompts(store, "prompt4") == ["prompt4"]


def test_a_log_in_memory_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_MOST_BYTES_IN_MEMORY", 1_000_000)
    store = Store()
    for number in range(60):
        store.put(row(f"prompt{number}", f"{number} " * 20_000), ended=True)
    assert 3 <= store.count(ALL) < 30
    assert prompts(store)[-1] == "prompt59"


def test_a_file_is_private_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    Store(path).put(row("Hello"), ended=True)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    assert prompts(Store(path), "hello") == ["Hello"]


def test_what_was_written_without_an_index_is_indexed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        without_index(patched)
        Store(tmp_path / "log.db").put(row("écoute"), ended=True)
    assert prompts(Store(tmp_path / "log.db"), "ecoute") == ["écoute"]


def test_a_file_of_a_newer_version_of_another_program_or_of_noise_is_refused(tmp_path: Path) -> None:
    newer, foreign, noise = tmp_path / "newer.db", tmp_path / "foreign.db", tmp_path / "noise.db"
    Store(newer)
    with sqlite3.connect(newer) as changed:
        changed.execute("PRAGMA user_version = 99")
    changed.close()
    with sqlite3.connect(foreign) as other:
        other.execute("CREATE TABLE notes (text)")
    other.close()
    noise.write_bytes(b"This is a text. " * 100)
    with pytest.raises(FileError, match="has format 99 of a newer nbstream; this one reads 1"):
        Store(newer)
    with pytest.raises(FileError, match="a file of another program"):
        Store(foreign)
    with pytest.raises(DamagedFileError, match=r"not a database.*Move the file away"):
        Store(noise)
    with pytest.raises(FileError, match="cannot be opened: No such file or directory"):
        Store(tmp_path / "missing" / "log.db")
    assert noise.read_bytes() == b"This is a text. " * 100


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    store = Store(path)
    for number in range(200):
        store.put(row(f"prompt{number}", "text " * 200), ended=True)
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store._close()
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 100_000)
    with pytest.raises(DamagedFileError):
        Store(path).select(ALL)


def write_some(path: Path, name: str, count: int) -> None:
    store = Store(path)
    for number in range(count):
        store.put(row(f"{name}{number}"), ended=True)


def test_processes_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_some, args=(path, name, 50)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    store = Store(path)
    assert sorted(prompts(store)) == sorted(f"{name}{number}" for name in "ab" for number in range(50))
    assert {entry.number for entry in store.select(ALL)} == set(range(1, 101))
