"""`lite_site`: a JupyterLite site that asks no other host for anything.

Its Pyodide is npm's. Its packages are those of this environment, so that nbstream meets the same versions as
in the other tests; compiled ones are PyPI's builds for Pyodide, which `make` downloads. `NOT_ON_PYPI` is left
out.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from tests.browser.lab import SETTINGS

ROOT = Path(__file__).parents[2]
LITE = ROOT / ".venv-lite"
PYODIDE = ROOT / "js" / "node_modules" / "pyodide"
HERE = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = [HERE / "@jupyter-widgets" / "jupyterlab-manager", HERE / "anywidget", HERE / "nbstream"]
EXTENSIONS += [LITE / "share" / "jupyter" / "labextensions" / KERNEL]
# Pyodide's own distribution has builds of these, but it is on a CDN alone.
NOT_ON_PYPI = frozenset({"rpds-py"})
# What the kernel starts with.
STARTED_WITH = ("comm", "ipython", "jedi", "micropip", "packaging")
IN_PYODIDE = {"sys_platform": "emscripten", "python_version": "3.14", "extra": ""}
# Stubs are for editors: jedi alone has 5,000, and each is a file that the page unpacks.
LEFT_OUT = (".so", ".pyd", ".pyc", ".pyi")


@contextmanager
def lite_site(folder: Path) -> Iterator[str]:
    """Build a site in a folder, and serve it at this URL."""
    run(ROOT, "build", "--wheel", "--no-isolation", "--outdir", str(folder))
    own = next(folder.glob("*.whl"))
    pyodide_with_packages(folder / "lite" / "static" / "pyodide", requirements(metadata(own)))
    kernel = {"disablePyPIFallback": True, "loadPyodideOptions": {"packages": STARTED_WITH}}
    page = {"litePluginSettings": {f"{KERNEL}:kernel": kernel}, "exposeAppInBrowser": True}
    build = {
        "apps": ["lab"],
        "federated_extensions": [str(path.resolve()) for path in EXTENSIONS],
        "ignore_sys_prefix": True,
        "no_libarchive": True,
        "no_sourcemaps": True,
        "output_dir": str(folder / "site"),
    }
    write(
        folder / "lite" / "jupyter_lite_config.json",
        {"LiteBuildConfig": build, "PipliteAddon": {"piplite_urls": [str(own)]}},
    )
    write(
        folder / "lite" / "jupyter-lite.json", {"jupyter-lite-schema-version": 0, "jupyter-config-data": page}
    )
    write(folder / "lite" / "overrides.json", SETTINGS)
    run(folder / "lite", "jupyterlite_core", "build")
    with served(folder / "site") as url:
        yield url


def pyodide_with_packages(folder: Path, names: list[str]) -> None:
    """Pyodide, whose list of packages names nothing but what lies beside it."""
    shutil.copytree(PYODIDE, folder, ignore=shutil.ignore_patterns("*.map", "*.html", "*.d.ts"))
    packages = {name: entry(name, wheel(name, folder)) for name in needed(*names, *STARTED_WITH)}
    lock = json.loads((PYODIDE / "pyodide-lock.json").read_text())
    write(folder / "pyodide-lock.json", lock | {"packages": packages})


def needed(*names: str) -> set[str]:
    """These packages, and what they need in Pyodide."""
    found: set[str] = set()
    waiting = {*names}
    while waiting:
        found |= waiting
        waiting = {other for name in waiting for other in requirements(installed(name))} - found
    return found


def requirements(package: Distribution) -> list[str]:
    """What a package needs in Pyodide, as far as PyPI has builds of it."""
    found = [Requirement(each) for each in package.requires or ()]
    chosen = [each.name for each in found if not each.marker or each.marker.evaluate(IN_PYODIDE)]
    return sorted({canonicalize_name(name) for name in chosen} - NOT_ON_PYPI)


@cache
def downloaded() -> dict[str, Path]:
    """Wheels for Pyodide alone, by name."""
    return {
        canonicalize_name(parse_wheel_filename(path.name)[0]): path
        for path in (LITE / "wheels").glob("*.whl")
    }


def installed(name: str) -> Distribution:
    """The metadata of a package: of its wheel for Pyodide, or else of the one in this environment."""
    return metadata(downloaded()[name]) if name in downloaded() else distribution(name)


def metadata(wheel: Path) -> Distribution:
    return next(iter(Distribution.discover(path=[str(wheel)])))


def wheel(name: str, folder: Path) -> Path:
    """Put a wheel of a package into a folder: for Pyodide, or else what is installed, as plain Python."""
    if name in downloaded():
        return Path(shutil.copy(downloaded()[name], folder))
    package = distribution(name)
    path = folder / f"{name.replace('-', '_')}-{package.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file in package.files or ():
            if file.suffix not in LEFT_OUT and ".." not in file.parts:
                archive.write(Path(str(package.locate_file(file))), str(file))
    return path


def entry(name: str, wheel: Path) -> dict[str, Any]:
    """How Pyodide lists a package."""
    return {
        "name": name,
        "version": installed(name).version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": [],
        "depends": requirements(installed(name)),
        "unvendored_tests": False,
    }


def run(folder: Path, *command: str) -> None:
    """Run a module of Python, to which JupyterLite is installed."""
    env = {**os.environ, "PYTHONPATH": str(LITE)}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve files of a folder."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, name="lite-site").start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Reports no requests on the terminal."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Do nothing."""
