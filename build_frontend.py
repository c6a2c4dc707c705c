"""Build hook of hatchling: builds the front end from `js/` where it is not built yet.

The built files go into the wheel and the sdist, so that neither an installed wheel nor a wheel built from
the sdist needs Node.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = ("nbstream/static/widget.js", "nbstream/static/widget.css", "nbstream/labextension/package.json")


class FrontendBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs ``npm ci`` and ``npm run build`` before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build what is missing; ``NBSTREAM_SKIP_FRONTEND=1`` leaves it out, for lint jobs."""
        root = Path(self.root)
        if os.environ.get("NBSTREAM_SKIP_FRONTEND") or all((root / name).exists() for name in BUILT):
            return
        npm = shutil.which("npm")
        if npm is None:
            message = "The front end is not built, and npm was not found. Install Node 20 or newer, and try again."
            raise RuntimeError(message)
        if not (root / "js" / "node_modules").exists():
            subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=root / "js", check=True)  # noqa: S603
        subprocess.run([npm, "run", "build"], cwd=root / "js", check=True)  # noqa: S603
