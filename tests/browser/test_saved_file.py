"""What `git diff` shows of a notebook in JupyterLab after a `%%chat` cell is run again."""

from __future__ import annotations

import difflib

from playwright.sync_api import expect

from tests.browser.lab import Lab, NotebookPage
from tests.cells import chat_cell
from tests.loopback import ByteServer, in_turn
from tests.loopback.chunks import says

PARAGRAPHS = [
    f"Paragraph {number} explains one more detail of the answer. "
    + "It is long enough to be worth reading. " * 6
    for number in range(5)
]
ANSWER = "\n\n".join(map(str.strip, PARAGRAPHS))
RUN = '"run": '
CHANGED = ANSWER.replace("Paragraph 2 explains", "Paragraph 2 describes")


def saved_lines(lab: Lab, notebook: NotebookPage) -> list[str]:
    notebook.save()
    return (lab.root / lab.name_of(notebook)).read_text().splitlines()


def changes(before: list[str], after: list[str]) -> list[str]:
    """Removed and added lines, without the execution counts of Jupyter."""
    lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
    return [line for line in lines if not line.startswith("@@") and '"execution_count"' not in line]


class SavedThreeTimes:
    """A cell that is run three times: the second answer equals the first, the third differs in one word."""

    def __init__(self, lab: Lab, notebook: NotebookPage, options: str = "") -> None:
        with ByteServer(in_turn(says(ANSWER), says(ANSWER), says(CHANGED))) as server:
            index = notebook.run(chat_cell(server, options))
            files = []
            for count, answer in enumerate([ANSWER, ANSWER, CHANGED], start=1):
                if count > 1:
                    notebook.run_again(index, answer.splitlines()[-1])
                # The text was there before: only the number in front of the cell says that this run is over.
                expect(notebook.cells.nth(index).locator(".jp-InputPrompt")).to_have_text(f"[{count + 1}]:")
                notebook.wait_until_done(index)
                assert len(server.requests) == count
                notebook.wait_for_saved(index, answer)
                files.append(saved_lines(lab, notebook))
        self.same = changes(files[0], files[1])
        self.one_word = changes(files[1], files[2])


def test_a_rerun_keeps_the_earlier_answer_in_one_place(lab: Lab, notebook: NotebookPage) -> None:
    saved = SavedThreeTimes(lab, notebook)
    assert [line[0] for line in saved.same] == ["-", "+"]
    assert all(RUN in line for line in saved.same)
    # An earlier answer is kept as a version. Only the paragraphs that differ are saved for it.
    gone = [line for line in saved.one_word if line[0] == "-"]
    assert len(gone) == 2
    assert "Paragraph 2 explains" in gone[0]
    assert RUN in gone[1]
    others = [line for line in saved.one_word if "Paragraph" in line]
    assert all("Paragraph 2" in line for line in others)


def test_a_word_changes_its_line_and_that_of_the_run(lab: Lab, notebook: NotebookPage) -> None:
    saved = SavedThreeTimes(lab, notebook, "--alone")
    assert [line[0] for line in saved.same] == ["-", "+"]
    assert all(RUN in line for line in saved.same)
    assert [line[0] for line in saved.one_word] == ["-", "+", "-", "+"]
    assert ["Paragraph 2" in line for line in saved.one_word] == [True, True, False, False]
    assert [RUN in line for line in saved.one_word] == [False, False, True, True]
