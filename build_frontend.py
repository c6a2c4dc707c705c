"""Build hook of hatchling: builds the front end from `js/` where it is not built yet.

The built files go into the wheel and the sdist, so that neither an installed wheel nor a wheel built from
the sdist needs Node.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = (
    "nbstream/static/widget.js",
    "nbstream/static/widget-reference.js",
    "nbstream/static/widget.css",
    "nbstream/static/chat.js",
    "nbstream/static/chat-reference.js",
    "nbstream/static/chat.css",
    "nbstream/static/assets/inspector.js.gz",
    "nbstream/static/assets/math.js.gz",
    "nbstream/static/ui/index.html",
    "nbstream/static/third-party-licenses.txt",
    "nbstream/labextension/install.json",
)
NOTEBOOKS = "notebooks"


class FrontendBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs ``npm ci`` and ``npm run build`` before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is missing, and put the quickstart into the wheel."""
        root = Path(self.root)
        if not _is_built(root):
            _build(root / "js")
        if self.target_name == "wheel" and version != "editable":  # an editable one reads the checkout's
            for notebook in (root / NOTEBOOKS).glob("*.ipynb"):
                build_data["force_include"][str(notebook)] = f"nbstream/{NOTEBOOKS}/{notebook.name}"


def _is_built(root: Path) -> bool:
    return all((root / name).exists() for name in BUILT)


def _build(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(
            "The front end is not built, and npm was not found. Install Node 20 or newer, and try again."
        )
    if not (folder / "node_modules").exists():
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=folder, check=True)  # noqa: S603
    subprocess.run([npm, "run", "build"], cwd=folder, check=True)  # noqa: S603
