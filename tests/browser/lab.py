"""`Lab`: a real JupyterLab server and a real Chromium, both with nothing of the user's in them.

`NotebookPage` is one notebook open in that browser. It is driven through JupyterLab's own commands
(``--expose-app-in-browser``) and not through key presses, so that a test waits for what it asked for, never
for a length of time. What a test wants to *see* it reads from the page, by Playwright's locators.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import nbformat
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

# Chromium without windows, where it is installed: to open a page takes a quarter of the time.
_HEADLESS_SHELL = Path("/usr/bin/chromium-headless-shell")
CHROMIUM = os.environ.get(
    "NBSTREAM_CHROMIUM", str(_HEADLESS_SHELL) if _HEADLESS_SHELL.exists() else "/usr/bin/chromium"
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 60
ACTION_MILLISECONDS = 60_000
SHOTS = Path(__file__).parents[2] / "screenshots"

# Cells out of sight are drawn too, however many outputs they have, and JupyterLab asks no one for news.
SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none", "maxNumberOutputs": 10_000},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}

# Its animation takes a tenth of the time in which JupyterLab starts.
DISABLED = {"@jupyterlab/apputils-extension:splash": True}

# jupyter-collaboration enables itself where it is installed; `make demo` reads this as well.
WITHOUT_COLLABORATION = Path(__file__).parent / "without_collaboration"

PANEL = "const panel = window.jupyterapp.shell.currentWidget, notebook = panel.content;"

# Opens a notebook as a click in the file browser does.
OPEN = """async name => {
    const { commands, shell } = window.jupyterapp;
    const panel = await commands.execute("docmanager:open", { path: name });
    for (const other of [...shell.widgets("main")]) if (other !== panel) other.dispose();
    shell.activateById(panel.id);
}"""
# Remembers when JupyterLab opens the notebook of its address. After a reload the notebook may be shown before
# that, because the workspace holds it, and it would be opened again after `CLOSE_ALL`.
ON_ADDRESS_OPENED = """
    let app;
    window.addressOpened = new Promise(resolve => Object.defineProperty(window, "jupyterapp", {
        get: () => app,
        set: value => {
            app = value;
            app.commands.commandExecuted.connect((_, { id, result }) => {
                if (id === "filebrowser:open-path") resolve(result.then(() => true, () => false));
            });
        },
    }));
