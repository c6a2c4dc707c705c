"""The real model on a cassette: recorded once, then replayed where there is no model."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from nbstream import Chat, record, replay
from tests.kernel.driver import HERMETIC

PROMPT = "What is the capital of Norway?"
REPLAYED = f"""
import sys
from nbstream import Chat
from nbstream.cassettes import cassette

for mode in ("replay", "auto"):
    with cassette(sys.argv[1], mode, pace=0):
        reply = Chat("local:", temperature=0, seed=1).send({PROMPT!r}).result()
    print(reply.text.strip(), reply.state.route.badge, reply.usage.cost, sep="|")
"""


async def test_an_answer_of_the_real_model_is_replayed_without_it(
    chat: Callable[..., Chat], tmp_path: Path
) -> None:
    file = tmp_path / "local.jsonl"
    real = Chat("local:", temperature=0, seed=1)
    with record(file):
        live = await real.fork().send(PROMPT)
    assert str(Path.home()) not in file.read_text("utf-8")
    assert sys.prefix not in file.read_text("utf-8")
    with replay(file, pace=0):
        again = await real.fork().send(PROMPT)
    assert (again.text, again.usage) == (live.text, live.usage)
    without = dict(HERMETIC) | {"PATH": os.environ["PATH"], "NBSTREAM_MODELS": str(tmp_path)}
    program = [sys.executable, "-c", REPLAYED, str(file)]
    done = await asyncio.to_thread(
        subprocess.run, program, env=without, capture_output=True, text=True, check=False, timeout=120
    )
    badge = "local · SmolLM2 135M: a very small model, often wrong"
    assert done.stdout.splitlines() == [f"{live.text.strip()}|{badge}|0"] * 2, done.stderr
