"""The built wheel: what is in it, and that it works where neither the checkout nor Node is."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import nbstream
from tests.kernel.driver import FOREIGN, HERMETIC

ROOT = Path(__file__).parent.parent
SENT_LIMIT = 100_000
DATA = f"nbstream-{nbstream.__version__}.data"
INFO = f"nbstream-{nbstream.__version__}.dist-info"
THIRD_PARTY = "nbstream/static/third-party-licenses.txt"
LABEXTENSION = f"{DATA}/data/share/jupyter/labextensions/nbstream/"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an sdist, and of the wheel that was built from it where there is no Node."""
    folder = tmp_path_factory.mktemp("dist")
    run_build("--sdist", "--outdir", str(folder), str(ROOT))
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(only(folder, "*.tar.gz")) as sdist:
        sdist.extractall(unpacked, filter="data")
    without_node = {"PATH": str(Path(sys.executable).parent)}
    run_build("--wheel", "--outdir", str(folder), str(only(unpacked, "*")), env=without_node)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(only(dist, "*.whl"))


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, installed into a new folder; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-index", "--no-deps", "--target", str(folder)]
    pip = [sys.executable, "-m", "pip", "install", *options, str(only(dist, "*.whl"))]
    subprocess.run(pip, check=True, capture_output=True)
    return folder


def run_build(*words: str, env: dict[str, str] | None = None) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def run_installed(installed: Path, *words: str) -> str:
    """Run Python on the installed package, from a folder where there is no other."""
    own = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
    places = {"PYTHONPATH": str(installed), "JUPYTER_PATH": str(installed / "share/jupyter")}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=installed,
        env=own | HERMETIC | places,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_widget_is_in_it_and_small(wheel: zipfile.ZipFile) -> None:
    module = wheel.read("nbstream/static/widget.js")
    (packed,) = re.findall(rb'"([A-Za-z0-9+/=]{1000,})"', module)
    assert b"render" in gzip.decompress(base64.b64decode(packed))
    assert len(module) <= SENT_LIMIT
    assert len(wheel.read("nbstream/static/widget-reference.js")) <= SENT_LIMIT / 200


def test_all_of_the_built_front_end_is_in_it(wheel: zipfile.ZipFile) -> None:
    for folder, place in (("static", "nbstream/static/"), ("labextension", LABEXTENSION)):
        built = ROOT / "nbstream" / folder
        files = {path.relative_to(built).as_posix(): path for path in built.rglob("*") if path.is_file()}
        assert files
        files.pop(THIRD_PARTY.removeprefix("nbstream/static/"), None)  # with the licence of the package
        shipped = {name.removeprefix(place): name for name in wheel.namelist() if name.startswith(place)}
        assert shipped.keys() == files.keys()
        assert [name for name in files if wheel.read(shipped[name]) != files[name].read_bytes()] == []


def test_the_jupyterlab_extension_is_in_it(wheel: zipfile.ZipFile) -> None:
    package = json.loads(wheel.read(f"{LABEXTENSION}package.json"))
    assert package["name"] == "nbstream"
    assert package["version"] == nbstream.__version__
    assert wheel.read(LABEXTENSION + package["jupyterlab"]["_build"]["load"])
    assert json.loads(wheel.read(f"{LABEXTENSION}install.json"))["packageName"] == "nbstream"


def test_the_notebooks_are_in_it(wheel: zipfile.ZipFile) -> None:
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert wheel.read(f"nbstream/notebooks/{notebook.name}") == notebook.read_bytes()


def test_licences_are_in_it(wheel: zipfile.ZipFile) -> None:
    assert wheel.read(f"{INFO}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert f"{INFO}/licenses/{THIRD_PARTY}" in wheel.namelist()
    declared = re.findall(r"(?m)^License-File: (.*)$", wheel.read(f"{INFO}/METADATA").decode())
    assert declared == ["LICENSE", THIRD_PARTY]


def test_licences_of_all_that_is_bundled_are_in_it(wheel: zipfile.ZipFile) -> None:
    headings = re.split(r"(?m)^(\S+ \S+)\n=+\n", wheel.read(f"{INFO}/licenses/{THIRD_PARTY}").decode())[1:]
    licenses = dict(zip(headings[::2], headings[1::2], strict=True))
    assert licenses.keys() >= bundled()
    assert [name for name, text in licenses.items() if "copyright" not in text.lower()] == []
    listed = json.loads(wheel.read(f"{LABEXTENSION}static/third-party-licenses.json"))["packages"]
    in_the_extension = {f"{package['name']} {package['versionInfo']}" for package in listed}
    assert licenses.keys() >= in_the_extension >= bundled("js") - bundled("js/react")


def bundled(*folders: str) -> set[str]:
    """Names and versions of what the front end depends on, and of what its page and its builder add."""
    added = {"js": ("css-loader", "style-loader"), "js/react": ("react", "react-dom", "scheduler")}
    found = set()
    for folder in folders or added:
        packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
        for name in (*packages[""].get("dependencies", ()), *added[folder]):
            found.add(f"{name} {packages[f'node_modules/{name}']['version']}")
    return found


def test_it_has_types_and_a_command_and_no_source_of_the_front_end(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "nbstream/py.typed" in names
    assert b"nbstream = nbstream.cli.main:main" in wheel.read(f"{INFO}/entry_points.txt")
    assert {name.split("/")[0] for name in names} == {"nbstream", DATA, INFO}
    contents = [content for content in map(wheel.read, names) if len(content) > 1000]
    assert len(set(contents)) == len(contents), "a file is in it twice"
    assert [name for name in names if name.endswith((".ts", ".tsx", ".pyc"))] == []


def test_the_sdist_has_what_a_build_and_the_tests_need(dist: Path) -> None:
    with tarfile.open(only(dist, "*.tar.gz")) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {
        ".github/workflows/ci.yml",
        "CITATION.cff",
        "Makefile",
        "SECURITY.md",
        "build_frontend.py",
        "constraints.txt",
        "js/build.mjs",
        "js/package-lock.json",
        "nbstream/labextension/install.json",
        "nbstream/static/widget.js",
        "nbstream/static/widget-reference.js",
        "notebooks/00-quickstart.ipynb",
        "tests/test_wheel.py",
    } <= names
    assert [name for name in names if "node_modules" in name or "__pycache__" in name] == []


def test_it_answers_where_it_is_installed(installed: Path) -> None:
    program = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "import nbstream; print(nbstream.__file__)\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_line_magic('load_ext', 'nbstream')\n"
        "shell.run_cell_magic('chat', '-m demo:nbstream-demo-fast', 'echo: from the wheel')\n"
        "from nbstream.views.widget import ReplyWidget\n"
        "print(len(str(ReplyWidget(dict)._esm)))\n"
    )
    lines = run_installed(installed, "-c", program).splitlines()
    assert lines[0] == str(installed / "nbstream/__init__.py")
    assert "from the wheel" in lines
    assert int(lines[-1]) > 0


def test_its_demo_needs_no_checkout(installed: Path) -> None:
    """The local model answers where this environment has one, the scripted demo elsewhere."""
    answer = run_installed(installed, "-m", "nbstream", "demo", "--headless")
    assert ("a very small model" in answer) != ("no language model" in answer)


def test_jupyterlab_accepts_its_extension(installed: Path) -> None:
    listed = run_installed(installed, "-m", "jupyter", "labextension", "list")
    assert f"nbstream v{nbstream.__version__}" in listed
    own = listed[listed.index(str(installed)) :]
    assert "enabled" in own.split("nbstream v")[1].splitlines()[0]
