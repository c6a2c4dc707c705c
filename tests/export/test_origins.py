"""An exported notebook names the model, the time and the parameters of each answer."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nbstream.chat import Chat
from nbstream.client.router import Router
from nbstream.config import NBStream
from nbstream.reply import Reply
from nbstream.views.static import bundle

ADD_ORIGINS = "--Exporter.preprocessors=nbstream.export.add_origins"
DATE = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"


async def answer(chat: Chat, prompt: str, **params: Any) -> Reply:
    return await chat.send(prompt, **params)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A notebook with an answer, another one without parameters, and other outputs."""
    chat = Chat("demo:nbstream-demo-fast", router=Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"}))
    outputs: list[Any] = [nbformat.v4.new_output("stream", text="printed")]
    for prompt, params in (("echo: hot", {"temperature": 0.5, "stop": ["*"]}), ("echo: cold", {})):
        reply = asyncio.run(answer(chat, prompt, **params))
        data, metadata = bundle(reply.state, reply.about)
        outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata))
    cells = [nbformat.v4.new_markdown_cell("# Title"), nbformat.v4.new_code_cell("1", outputs=outputs)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "talk.ipynb")
    return tmp_path / "talk.ipynb"


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_nbconvert_names_model_time_and_parameters(path: Path, form: str) -> None:
    before = path.read_bytes()
    command = [sys.executable, "-m", "nbconvert", "--to", form, "--stdout", ADD_ORIGINS, str(path)]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = re.findall(rf"Answered by nbstream-demo-fast on {DATE}.*", shown)
    assert [bool(re.search("with temperature=0.5, stop=", line)) for line in lines] == [True, False]
    assert path.read_bytes() == before
