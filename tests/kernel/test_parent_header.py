"""The end of every cell is reported, whatever messages a front end sends while it runs."""

from __future__ import annotations

import time

from tests.kernel.driver import Kernel, loaded

CELLS = 60


def test_no_cell_loses_its_end_to_a_message_of_a_widget() -> None:
    with loaded() as kernel:
        assert kernel.run("import asyncio").status == "ok"
        shown = kernel.run("%%chat -m demo:nbstream-demo-fast\necho: Hi", cell="code")
        view = next(m["comm_id"] for m in shown.of("comm_open") if "snapshot" in m["data"]["state"])
        requests = [kernel.start("await asyncio.sleep(0.01)", cell="quick") for _ in range(CELLS)]
        _say_again_and_again(kernel, view)
        assert [kernel.end(request).status for request in requests] == ["ok"] * CELLS


def _say_again_and_again(kernel: Kernel, view: str) -> None:
    for _ in range(40 * CELLS):
        kernel.command(view, "loaded")
        time.sleep(0.0005)
