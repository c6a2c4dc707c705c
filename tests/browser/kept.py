"""An answer that streams until the test lets it end, and the partial answer in the notebook."""

from __future__ import annotations

from nbformat import NotebookNode
from playwright.sync_api import Locator

from tests.browser.lab import Lab, NotebookPage
from tests.kernel.driver import WIDGET, unpacked_output
from tests.loopback import ByteServer, Gate
from tests.loopback.chunks import END, delta

BEFORE = "# Title\n\nbefore **the end**\n\n- a list\n- of <x>two</x>\n\n"
UNFINISHED = "Unfinished: this answer was saved before it was complete."
INTERRUPTED = "Interrupted: the kernel ended before this answer was complete."


def slow_server(gate: Gate) -> ByteServer:
    """A server whose answers wait at the gate after their first part."""
    return ByteServer(lambda _: gate.script([delta(BEFORE)], [delta("and *after*"), *END]))


def stop_button(notebook: NotebookPage, index: int) -> Locator:
    return notebook.output(index).get_by_role("button", name="Stop")


def saved(lab: Lab, notebook: NotebookPage, name: str, index: int) -> NotebookNode:
    """The output of a cell in the file, after a save; of those that show an answer there is one."""
    notebook.save()
    (output,) = [output for output in lab.read_notebook(name).cells[index].outputs if "data" in output]
    assert WIDGET not in output.data
    return output


def wait_for_whole(notebook: NotebookPage, index: int) -> None:
    """Wait until the document holds the whole answer."""
    notebook.page.wait_for_function(
        """index => {
            const { outputs } = window.jupyterapp.shell.currentWidget.content.widgets[index].model;
            return outputs.length > 0 && outputs.get(0).data["text/markdown"]?.endsWith("and *after*");
        }""",
        arg=index,
    )


def assert_whole(output: NotebookNode) -> None:
    reply, about = unpacked_output(output)
    assert (reply["status"], about["model"]) == ("finished", "m")
    assert output.data["text/markdown"].endswith("- of &lt;x>two&lt;/x>\n\nand *after*")
    assert output.data["text/plain"] == f"{BEFORE}and *after*"


def assert_unfinished(output: NotebookNode, remark: str) -> None:
    shown = output.data["text/markdown"]
    # The latest text is saved unchanged, in a code block.
    assert shown.startswith(
        ("# Title\n\nbefore **the end**\n\n", "```markdown\n# Title\n\nbefore **the end**")
    )
    assert "of &lt;x>two" in shown or "of <x>two" in shown.partition("```markdown")[2]
    assert shown.endswith(f"\n\n*{remark}*")
    assert output.data["text/plain"] == f"{BEFORE.rstrip()}\n\n[{remark}]"
    assert output.metadata["nbstream"]["model"] == "m"
