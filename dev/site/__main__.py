"""``python -m dev.site``: build the documentation into ``docs/build/html`` and check its links.

The exit status is 1 if there is a warning or a wrong link.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from dev.site.links import problems
from dev.site.source import DOCS, assemble

__all__ = ["main"]

BUILD = DOCS / "build"
SITE = BUILD / "html"


def main() -> int:
    """Build the site."""
    shutil.rmtree(BUILD, ignore_errors=True)
    assemble(BUILD / "source")
    command = [sys.executable, "-m", "sphinx", "--builder", "html", "--conf-dir", str(DOCS), "--quiet"]
    command += ["--fail-on-warning", "--keep-going", "--jobs", "auto", str(BUILD / "source"), str(SITE)]
    built = subprocess.run(command, check=False)
    if built.returncode:
        return 1
    found = list(problems(SITE.resolve()))
    print(*found, sep="\n", end="\n" if found else "")
    if not found:
        print(f"The site is in {SITE.relative_to(DOCS.parent)}; open index.html in a browser.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
