"""Where the cell cannot be awaited, the answer comes all the same."""

from __future__ import annotations

import pytest

from tests.kernel.driver import Kernel

FAST = "-m demo:nbstream-demo-fast --alone"
CALL = f"get_ipython().run_cell_magic('chat', '{FAST}', 'Hello')"

NESTED = {
    "under %%time": f"%%time\n{CALL}",
    "under %%capture": f"%%capture caught\n{CALL}",
    "under %%timeit": f"%%timeit -n1 -r1\n{CALL}",
    "by program": f"result = {CALL}",
    "in a function": f"def ask():\n    return {CALL}\nresult = ask()",
    "by ip.run_cell": f"get_ipython().run_cell('%%chat {FAST}\\nHello').raise_error()",
    "stacked magics": f"%%time\n%%chat {FAST}\nHello",
    "in a task": (
        "import asyncio\nasync def job():\n"
        f"    return get_ipython().run_cell('%%chat {FAST}\\nHello').raise_error()\n"
        "await asyncio.create_task(job())"
    ),
    "without autoawait": f"%autoawait off\nresult = {CALL}",
}


@pytest.mark.parametrize("name", NESTED)
def test_a_nested_call_works(kernel: Kernel, name: str) -> None:
    cell = kernel.run(NESTED[name])
    kernel.run("%autoawait asyncio")
    assert cell.status == "ok", cell.reply
    if "capture" in name:
        assert "Demo answer" in kernel.value("caught.outputs[0].data['text/plain']")
    else:
        assert "Demo answer" in cell.saved["text/plain"]


def test_a_nested_call_gives_the_reply(kernel: Kernel) -> None:
    kernel.run(f"result = {CALL}")
    assert kernel.value("result.status") == "finished"
    shown_later = kernel.run("result")
    assert "Demo answer" in shown_later.saved["text/plain"]


def test_a_failure_in_a_nested_call_fails_the_cell(kernel: Kernel) -> None:
    cell = kernel.run("%%time\nget_ipython().run_cell_magic('chat', '-m demo --alone', 'demo:error-401')")
    assert cell.status == "error"
    assert cell.traceback[-1].startswith("AuthenticationError: ")
