"""The log is kept in a file where the settings name one, and a file that fails does not stop a chat."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from traitlets.config import Config

import nbstream
from nbstream import ArgumentError, Chat, NBStream
from nbstream.reply_log.query import Query
from nbstream.reply_log.store import Store
from tests.kernel.driver import HERMETIC

FAST = "demo:nbstream-demo-fast"
KILLED = """
import os, signal, sys
from nbstream import ArgumentError, Chat, NBStream

NBStream.instance().log = sys.argv[1]
for delta in Chat("demo").send("Tell me a long story"):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    settings = NBStream.instance()
    yield tmp_path / "log.db"
    settings.log = ""


def logged(path: Path) -> list[tuple[str, str]]:
    store = Store(path)
    return [(entry.prompt, entry.status) for entry in store.select(Query())]


def test_without_the_setting_nothing_is_written(path: Path) -> None:
    Chat(FAST).send("echo: Hello").result()
    assert list(path.parent.iterdir()) == []


def test_it_is_kept_with_what_the_session_asked_before(path: Path) -> None:
    mark = uuid.uuid4().hex
    chat = Chat(FAST)
    chat.send(f"echo: before {mark}").result()
    NBStream.instance().log = str(path)
    reply = chat.send(f"echo: after {mark}").result()
    reply.rate(+1, "Fine.")
    kept = Store(path).select(Query(words=mark))
    assert sorted((entry.prompt, entry.rating) for entry in kept) == [
        (f"echo: after {mark}", 1),
        (f"echo: before {mark}", None),
    ]
    assert [entry.id for entry in nbstream.log(f"after {mark}")] == [reply.state.id]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_path_that_cannot_be_a_file_is_refused_at_once(path: Path) -> None:
    settings = NBStream.instance()
    with pytest.raises(ArgumentError, match="is a folder"):
        settings.log = str(path.parent)
    with pytest.raises(ArgumentError, match=r"The folder .* does not exist"):
        settings.log = str(path / "log.db")
    with pytest.raises(ArgumentError, match="does not exist"):
        NBStream(config=Config({"NBStream": {"log": str(path / "log.db")}}))
    assert settings.log == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_path_that_may_not_be_written_is_refused_at_once(path: Path) -> None:
    path.parent.chmod(0o500)
    with pytest.raises(ArgumentError, match="may not be written"):
        NBStream.instance().log = str(path)


def test_a_killed_process_leaves_what_it_asked(path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", KILLED, str(path)], env=HERMETIC, timeout=120, check=False)
    assert run.returncode == -signal.SIGKILL
    assert logged(path) == [("Tell me a long story", "unfinished")]
    NBStream.instance().log = str(path)
    [entry] = nbstream.log("story")
    assert (entry.reply().status, entry.reply().text) == ("stopped", "")


def test_a_file_that_cannot_be_used_is_reported_once_and_the_chat_goes_on(path: Path) -> None:
    path.write_bytes(b"This is a text. " * 100)
    NBStream.instance().log = str(path)
    chat, mark = Chat(FAST), uuid.uuid4().hex
    with pytest.warns(RuntimeWarning, match="'log.db' is damaged: .* kept for this session only"):
        assert chat.send(f"echo: {mark}").result().status == "finished"
    assert chat.send(f"echo: {mark}").result().status == "finished"
    log = nbstream.log(mark)
    assert len(log) == 2
    assert "'log.db' is damaged" in repr(log)
    assert path.read_bytes() == b"This is a text. " * 100


def test_a_file_that_fails_later_loses_no_reply(path: Path) -> None:
    NBStream.instance().log = str(path)
    chat, mark = Chat(FAST), uuid.uuid4().hex
    chat.send(f"echo: first {mark}").result()
    with sqlite3.connect(path) as broken:
        broken.execute("DROP TABLE replies")
    broken.close()
    with pytest.warns(RuntimeWarning, match="cannot be used: no such table"):
        chat.send(f"echo: second {mark}").result()
    assert [entry.prompt for entry in nbstream.log(mark)] == [f"echo: second {mark}"]
