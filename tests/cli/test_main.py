"""The command `nbstream`, as a separate process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import nbformat
import pytest
from openai import OpenAI

import nbstream
from nbstream.cli.main import main
from nbstream.cli.quickstart import MAIN_TAG, find_notebook
from tests.kernel.driver import FOREIGN, HERMETIC

BANNER = "*Demo answer: scripted text, no language model.*"
SECONDS = 120


def environment(home: Path) -> dict[str, str]:
    """No key of a provider, and nothing of the user's Jupyter."""
    own = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
    places = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR"]
    places += ["JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR", "TMPDIR"]
    for name in places:
        (home / name).mkdir()
    return own | HERMETIC | {"NBSTREAM_MODELS": str(home)} | {name: str(home / name) for name in places}


@contextmanager
def running(home: Path, *words: str, models: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until it is interrupted; without local models, or with those of a folder."""
    env = environment(home) | ({"NBSTREAM_MODELS": str(models)} if models else {})
    command = [sys.executable, "-m", "nbstream", *words]
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def lines_until(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """Read what a process prints up to the line that matches."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if found := re.search(pattern, line):
            return found
    raise AssertionError(f"{pattern!r} was not printed:\n{''.join(seen)}")


def notebook_of(folder: Path, *cells: tuple[str, list[str]]) -> Path:
    written = [nbformat.v4.new_code_cell(source, metadata={"tags": tags}) for source, tags in cells]
    path = folder / "test.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=written), path)
    return path


def streamed(notebook: Path) -> subprocess.CompletedProcess[str]:
    """`stream` on a notebook; 0 if it said that all went well."""
    program = "import sys; from pathlib import Path; from nbstream.cli.quickstart import stream\n"
    program += "sys.exit(not stream(Path(sys.argv[1])))"
    return subprocess.run(
        [sys.executable, "-c", program, str(notebook)],
        env=environment(notebook.parent),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"nbstream {nbstream.__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["demi"], "invalid choice: 'demi'"),
        (["demo", "--port", "65536"], "'65536' is not a port; use a number from 0 to 65535"),
        (["demo-server", "--port", "-1"], "argument --port"),
        (["serve", "--port", "many", "app:chat"], "'many' is not a port"),
        (["demo-server", "--pace", "fast"], "'fast' is not a pace; use 0 for no waits"),
        (["demo-server", "--pace", "nan"], "'nan' is not a pace"),
    ],
)
def test_wrong_usage_is_explained(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert said in capsys.readouterr().err


def test_without_a_local_model_the_headless_demo_streams_the_scripted_answer(tmp_path: Path) -> None:
    with running(tmp_path, "demo", "--headless") as process:
        lines_until(
            process, r"^The scripted demo .* language model\. (The engine|No local model) .*is.* installed\."
        )
        lines_until(process, r"^%load_ext nbstream$")
        lines_until(process, r'^%config NBStream.model = "demo"$')
        lines_until(process, r"^%%chat -t 0$")
        lines_until(process, re.escape(BANNER))
        lines_until(process, r"^\[demo — scripted, no model · nbstream-demo · .* tok/s · \d+ tokens")
        assert process.wait(SECONDS) == 0


def test_a_model_that_make_could_not_install_is_one_line_and_not_offered_again(tmp_path: Path) -> None:
    failed = "--install-failed=No matching distribution\nfound"
    with running(tmp_path, "demo", "--headless", failed) as process:
        printed, _ = process.communicate(timeout=SECONDS)
    before, _, _ = printed.partition("%load_ext nbstream")
    why = "It could not be installed. No matching distribution found"
    assert before == f"The scripted demo answers instead of a language model. {why}\n\n"
    assert BANNER in printed


def test_cells_after_the_main_one_are_not_run(tmp_path: Path) -> None:
    cells = [("print('before')", []), ("print('here')", [MAIN_TAG]), ("print('after')", [])]
    run = streamed(notebook_of(tmp_path, *cells))
    assert run.returncode == 0
    assert [word for word in ("before", "here", "after") if f"\n{word}\n" in run.stdout] == ["before", "here"]


def test_a_cell_that_fails_ends_the_headless_demo(tmp_path: Path) -> None:
    failing = "%%chat -m demo:nbstream-demo-fast\ndemo:error-500"
    run = streamed(
        notebook_of(tmp_path, ("%load_ext nbstream", []), (failing, []), ("print('on')", [MAIN_TAG]))
    )
    assert run.returncode == 1
    assert "ServerError" in run.stdout
    assert "\non\n" not in run.stdout


def test_the_demo_opens_a_copy_in_jupyterlab(tmp_path: Path) -> None:
    with running(tmp_path, "demo", "--no-browser", "--port", "0") as process:
        copy = Path(lines_until(process, r"Your copy of the notebook: (.*)")[1])
        url = lines_until(process, r"(http://127\.0\.0\.1:\d+/)lab/tree/00-quickstart\.ipynb\?token=(\w+)")
        served = contents(url[1], url[2])
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
    original = json.loads(find_notebook().read_text())
    assert [cell["source"] for cell in served["content"]["cells"]] == [
        "".join(cell["source"]).replace('"local:"', '"demo"') for cell in original["cells"]
    ]
    written = json.loads(copy.read_text())["cells"]
    assert [cell["source"] for cell in written] == [
        [line.replace('"local:"', '"demo"') for line in cell["source"]] for cell in original["cells"]
    ]
    assert copy != find_notebook()
    others = {notebook.name for notebook in find_notebook().parent.glob("*.ipynb")}
    assert {notebook.name for notebook in copy.parent.glob("*.ipynb")} == others
    assert len(others) > 1


def contents(url: str, token: str) -> dict[str, Any]:
    path = f"{url}api/contents/00-quickstart.ipynb"
    # JupyterLab prints its URL a moment before it listens.
    transport = httpx2.HTTPTransport(retries=6, trust_env=False)
    with httpx2.Client(transport=transport, timeout=SECONDS, trust_env=False) as client:
        answer = client.get(path, headers={"Authorization": f"token {token}"})
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def test_the_demo_server_answers_the_openai_sdk_until_it_is_interrupted(tmp_path: Path) -> None:
    words = ("demo-server", "--port", "0", "--pace", "0", "--any-model", "--cors")
    with running(tmp_path, *words) as process:
        base_url = lines_until(process, r"(http://127\.0\.0\.1:\d+/v1)$")[1]
        with OpenAI(base_url=base_url, api_key="none") as client:
            answer = client.chat.completions.create(
                model="gpt-5-mini", messages=[{"role": "user", "content": "echo: over HTTP"}]
            )
        page = {"origin": "https://page.example"}
        listing = httpx2.get(f"{base_url}/models", headers=page, timeout=SECONDS, trust_env=False)
        assert listing.headers["access-control-allow-origin"] == "*"
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    assert answer.choices[0].message.content == f"{BANNER}\n\nover HTTP"


def test_a_chat_of_a_script_is_served_until_it_is_interrupted(tmp_path: Path) -> None:
    script = tmp_path / "prototype.py"
    script.write_text('from nbstream import Chat\nchat = Chat("demo:nbstream-demo-fast")\n')
    with running(tmp_path, "serve", f"{script}:chat", "--port", "0") as process:
        url = lines_until(process, r"(http://127\.0\.0\.1:\d+)")[1]
        with OpenAI(base_url=f"{url}/v1", api_key="none") as client:
            answer = client.chat.completions.create(
                model="nbstream", messages=[{"role": "user", "content": "echo: relayed"}]
            )
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    assert answer.choices[0].message.content == f"{BANNER}\n\nrelayed"


def test_a_port_that_is_taken_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["demo-server", "--port", str(port)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"nbstream: Cannot listen on 127.0.0.1 port {port}")
    assert said.endswith("Choose another port, or 0 for any free one.\n")
