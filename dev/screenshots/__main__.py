"""``python -m dev.screenshots``: pictures of a real JupyterLab with the demo model, for README and site.

They are written to ``docs/images``, each once in a light and once in a dark theme.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, expect

from dev.screenshots.animation import Film
from tests.browser.lab import Lab, NotebookPage
from tests.kernel.driver import HERMETIC

__all__ = ["main"]

IMAGES = Path(__file__).parents[2] / "docs" / "images"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
SMALL = {"width": 860, "height": 640}
LARGE = {"width": 1000, "height": 1400}
QUALITY = 75
HIDE_SURROUNDINGS = """() => {
    const { commands } = window.jupyterapp;
    const left = document.querySelector("#jp-left-stack:not(.lm-mod-hidden)");
    if (left) commands.execute("application:toggle-left-area");
    const style = document.createElement("style");
    style.textContent = ".jp-Notebook-footer, .jp-cell-toolbar { display: none !important }";
    document.head.append(style);
}"""


def main(names: Sequence[str]) -> int:
    """Take the pictures with these names, or all."""
    expect.set_options(timeout=60_000)
    with Lab(HERMETIC) as lab:
        for theme in THEMES:
            if not names or "streaming" in names:
                with _notebook(lab, theme, SMALL) as notebook:
                    _film(notebook).write(IMAGES / f"streaming-{theme}.webp", QUALITY)
            for name, shown in PICTURES.items():
                if names and name not in names:
                    continue
                with _notebook(lab, theme, LARGE) as notebook:
                    shown(notebook).screenshot(path=IMAGES / f"{name}-{theme}.png")
    return 0


@contextmanager
def _notebook(lab: Lab, theme: str, viewport: dict[str, int]) -> Iterator[NotebookPage]:
    page = lab.new_page(viewport=viewport, device_scale_factor=1)
    notebook = lab.open_with_nbstream("analysis.ipynb", page=page)
    notebook.set_theme(THEMES[theme])
    page.evaluate(HIDE_SURROUNDINGS)
    yield notebook
    notebook.close()
    lab.shut_kernels_down()


def _film(notebook: NotebookPage) -> Film:
    panel = notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer")
    film = Film(panel.screenshot)
    _play(notebook, film, "%%chat\nShow me a python code example.")
    stopped = notebook.add("%%chat\nWrite a long text about streaming.")
    _start(notebook, film, stopped)
    stop = notebook.output(stopped).get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    film.while_running(stop.is_visible, limit=3.5)
    stop.hover()
    film.hold(0.6)
    stop.click()
    expect(notebook.output(stopped)).to_contain_text("Stopped")
    film.hold(1.5)
    _play(notebook, film, "%%chat --alone -m demo,demo:nbstream-demo-reasoning\nWhy are answers streamed?")
    film.hold(3)
    return film


def _play(notebook: NotebookPage, film: Film, source: str) -> None:
    """Run a cell and film it to its end."""
    index = notebook.add(source)
    _start(notebook, film, index)
    film.while_running(lambda: _is_running(notebook, index))
    notebook.wait_until_done(index)
    film.hold(1.5)


def _start(notebook: NotebookPage, film: Film, index: int) -> None:
    notebook.cells.nth(index).scroll_into_view_if_needed()
    film.hold(1)
    notebook.start(index)
    notebook.cells.nth(index).evaluate("cell => cell.scrollIntoView({ block: 'start' })")


def _is_running(notebook: NotebookPage, index: int) -> bool:
    return "[*]" in notebook.cells.nth(index).locator(".jp-InputPrompt").first.inner_text()


def _answer(notebook: NotebookPage) -> Locator:
    index = notebook.run("%%chat -m demo:nbstream-demo-fast\nShow me a python code example.")
    return notebook.cells.nth(index)


def _comparison(notebook: NotebookPage) -> Locator:
    notebook.run(
        "from nbstream import compare, contains\n"
        "rows = [{'city': c, 'expected': c} for c in ('Oslo', 'Rome', 'Lima')]"
    )
    return notebook.cells.nth(
        notebook.run(
            "await compare(prompts=['echo: The city is {{ city }}.', 'echo: I do not know {{ "
            "city[:2] }}.'],\n"
            "              over=rows, models='demo:nbstream-demo-fast', checks=[contains()])"
        )
    )


def _batch(notebook: NotebookPage) -> Locator:
    notebook.run(
        "import pandas as pd\nreviews = pd.DataFrame({'review': [f'{what} {n} {how}.' for n in range(10)\n"
        "    for what in ('Kettle', 'Lamp') for how in ('works well', 'broke after a week')]})"
    )
    index = notebook.add("%%chat --over reviews --into table --concurrency 8\necho: {{ review }}")
    notebook.start(index)
    expect(notebook.output(index)).to_contain_text(re.compile(r"(1[2-9]|2\d) of 40 rows"))
    return notebook.cells.nth(index)


def _inspector(notebook: NotebookPage) -> Locator:
    source = "%%chat --debug -m demo\necho: Each chunk of the stream, with its time."
    return notebook.cells.nth(notebook.run(source))


def _chat(notebook: NotebookPage) -> Locator:
    notebook.run(
        "from nbstream import Chat, ChatWidget\nchat = Chat('demo:nbstream-demo-fast')\n"
        "await chat.send('A table of languages, please.')"
    )
    index = notebook.run("ChatWidget(chat)")
    expect(notebook.output(index)).to_contain_text("Rust")
    return notebook.cells.nth(index)


PICTURES: dict[str, Callable[[NotebookPage], Locator]] = {
    "answer": _answer,
    "batch": _batch,
    "chat": _chat,
    "comparison": _comparison,
    "inspector": _inspector,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
