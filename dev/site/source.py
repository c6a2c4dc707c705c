"""The source of the site in one folder: pages of ``docs/``, generated pages, notebooks and documents."""

from __future__ import annotations

import shutil
from pathlib import Path

from dev.site import reference
from dev.site.notebooks import page_of

__all__ = ["DOCS", "PAGES_FROM_FILES", "ROOT", "assemble", "generated_paths"]

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES_FROM_FILES = {"changelog.md": "CHANGELOG.md", "benchmarks.md": "benchmarks/README.md"}
"""Documents of the repository that are pages of the site too."""
NOT_PAGES = shutil.ignore_patterns("build", "conf.py", "requirements.txt", "__pycache__")


def assemble(folder: Path) -> None:
    """Write the whole source of the site into an empty `folder`."""
    shutil.copytree(DOCS, folder, ignore=NOT_PAGES)
    for name, text in reference.pages().items():
        (folder / "reference" / name).write_text(text, encoding="utf-8")
    for name, origin in PAGES_FROM_FILES.items():
        (folder / name).write_text((ROOT / origin).read_text(encoding="utf-8"), encoding="utf-8")
    for notebook in _notebooks():
        (folder / "tutorial" / notebook.name).write_text(page_of(notebook), encoding="utf-8")


def generated_paths() -> set[Path]:
    """The pages that `assemble` adds, as paths in ``docs/``; links lead to them."""
    names = [
        *(f"reference/{name}" for name in reference.pages()),
        *PAGES_FROM_FILES,
        *(f"tutorial/{notebook.name}" for notebook in _notebooks()),
    ]
    return {DOCS / name for name in names}


def _notebooks() -> list[Path]:
    return sorted((ROOT / "notebooks").glob("*.ipynb"))
