"""The relay on a port, what it serves by name, and the command."""

from __future__ import annotations

import argparse
import builtins
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from nbstream import Chat
from nbstream.errors import ConfigError
from nbstream.relay import command, create_app
from nbstream.relay.loading import load
from nbstream.relay.server import serve, serving
from tests.kernel.driver import HERMETIC
from tests.processes import printed_by

CODE = 'from nbstream import Chat\nchat = Chat("demo:nbstream-demo-fast", system="Be terse.")\nnumber = 1\n'
COMMAND = """
import argparse
from nbstream.relay import command
parser = argparse.ArgumentParser()
command.add_arguments(parser)
raise SystemExit(command.run(parser.parse_args()))
"""


def notebook(*sources: str) -> str:
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "source": ["# A prototype"], "metadata": {}}]
    cells += [{"cell_type": "code", "source": source.splitlines(keepends=True)} for source in sources]
    return json.dumps({"cells": cells})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "relayed.py").write_text(CODE)
    (tmp_path / "broken.py").write_text("1 / 0")
    (tmp_path / "prototype.ipynb").write_text(
        notebook("%load_ext nbstream\nimport asyncio", f"await asyncio.sleep(0)\n{CODE}", "raise SystemExit")
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


@pytest.fixture
def greeting(folder: Path) -> Iterator[list[str]]:
    """What the command prints before it takes requests."""
    arguments = ["prototype.ipynb:chat", "--port", "0", "--token-env", "RELAY_TOKEN"]
    environment = HERMETIC | {"RELAY_TOKEN": "a-token-of-the-tests"}
    with printed_by(COMMAND, *arguments, cwd=folder, env=environment) as lines:
        yield lines


async def test_a_notebook_is_served_from_the_command_line(greeting: list[str]) -> None:
    (url,) = re.findall(r"is listening at (\S+)", greeting[0])
    assert f"{url}/v1" in greeting[1]
    assert "a-token-of-the-tests" not in "".join(greeting)
    messages: Any = [{"role": "user", "content": "Hi"}]
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="a-token-of-the-tests") as client:
        answer = await client.chat.completions.create(model="nbstream", messages=messages)
        assert "Be terse." in (answer.choices[0].message.content or "")
        with pytest.raises(openai.AuthenticationError):
            await client.with_options(api_key="another").models.list()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("target", ["relayed:chat", "relayed.py:chat", "./relayed.py:chat"])
def test_a_chat_is_found_by_its_name(target: str) -> None:
    found = load(target)
    assert isinstance(found, Chat)
    assert found.messages == [{"role": "system", "content": "Be terse."}]


@pytest.mark.usefixtures("folder")
def test_a_script_finds_the_modules_beside_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "beside.py").write_text("MODEL = 'demo'\n")
    script = folder / "script.py"
    script.write_text("import beside\nfrom nbstream import Chat\nchat = Chat(beside.MODEL)\n")
    monkeypatch.chdir("/")
    found = load(f"{script}:chat")
    assert isinstance(found, Chat)
    assert found.model == "demo"


def test_a_function_that_makes_chats_is_found_too() -> None:
    assert load("relayed:Chat") is Chat


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("relayed", "is not a valid target"),
        (":chat", "is not a valid target"),
        ("relayed:not a name", "is not a valid target"),
        ("relayed:missing", "no 'missing' in relayed"),
        ("relayed:number", "'number' in relayed is a int"),
        ("no_such_module:chat", "ModuleNotFoundError"),
        ("no_such.ipynb:chat", "FileNotFoundError"),
        ("broken.py:chat", "ZeroDivisionError"),
    ],
)
def test_what_can_not_be_served_is_explained(target: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(target)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_other_machines_need_a_token(host: str) -> None:
    with pytest.raises(ConfigError, match="other machines") as caught:
        serve(Chat("demo"), host)
    assert "--token-env" in caught.value.advice


def test_an_unknown_host_and_a_port_that_is_taken_are_named() -> None:
    with pytest.raises(ConfigError, match=r"no-such-host\.invalid"):
        serve(Chat("demo"), "no-such-host.invalid")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port}"):
            serve(Chat("demo"), port=port)


@pytest.mark.parametrize("flag", ["--streams", "--streams-per-client"])
@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_of_streams_is_a_number(flag: str, limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options("relayed:chat", flag, limit)
    assert "use a number above 0" in capsys.readouterr().err


async def test_the_command_sets_the_limits_of_streams(folder: Path) -> None:
    arguments = ["relayed.py:chat", "--port", "0", "--streams", "1"]
    with printed_by(COMMAND, *arguments, cwd=folder, env=HERMETIC) as lines:
        (url,) = re.findall(r"is listening at (\S+)", lines[0])
        async with (
            httpx2.AsyncClient(base_url=url) as client,
            client.stream("POST", "/chat", json={"message": "demo:stall"}) as first,
        ):
            assert first.status_code == 200
            second = await client.post("/chat", json={"message": "Hi"})
    assert second.status_code == 503
    assert "--streams 1" in second.json()["error"]["message"]


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(words)


def test_a_token_that_is_not_set_is_an_error_and_not_an_open_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPTY_TOKEN", "")
    for name in ("NO_SUCH_TOKEN", "EMPTY_TOKEN"):
        with pytest.raises(ConfigError, match=f"{name} is not set"):
            command.run(options("relayed:chat", "--token-env", name))


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn"])
def test_without_its_extra_it_says_how_to_install_it(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real_import(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.startswith("nbstream.relay.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=re.escape('pip install "nbstream[serve]"')) as caught:
        serve(Chat("demo"), port=0)
    assert missing in caught.value.message


def test_only_a_chat_can_be_served() -> None:
    wrong: Any = "demo"
    with pytest.raises(ConfigError, match="cannot serve 'str'"):
        create_app(wrong)


async def test_a_front_end_is_served_without_a_token_and_beside_the_api(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>Hello</p>")
    app = create_app(Chat("demo"), token="a-token-of-the-tests", ui=tmp_path)
    async with serving(app) as url, httpx2.AsyncClient(base_url=url) as client:
        assert (await client.get("/")).text == "<p>Hello</p>"
        assert (await client.get("/v1/models")).status_code == 401


def test_nothing_of_it_is_imported_with_nbstream() -> None:
    program = "import sys, nbstream.relay; print({'fastapi', 'uvicorn'} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_it_answers_without_ipython() -> None:
    program = """
import asyncio, sys
sys.modules.update({name: None for name in ("IPython", "ipykernel", "ipywidgets", "anywidget")})
import httpx2
from nbstream import Chat
from nbstream.relay import create_app
from nbstream.relay.server import serving

async def main():
    async with serving(create_app(Chat("demo:nbstream-demo-fast"))) as url:
        async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
            print((await client.post("/chat", json={"message": "Hi"})).text)

asyncio.run(main())
"""
    words = [sys.executable, "-c", program]
    run = subprocess.run(words, capture_output=True, text=True, check=True, env=HERMETIC, timeout=60)
    assert run.stdout.rstrip().splitlines()[-2] == "data: [DONE]"
