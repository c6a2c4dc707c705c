"""An exported notebook names the model, the time and the parameters of each answer."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nbstream.chat import Chat
from nbstream.chat_widget.saved import CHAT_MIMETYPE, saved_chat
from nbstream.client.router import Router
from nbstream.config import NBStream
from nbstream.export import add_origins
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


def chat_output(chat: Chat) -> dict[str, Any]:
    data, metadata = saved_chat(chat.conversation, 0)
    return {"output_type": "display_data", "data": data, "metadata": metadata}


async def test_each_answer_of_a_chat_widget_has_its_line() -> None:
    chat = Chat("demo:nbstream-demo-fast", router=Router(NBStream(), {"NBSTREAM_NO_PROBE": "1"}))
    for prompt, params in (("echo: hot *one*", {"temperature": 0.5}), ("echo: **assistant**", {})):
        await answer(chat, prompt, **params)
    output = json.loads(json.dumps(chat_output(chat)))
    cells = [{"cell_type": "code", "outputs": [output]}]
    exported, _ = add_origins({"cells": cells}, {})
    (shown,) = exported["cells"][0]["outputs"]
    for mimetype in ("text/markdown", "text/plain"):
        lines = re.findall(rf"Answered by .*? on {DATE}.*", shown["data"][mimetype])
        assert [" with temperature=0.5" in line for line in lines] == [True, False]
    text = re.sub(rf"\n\*Answered by .*? on {DATE}.*\n", "", shown["data"]["text/markdown"])
    assert text == output["data"]["text/markdown"]
    assert shown["data"][CHAT_MIMETYPE] == output["data"][CHAT_MIMETYPE]


@pytest.mark.parametrize("messages", [None, [{"role": "nobody"}], []])
def test_a_chat_that_cannot_be_read_or_has_no_answer_is_exported_as_it_is(messages: Any) -> None:
    data = {CHAT_MIMETYPE: {"v": 2, "messages": messages}, "text/markdown": "", "text/plain": ""}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    exported, _ = add_origins({"cells": [{"cell_type": "code", "outputs": [output]}]}, {})
    assert exported["cells"][0]["outputs"] == [output]
