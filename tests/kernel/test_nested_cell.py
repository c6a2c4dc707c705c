"""Where the cell cannot be awaited, the answer comes all the same."""

from __future__ import annotations

import pytest

from tests.kernel.driver import WIDGET, Kernel

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


ASK = "import nbstream\nreply = nbstream.Chat('demo:nbstream-demo-fast').send('Hello')"
CAPTURED = {
    "alone": f"%%capture kept\n%%chat {FAST}\nHello",
    "over %%time": f"%%capture kept\n%%time\n%%chat {FAST}\nHello",
    "under %%time": f"%%time\n%%capture kept\n%%chat {FAST}\nHello",
    "slow": "%%capture kept\n%%chat -m demo --alone\nHello",
    "by program": (
        "from IPython.utils.capture import capture_output\n"
        "import nbstream\n"
        "with capture_output() as kept:\n"
        "    reply = nbstream.Chat('demo').send('Hello')\n"
        "    reply.show()\n"
        "    await reply"
    ),
    "the value of a cell": f"%%capture kept\n{ASK}\nreply.result()\nreply",
    "a value that is not sent yet": f"%%capture kept\n{ASK}\nreply",
    "a value that is shown already": f"%%capture kept\n{ASK}\nreply.result()\nreply.show()\nreply",
    "a value displayed twice": f"%%capture kept\n{ASK}\ndisplay(reply)\nreply",
}


@pytest.mark.parametrize("front_end", [None, "cell"], ids=["headless", "live"])
@pytest.mark.parametrize("name", CAPTURED)
def test_capture_keeps_one_output_for_an_answer(kernel: Kernel, name: str, front_end: str | None) -> None:
    cell = kernel.run(CAPTURED[name], cell=front_end)
    assert cell.status == "ok", cell.reply
    assert not cell.of("display_data")
    assert not cell.of("execute_result")
    kept = kernel.value("[output.data for output in kept.outputs]")
    assert [(WIDGET in data, "Demo answer" in data["text/plain"]) for data in kept] == [(False, True)]
    assert "Unfinished" not in kept[0]["text/plain"]


@pytest.mark.parametrize("front_end", [None, "cell"], ids=["headless", "live"])
def test_capture_keeps_the_values_after_a_reply(kernel: Kernel, front_end: str | None) -> None:
    kernel.run("%config InteractiveShell.ast_node_interactivity = 'all'")
    kernel.run(f"%%capture kept\n{ASK}\n'before'\nreply\n'after'", cell=front_end)
    kernel.run("%config InteractiveShell.ast_node_interactivity = 'last_expr'")
    texts = kernel.value("[output.data['text/plain'] for output in kept.outputs]")
    assert texts[::2] == ["'before'", "'after'"]
    assert "Demo answer" in texts[1]
    assert len(texts) == 3


def test_a_nested_call_gives_the_reply(kernel: Kernel) -> None:
    kernel.run(f"result = {CALL}")
    assert kernel.value("result.status") == "finished"
    shown_later = kernel.run("result")
    assert "Demo answer" in shown_later.saved["text/plain"]


def test_a_failure_in_a_nested_call_fails_the_cell(kernel: Kernel) -> None:
    cell = kernel.run("%%time\nget_ipython().run_cell_magic('chat', '-m demo --alone', 'demo:error-401')")
    assert cell.status == "error"
    assert cell.traceback[-1].startswith("AuthenticationError: ")
