"""One version, wherever it is written."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path

import nbstream

ROOT = Path(__file__).parent.parent


def test_the_distribution_has_the_version_of_the_package() -> None:
    assert version("nbstream") == nbstream.__version__


def test_the_front_end_has_the_version_of_the_package() -> None:
    package = json.loads((ROOT / "js/package.json").read_text())
    lock = json.loads((ROOT / "js/package-lock.json").read_text())
    labextension = json.loads((ROOT / "nbstream/labextension/package.json").read_text())
    written = {package["version"], lock["version"], lock["packages"][""]["version"], labextension["version"]}
    assert written == {nbstream.__version__}


def test_the_changelog_describes_the_version() -> None:
    headings = re.findall(
        r"^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert headings[0] == nbstream.__version__