"""
# Closes all that is open without saving it; false where the page is not JupyterLab or still asks something.
CLOSE_ALL = """async () => {
    if (!window.jupyterapp?.shell) return false;
    if (!(await window.addressOpened)) return false;
    for (const widget of [...window.jupyterapp.shell.widgets("main")]) widget.dispose();
    return document.querySelector(".jp-Dialog") === null;
}"""


class Lab:
    """A JupyterLab server in a temporary folder, and a browser to look at it; a context manager.

    Parameters
    ----------
    env
        Environment variables for the server and its kernels, over those of this process.
    settings
        JupyterLab settings by ``package/plugin``, over `SETTINGS`.
    collaboration
        Whether jupyter-collaboration, which is installed, is enabled.
    browser
        A browser to look with; without it one is started.

    Attributes
    ----------
    root : Path
        The folder that JupyterLab shows; notebooks are written here.
    url : str
        Base URL of the server, with a trailing slash.
    token : str
    browser : playwright.sync_api.Browser
    """

    root: Path
    url: str
    browser: Browser

    def __init__(
        self,
        env: Mapping[str, str] | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        collaboration: bool = False,
        browser: Browser | None = None,
    ) -> None:
        self.token = secrets.token_hex(16)
        self._collaboration = collaboration
        self._browser = browser
        self._idle_pages: list[Page] = []
        self._env = dict(env or {})
        self._settings = {**SETTINGS, **(settings or {})}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = tempfile.TemporaryDirectory(prefix="nbstream-lab-", ignore_cleanup_errors=True)
            self._folder = Path(stack.enter_context(folder))
            self.root = self._make("root")
            self._write_settings()
            self._server = self._start_server()
            stack.callback(self._stop_server)
            self.url = self._wait_for_url()
            self.browser = self._browser or self._start_browser(stack)
            stack.callback(self._close_idle_pages)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def log(self) -> str:
        """What the server has printed so far."""
        return self._path("server.log").read_text(errors="replace")

    def write_notebook(self, sources: Iterable[str] = (), name: str = "test.ipynb") -> str:
        """Save a notebook with a code cell for each source, and return its name."""
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})
        nbformat.write(notebook, self.root / name)
        return name

    def read_notebook(self, name: str = "test.ipynb") -> nbformat.NotebookNode:
        """The notebook as it is on the disk; one that is just being written is read again."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return nbformat.read(self.root / name, as_version=4)
            except nbformat.reader.NotJSONError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.05)

    @staticmethod
    def name_of(notebook: NotebookPage) -> str:
        """The file that a page shows."""
        return notebook.url.partition("/tree/")[2].partition("?")[0]

    def new_page(self, **options: Any) -> Page:
        """An empty page in a new browser context; `options` are those of ``Browser.new_context``."""
        page = self.browser.new_context(**{"viewport": {"width": 1280, "height": 1600}, **options}).new_page()
        page.set_default_timeout(ACTION_MILLISECONDS)
        page.add_init_script(ON_ADDRESS_OPENED)
        return page

    def open_notebook(
        self, name: str = "test.ipynb", page: Page | None = None, *, busy: bool = False
    ) -> NotebookPage:
        """Open a notebook in JupyterLab, and wait until its kernel is ready, unless it is `busy`.

        Without a `page` it is opened in one that `take_back` has, or else in a new one.
        """
        url = f"{self.url}lab/workspaces/{secrets.token_hex(4)}/tree/{name}?token={self.token}"
        if page is None and self._idle_pages:
            page = self._idle_pages.pop()
            page.evaluate(OPEN, name)
        else:
            page = page or self.new_page()
            page.goto(url)
        return NotebookPage(page, url, busy=busy)

    def take_back(self, notebook: NotebookPage) -> None:
        """Close a notebook, and keep its page for the next one: to load JupyterLab takes seconds.

        The page of a test that failed is closed. A test that leaves something behind in the page, such as a
        route or a variable, closes it as well.
        """
        page = notebook.page
        if page.is_closed() or page in self._idle_pages:
            return
        if notebook.failed or not page.evaluate(CLOSE_ALL):
            page.context.close()
            return
        page.context.clear_permissions()
        page.mouse.move(0, 0)
        self._idle_pages.append(page)

    def _close_idle_pages(self) -> None:
        while self._idle_pages:
            self._idle_pages.pop().context.close()

    def open_with_nbstream(self, name: str, more: str = "", page: Page | None = None) -> NotebookPage:
        """Write and open a notebook whose cell 0 loads nbstream and does what `more` says, and run that."""
        self.write_notebook([f"%load_ext nbstream\n{more}".strip()], name)
        notebook = self.open_notebook(name, page)
        notebook.start(0)
        notebook.wait_until_done(0)
        return notebook

    def shut_kernels_down(self) -> None:
        """End all kernels of the server, at the same time: the server waits a moment for each."""
        kernels = self._request("GET", "api/kernels")
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(lambda kernel: self._request("DELETE", f"api/kernels/{kernel['id']}"), kernels))

    def _request(self, method: str, path: str) -> Any:
        address = f"{self.url}{path}"
        request = urllib.request.Request(  # noqa: S310 - the address is our own server's
            address, method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=START_SECONDS) as response:  # noqa: S310
            return json.loads(response.read() or "null")

    @staticmethod
    def _start_browser(stack: ExitStack) -> Browser:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        stack.callback(browser.close)
        return browser

    def _path(self, name: str) -> Path:
        return self._folder / name

    def _make(self, name: str) -> Path:
        path = self._path(name)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _write_settings(self) -> None:
        for plugin, values in self._settings.items():
            path = self._path(f"settings/{plugin}.jupyterlab-settings")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        config = {"disabledExtensions": DISABLED}
        (self._make("config/labconfig") / "page_config.json").write_text(json.dumps(config))

    def _start_server(self) -> subprocess.Popen[bytes]:
        options = {
            "ServerApp.token": self.token,
            "ServerApp.root_dir": str(self.root),
            "ServerApp.allow_root": "True",
            "ServerApp.disable_check_xsrf": "True",
            "LabApp.expose_app_in_browser": "True",
            "JupyterNotebookApp.expose_app_in_browser": "True",
            "SQLiteYStore.db_path": str(self._path("ystore.db")),
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
        command += [f"--{name}={value}" for name, value in options.items()]
        with self._path("server.log").open("wb") as log:
            return subprocess.Popen(command, env=self._environment(), stdout=log, stderr=log)

    def _environment(self) -> dict[str, str]:
        own = {
            "JUPYTER_CONFIG_DIR": str(self._make("config")),
            "JUPYTER_DATA_DIR": str(self._make("data")),
            "JUPYTER_RUNTIME_DIR": str(self._make("runtime")),
            "JUPYTERLAB_SETTINGS_DIR": str(self._make("settings")),
            "JUPYTERLAB_WORKSPACES_DIR": str(self._make("workspaces")),
            "IPYTHONDIR": str(self._make("ipython")),
        }
        if not self._collaboration:
            own["JUPYTER_CONFIG_PATH"] = str(WITHOUT_COLLABORATION)
        return {**os.environ, **own, **self._env}

    def _wait_for_url(self) -> str:
        deadline = time.monotonic() + START_SECONDS
        info = self._path(f"runtime/jpserver-{self._server.pid}.json")
        while time.monotonic() < deadline and self._server.poll() is None:
            if info.exists() and (text := info.read_text()):
                return str(json.loads(text)["url"])
            time.sleep(0.05)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log}")

    def _stop_server(self) -> None:
        self._server.terminate()
        try:
            self._server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()


