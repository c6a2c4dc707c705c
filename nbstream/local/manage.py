"""The actions of ``nbstream local`` and ``%chat local``; they return texts for users."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from nbstream.errors import MissingPackageError
from nbstream.local.install import free_bytes, install, remove, size_text
from nbstream.local.models import DEFAULT_MODEL, MODELS, LocalModel
from nbstream.local.store import (
    GET_ENGINE,
    engine_is_installed,
    environment_folder,
    find,
    folders,
    installed,
    unknown,
    user_folder,
)

__all__ = ["Ask", "install_model", "list_models", "model_path", "remove_model"]

Ask = Callable[[str], bool]
"""Puts a question to the reader; whether they agree."""


def list_models() -> list[tuple[str, str, str, str, str]]:
    """A row for each model: name, download, licence, state, purpose."""
    here = installed()
    default = list(here)[-1] if here else ""
    return [
        (
            model.name,
            size_text(model.download),
            model.licence,
            _state(model.name, here, default),
            model.good_for,
        )
        for model in MODELS.values()
    ]


def install_model(name: str, ask: Ask, *, for_environment: bool = False) -> str:
    """Download and check a model, if the user agrees.

    Parameters
    ----------
    name
        Name of the model; empty for the default.
    ask
        Asks the user: nothing is downloaded without consent.
    for_environment
        Whether to install into the Python environment instead of the user's folder.

    Raises
    ------
    MissingPackageError
        If it cannot be installed.
    """
    model = _known(name or DEFAULT_MODEL.name)
    if not engine_is_installed():
        raise MissingPackageError("The engine of local models is not installed.", advice=GET_ENGINE)
    if model.name in installed():
        return f"{model.title} is already installed: {installed()[model.name].path}"
    folder = environment_folder() if for_environment else user_folder()
    if not ask(_offer(model, folder)):
        return "Nothing was downloaded."
    path = install(model, folder)
    left = size_text(free_bytes(path.parent))
    return f"{model.title} is installed: {path} ({left} of disk left). -m local:{model.name} uses it."


def remove_model(name: str) -> str:
    """Delete a model from this machine."""
    model = _known(name)
    freed = remove(model, folders())
    return f"{model.title} was removed: {size_text(freed)} freed." if freed else f"{name} is not installed."


def model_path(name: str = "") -> str:
    """Path of an installed model's file; without a name, path of the models folder."""
    return str(find(name).path) if name else str(user_folder())


def _offer(model: LocalModel, folder: Path) -> str:
    return (
        f"Download {model.title} ({size_text(model.download)}, licence {model.licence}) from {model.source}\n"
        f"into {folder} ({size_text(free_bytes(folder))} of disk free)?"
    )


def _known(name: str) -> LocalModel:
    if name not in MODELS:
        raise unknown(name)
    return MODELS[name]


def _state(name: str, here: Collection[str], default: str) -> str:
    if name not in here:
        return "not installed"
    return "default" if name == default else "installed"
