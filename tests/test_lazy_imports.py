"""What `import nbstream` and `%load_ext nbstream` import, and on which thread."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import Any

from tests.kernel.driver import HERMETIC

HEAVY = {"openai", "httpx2", "pydantic", "ipywidgets", "anywidget", "jinja2", "genai_prices"}

# Records the thread that first asks for each package, in a terminal shell as `ipython` starts it.
PROGRAM = r"""
import json, sys, tempfile, threading
from importlib.abc import MetaPathFinder

first = {}

class Recorder(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        first.setdefault(name.partition(".")[0], threading.current_thread().name)

from IPython.terminal.interactiveshell import TerminalInteractiveShell
from traitlets.config import Config

config = Config()
config.HistoryManager.enabled = False
shell = TerminalInteractiveShell.instance(config=config, ipython_dir=tempfile.mkdtemp())
before = set(sys.modules)
sys.meta_path.insert(0, Recorder())

import nbstream
imported = dict(first)
shell.run_line_magic("load_ext", "nbstream")
for thread in threading.enumerate():
    if thread.name == "nbstream-import":
        thread.join()
loaded = dict(first)
result = shell.run_cell("%%chat -m demo:nbstream-demo-fast --alone\nHello")
print("\n" + json.dumps({"before": sorted(before), "imported": imported, "loaded": loaded, "after": first,
                         "modules": sorted(name for name in sys.modules if name.startswith("nbstream.")),
                         "answered": result.success and result.result.status}))
"""


@cache
def records() -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=HERMETIC, capture_output=True, text=True, check=True, timeout=120
    )
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def test_heavy_packages_are_imported_by_the_background_thread_alone() -> None:
    found = records()
    assert not HEAVY & set(found["before"]), "IPython itself imports it: the test would prove nothing"
    assert not HEAVY & found["imported"].keys()
    assert {name: found["loaded"].get(name) for name in ("openai", "httpx2", "pydantic")} == {
        "openai": "nbstream-import",
        "httpx2": "nbstream-import",
        "pydantic": "nbstream-import",
    }
    assert [name for name in HEAVY if found["loaded"].get(name) == "MainThread"] == []


def test_an_answer_in_a_terminal_needs_no_widgets() -> None:
    found = records()
    assert found["answered"] == "finished"
    assert not {"ipywidgets", "anywidget", "jinja2"} & found["after"].keys()


def test_an_answer_needs_neither_batches_nor_comparisons() -> None:
    modules = set(records()["modules"])
    assert "nbstream.chat" in modules
    assert [name for name in modules if name.startswith("nbstream.comparison")] == []
    assert {name for name in modules if name.startswith("nbstream.batching")} <= {
        "nbstream.batching",
        "nbstream.batching.batchable",
    }


def test_the_help_of_the_command_needs_no_chat() -> None:
    program = """
import sys
from nbstream.cli.main import command_parser
command_parser().format_help()
print(*sys.modules)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    modules = set(run.stdout.split())
    assert "nbstream.relay" in modules
    assert not {"nbstream.chat", *HEAVY} & modules