class NotebookPage:
    """One notebook, open in JupyterLab.

    Attributes
    ----------
    page : playwright.sync_api.Page
        For locators, keys, screenshots and everything else that is not about the notebook.
    url : str
        Address that shows the notebook when the page is loaded again.
    failed : bool
        Whether a test failed that used the notebook.
    """

    def __init__(self, page: Page, url: str | None = None, *, busy: bool = False) -> None:
        self.page = page
        self.url = url or page.url
        self.failed = False
        if busy:
            self.wait_until_shown()
        else:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the notebook is shown and its kernel answers."""
        self.wait_until_shown()
        self._do("await panel.context.ready; await panel.sessionContext.ready;")
        self.wait_until_idle()

    def wait_until_shown(self) -> None:
        """Wait until the notebook is shown."""
        self.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.content?.widgets?.length")
        self.page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")

    @property
    def cells(self) -> Locator:
        """All cells."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")

    def output(self, index: int) -> Locator:
        """The output area of a cell; several outputs are ``.jp-OutputArea-child`` in it."""
        return self.cells.nth(index).locator(".jp-Cell-outputArea")

    def draw_all(self) -> None:
        """Draw saved answers that are outside the window too, as a page does before it is printed."""
        self.page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")

    def add(self, source: str) -> int:
        """Put a code cell at the end, and give its index."""
        return int(
            self._do(
                """
                const model = notebook.model.sharedModel;
                model.insertCell(model.cells.length, { cell_type: "code", source: argument, metadata: {} });
                return model.cells.length - 1;
                """,
                source,
            )
        )

    def insert(self, index: int, source: str) -> None:
        """Put a code cell before the one at an index."""
        self._do(
            "const [index, source] = argument;"
            'notebook.model.sharedModel.insertCell(index, { cell_type: "code", source, metadata: {} });',
            [index, source],
        )

    def do(self, command: str, index: int) -> None:
        """Run a command of JupyterLab on a cell."""
        self._do(
            "const [command, index] = argument; notebook.deselectAll(); notebook.activeCellIndex = index;"
            "await window.jupyterapp.commands.execute(command);",
            [command, index],
        )

    def start(self, index: int) -> None:
        """Run a cell without waiting for its end."""
        self._do("notebook.activeCellIndex = argument;", index)
        self._do('void window.jupyterapp.commands.execute("notebook:run-cell");')

    def run(self, source: str) -> int:
        """Put a code cell at the end, run it, wait for its end, and give its index."""
        index = self.add(source)
        self.start(index)
        self.wait_until_done(index)
        return index

    def run_to(self, source: str, shown: str) -> int:
        """Put a code cell at the end, run it until its output shows a text, and give its index."""
        index = self.add(source)
        self.start(index)
        expect(self.output(index)).to_contain_text(shown)
        return index

    def run_again(self, index: int, shown: str) -> None:
        """Run a cell, and wait for a text in its output and for its end."""
        self.start(index)
        expect(self.output(index)).to_contain_text(shown)
        self.wait_until_done(index)
        self.wait_until_idle()

    def run_all(self) -> None:
        """Run All Cells, and wait for the end of the last."""
        self._do('await window.jupyterapp.commands.execute("notebook:run-all-cells");')
        self.wait_until_idle()

    def wait_until_done(self, index: int) -> None:
        """Wait until a cell that was started has ended."""
        self.page.wait_for_function(
            f"""index => {{
                {PANEL}
                const cell = notebook.widgets[index].model;
                return cell.executionState === "idle" && cell.executionCount !== null;
            }}""",
            arg=index,
        )

    def wait_until_idle(self) -> None:
        """Wait until the kernel says that it is idle."""
        self.page.wait_for_function(
            f'() => {{ {PANEL} return panel.sessionContext.session?.kernel?.status === "idle"; }}'
        )

    def wait_for_saved(self, index: int, text: str) -> None:
        """Wait until an answer is what the document holds: a moment after the cell shows it."""
        self.page.wait_for_function(
            f"""({{ index, text }}) => {{
                {PANEL}
                const outputs = notebook.widgets[index].model.outputs;
                return outputs.length > 0 && outputs.get(0).data["text/markdown"] === text;
            }}""",
            arg={"index": index, "text": text},
        )

    def clear_output(self, index: int) -> None:
        """Clear the outputs of a cell."""
        self._do("notebook.activeCellIndex = argument;", index)
        self._do('await window.jupyterapp.commands.execute("notebook:clear-cell-output");')

    def save(self) -> None:
        """Save the notebook to the disk."""
        self._do("await panel.context.save();")

    def reload(self, *, busy: bool = False) -> None:
        """Reload the page, as a user would; the kernel may be `busy` with a cell."""
        self.page.goto(self.url)
        if busy:
            self.wait_until_shown()
        else:
            self.wait_until_ready()

    def kernel_pid(self) -> int:
        """Process of the kernel, from the output of a cell that is run for it."""
        index = self.run("import os; print('pid', os.getpid())")
        return int(self.output(index).inner_text().split()[-1])

    def restart_kernel(self) -> None:
        """Restart the kernel and wait until it is ready."""
        self._do("await panel.sessionContext.restartKernel();")
        self.wait_until_idle()

    def shut_kernel_down(self) -> None:
        """End the kernel; JupyterLab starts none by itself after that."""
        self._do("await panel.sessionContext.shutdown();")

    def reopen_without_kernel(self) -> None:
        """Save, reload the page and shut the kernel down."""
        self.save()
        self.reload()
        self.shut_kernel_down()

    def interrupt_kernel(self) -> None:
        """Press the ■ button of the toolbar."""
        self.page.locator('.jp-NotebookPanel-toolbar [data-command="notebook:interrupt-kernel"]').click()

    def open_output_view(self, index: int) -> Locator:
        """Show the output of a cell in a view of its own as well."""
        self._do("notebook.activeCellIndex = argument;", index)
        self._do('await window.jupyterapp.commands.execute("notebook:create-output-view");')
        return self.page.locator(".jp-LinkedOutputView")

    def set_theme(self, name: str) -> None:
        """Change the theme, for example to ``"JupyterLab Dark"``."""
        self._do(
            'await window.jupyterapp.commands.execute("apputils:change-theme", argument);', {"theme": name}
        )
        self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)

    def shoot(self, name: str) -> None:
        """A screenshot for people, in the folder of screenshots."""
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def close(self) -> None:
        """Close the page together with its browser context; the kernel keeps running."""
        self.page.context.close()

    def _do(self, body: str, argument: Any = None) -> Any:
        return self.page.evaluate(f"async argument => {{ {PANEL} {body} }}", argument)
