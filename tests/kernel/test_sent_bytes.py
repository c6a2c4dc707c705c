"""What the kernel sends for one answer grows in proportion to the answer, however it streams and is kept."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import ipykernel
import pytest

from tests.cells import chat_cell
from tests.kernel.driver import WIDGET, Kernel, loaded
from tests.loopback import ByteServer, Pause, sse_response
from tests.loopback.chunks import END, delta

SIZES = (2_000, 20_000, 100_000, 500_000)
PARAGRAPH = "The **quick** brown fox jumps over the <x>lazy</x> dog, and `code` follows it. " * 5 + "\n\n"
PIECES = 160
# The stream takes longer than the four seconds after which the kernel first updates the output.
PAUSE = 0.03
# Bytes per character of the answer: frames, lines for the page that keeps it, and the outputs, which
# hold the text twice.
FACTOR = 6
FIXED = 16_000


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with loaded() as running:
        yield running


def answer(size: int) -> str:
    return (PARAGRAPH * math.ceil(size / len(PARAGRAPH)))[:size]


def sent(kernel: Kernel, size: int, *, pause: float, keeps: bool) -> Counter[str]:
    """Bytes on iopub by type of message, without the code of the widget."""
    text, step = answer(size), math.ceil(size / PIECES)
    pieces = [(delta(text[at : at + step]), Pause(pause)) for at in range(0, size, step)]
    counted: Counter[str] = Counter()
    with ByteServer(sse_response([*(step for piece in pieces for step in piece), *END])) as server:
        for message in kernel.messages(kernel.start(chat_cell(server, "--alone"), "a")):
            kind, content = message["msg_type"], message["content"]
            if kind == "comm_open":
                content["data"]["state"].update(_esm="", _css="")
            if keeps and kind == "display_data":
                kernel.command(content["data"][WIDGET]["model_id"], "keep")
            counted[_name(kind, content)] += len(json.dumps(content).encode())
    return counted


def _name(kind: str, content: dict[str, Any]) -> str:
    return str(content["data"]["content"]["t"]) if kind == "comm_msg" else kind


@pytest.mark.parametrize("keeps", [False, True], ids=["page-without-extension", "page-that-keeps"])
@pytest.mark.parametrize("pause", [0, PAUSE], ids=["at-once", "paced"])
def test_the_sum_of_what_is_sent_is_linear(kernel: Kernel, pause: float, *, keeps: bool) -> None:
    counts = {size: sent(kernel, size, pause=pause, keeps=keeps) for size in SIZES}
    totals = {size: count.total() for size, count in counts.items()}
    assert all(total <= FACTOR * size + FIXED for size, total in totals.items()), counts
    growth = math.log(totals[SIZES[-1]] / totals[SIZES[0]], SIZES[-1] / SIZES[0])
    assert growth <= 1.05, counts
    if pause:
        # A page that keeps the output is sent each line once; for any other the kernel updates the output.
        heard = keeps and ipykernel.version_info >= (7,)  # ipykernel 6 delivers the offer after the cell
        repeated = "inert" if heard else "update_display_data"
        per_size = {size: count[repeated] for size, count in counts.items()}
        most = 1.25 if heard else 5
        assert all(0.5 * size <= n <= most * size + 4_000 for size, n in per_size.items()), counts
        assert ("inert" in counts[SIZES[-1]]) is heard
