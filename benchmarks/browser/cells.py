"""Cells that stream the same answer into a notebook, in three ways."""

from __future__ import annotations

from pathlib import Path

STREAMDOWN = Path(__file__).parent / "build" / "streamdown.js"

NBSTREAM = "%%chat --base-url {url} -m bench --alone\ngo"

_LOOP = """
import time
from openai import AsyncOpenAI
{prepare}
async with AsyncOpenAI(base_url="{url}", api_key="none") as client:
    stream = await client.chat.completions.create(
        model="bench", messages=[{{"role": "user", "content": "go"}}], stream=True)
    text, added, shown = "", "", 0.0
    async for chunk in stream:
        if chunk.choices and (token := chunk.choices[0].delta.content):
            text, added = text + token, added + token
            if time.monotonic() - shown > 1 / 30:
                {show}
                added, shown = "", time.monotonic()
    {show}
"""


def naive(url: str) -> str:
    """The whole answer as Markdown, at most 30 times a second."""
    return _LOOP.format(
        url=url,
        prepare="from IPython.display import Markdown, display\n"
        "handle = display(Markdown('…'), display_id=True)",
        show="handle.update(Markdown(text))",
    )


def streamdown(url: str) -> str:
    """What was added to a widget that draws the whole answer with streamdown, at most 30 times a second."""
    prepare = f"""
import anywidget, pathlib
class Drawn(anywidget.AnyWidget):
    _esm = pathlib.Path({str(STREAMDOWN)!r})
widget = Drawn()
display(widget)"""
    return _LOOP.format(url=url, prepare=prepare, show='widget.send({"append": added})')


def nbstream(url: str) -> str:
    """A `%%chat` cell."""
    return NBSTREAM.format(url=url)
