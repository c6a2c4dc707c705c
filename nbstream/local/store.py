"""Finds installed models.

nbstream searches the environment's folder (``sys.prefix/share/nbstream/models``) and the
user's; the variable ``NBSTREAM_MODELS`` replaces both. A model from the Hub stays in the Hub's cache, and a
file with its path is stored here.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from nbstream.errors import ArgumentError, ConfigError, FileError, MissingPackageError, SettingsError
from nbstream.local.models import DEFAULT_MODEL, MODELS, LocalModel

__all__ = [
    "FOLDER_VARIABLE",
    "Installed",
    "engine_is_installed",
    "environment_folder",
    "find",
    "find_default",
    "folders",
    "installed",
    "recorded_model",
    "user_folder",
]

FOLDER_VARIABLE = "NBSTREAM_MODELS"
GET_ENGINE = 'Install it with: pip install "nbstream[local]"'
GET_MODEL = f"Install one with: nbstream local install {DEFAULT_MODEL.name}"
_FILE_CONTEXT = 4096
_FILE_MAX_TOKENS = 2048


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed model.

    Parameters
    ----------
    model
        Its description.
    path
        Its ``.gguf`` file.
    """

    model: LocalModel
    path: Path


def user_folder(environ: Mapping[str, str] | None = None) -> Path:
    """The user's models folder."""
    environ = os.environ if environ is None else environ
    if named := environ.get(FOLDER_VARIABLE):
        return Path(named)
    import platformdirs

    return platformdirs.user_data_path("nbstream", appauthor=False) / "models"


def environment_folder(environ: Mapping[str, str] | None = None) -> Path:
    """The models folder of this Python environment."""
    environ = os.environ if environ is None else environ
    if named := environ.get(FOLDER_VARIABLE):
        return Path(named)
    return Path(sys.prefix, "share", "nbstream", "models")


def folders(environ: Mapping[str, str] | None = None) -> list[Path]:
    """The folders searched for installed models."""
    return list(dict.fromkeys([environment_folder(environ), user_folder(environ)]))


def installed(environ: Mapping[str, str] | None = None) -> dict[str, Installed]:
    """The installed models by name, the smallest first."""
    places = folders(environ)
    found = ((model, _path_of(model, places)) for model in MODELS.values())
    return {model.name: Installed(model, path) for model, path in found if path is not None}


def engine_is_installed() -> bool:
    """Whether the engine that serves models can be imported."""
    return find_spec("xllamacpp") is not None


def find_default(environ: Mapping[str, str] | None = None) -> Installed | None:
    """The default model: the largest installed one; None if there is none."""
    found = list(installed(environ).values())
    return found[-1] if found and engine_is_installed() else None


def find(name: str, environ: Mapping[str, str] | None = None) -> Installed:
    """Find the model of ``local:NAME``: the default, a named one, or the user's own file.

    Parameters
    ----------
    name
        Name of a model, path of a ``.gguf`` file, or empty for the default.

    Raises
    ------
    ConfigError
        If the engine or the model is not installed. Says how to install it.
    """
    is_file = name.lower().endswith(".gguf")
    if name and not is_file and name not in MODELS:
        raise unknown(name)
    if not engine_is_installed():
        raise MissingPackageError("The engine of local models is not installed.", advice=GET_ENGINE)
    if is_file:
        return _file(name)
    found = installed(environ)
    if not name and found:
        return list(found.values())[-1]
    if not name:
        raise SettingsError("No local model is installed.", advice=GET_MODEL)
    if name in found:
        return found[name]
    raise SettingsError(
        f"The model {name} is not installed.", advice=f"Install it with: nbstream local install {name}"
    )


def unknown(name: str) -> ConfigError:
    """The error for an unknown model name."""
    near = difflib.get_close_matches(name, MODELS, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    advice = f"{hint}Known models: {', '.join(MODELS)}; -m local:PATH.gguf uses a file."
    return ArgumentError(f"Unknown local model {name!r}.", advice=advice)


def recorded_model(name: str) -> Installed:
    """The model of a recording, which need not be installed here.

    Examples
    --------
    >>> recorded_model("smollm2-135m").model.title
    'SmolLM2 135M'
    """
    path = Path(f"{name}.gguf")
    return Installed(MODELS.get(name) or _of_file(path), path)


def _file(name: str) -> Installed:
    path = Path(name).expanduser()
    if not path.is_file():
        raise FileError(f"The file {name!r} does not exist.", advice="Check the path of the model.")
    return Installed(_of_file(path), path.resolve())


def _of_file(path: Path) -> LocalModel:
    return LocalModel(path.stem, path.stem, "", "", "", path.name, 0, 0, "", _FILE_CONTEXT, _FILE_MAX_TOKENS)


def _path_of(model: LocalModel, places: list[Path]) -> Path | None:
    for folder in places:
        own = folder / f"{model.name}.gguf"
        if own.is_file():
            return own
        try:
            elsewhere = Path((folder / f"{model.name}.path").read_text("utf-8").strip())
        except (OSError, ValueError):
            continue
        if elsewhere.is_file():
            return elsewhere
    return None
