"""The pytest plugin, in a separate pytest: records once, replays without a server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from nbstream.testing import plugin
from tests.loopback import ByteServer
from tests.loopback.chunks import says

TESTS = """
import os
import pytest
from openai import AsyncOpenAI, OpenAI
from nbstream import Chat

URL = os.environ["SERVER"]

@pytest.mark.nbstream
def test_own_file():
    assert Chat("m", base_url=URL).send("Hi").result().text == "Hello"

@pytest.mark.nbstream("shared.jsonl")
@pytest.mark.parametrize("name", ["a/b", "c"])
def test_named_file(name):
    assert Chat("m", base_url=URL).send(f"I am {name}").result().text == "Hello"

def test_fixture(nbstream_cassette, nbstream_http):
    sdk = OpenAI(base_url=URL, api_key="k", http_client=nbstream_http, max_retries=0)
    chunks = sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}], stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello"
    assert nbstream_cassette.recorded + nbstream_cassette.replayed == 1

@pytest.mark.asyncio
async def test_async(nbstream_async_http):
    async with AsyncOpenAI(base_url=URL, api_key="k", http_client=nbstream_async_http, max_retries=0) as sdk:
        stream = await sdk.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == "Hello"

@pytest.mark.nbstream(mode="off")
def test_live():
    if "LIVE" in os.environ:
        assert Chat("m", base_url=URL).send("live").result().text == "Hello"
"""


def run(folder: Path, server: str, *options: str, live: str = "") -> str:
    """The output of pytest, which loads the plugin and no other that is installed."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "OPENAI"))}
    environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "SERVER": server, "NBSTREAM_NO_PROBE": "1"}
    environ |= {"LIVE": live} if live else {}
    plugins = ["-p", "nbstream.testing.plugin", "-p", "pytest_asyncio.plugin"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-W",
        "error",
        "-o",
        "asyncio_default_fixture_loop_scope=function",
        "--strict-markers",
        *plugins,
        *options,
    ]
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=120
    )
    return done.stdout + done.stderr


def test_tests_are_recorded_once_and_replayed_without_a_server(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS, "utf-8")
    with ByteServer(says("Hel", "lo")) as server:
        missing = run(tmp_path, server.base_url)
        assert "1 passed, 5 errors" in missing
        assert "There is no recording cassettes/test_it/test_own_file.jsonl." in missing
        assert "pytest --nbstream-mode=auto" in missing
        assert server.requests == []
        assert "6 passed" in run(tmp_path, server.base_url, "--nbstream-mode=auto", live="1")
        assert len(server.requests) == 6
        where = server.base_url
    assert "6 passed" in run(tmp_path, where)
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.jsonl"))
    assert files == [
        "cassettes/test_it/test_async.jsonl",
        "cassettes/test_it/test_fixture.jsonl",
        "cassettes/test_it/test_own_file.jsonl",
        "shared.jsonl",
    ]


def test_the_plugin_imports_nothing_until_a_test_needs_it(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import sys\n"
        "def test_it():\n"
        "    ours = {name for name in sys.modules if name.partition('.')[0] == 'nbstream'}\n"
        "    assert ours == {'nbstream', 'nbstream._version', 'nbstream.testing',\n"
        "                    'nbstream.testing.plugin'}\n",
        "utf-8",
    )
    assert "1 passed" in run(tmp_path, "http://127.0.0.1:9/v1")


def test_the_package_names_the_plugin() -> None:
    import tomllib

    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text("utf-8"))
    assert project["project"]["entry-points"]["pytest11"] == {"nbstream": plugin.__name__}
