"""What a name on the line of `%%chat` stands for: a variable of the notebook first, then a path."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbstream.errors import ArgumentError
from nbstream.inputs import tables
from nbstream.inputs.fences import Block, block
from nbstream.inputs.files import file_block
from nbstream.inputs.images import IMAGE_SUFFIXES, ImageInput, is_image_url, required_image

__all__ = ["file_named", "image_named", "names_in"]


def names_in(given: Iterable[str], variables: Mapping[str, Any]) -> list[str]:
    """The names of an option: repeated, or separated by commas.

    A URL, and a name that exists with its comma, is one name.

    Examples
    --------
    >>> names_in(["a, b", "https://x.example/c,d.png"], {})
    ['a', 'b', 'https://x.example/c,d.png']
    """
    found: list[str] = []
    for text in given:
        whole = text in variables or "://" in text or text.startswith("data:") or _is_path(text)
        found += [text] if whole else [name.strip() for name in text.split(",") if name.strip()]
    return found


def image_named(name: str, variables: Mapping[str, Any]) -> ImageInput:
    """The image with this name, path or URL.

    Raises
    ------
    ConfigError
        If there is none, or it cannot be sent.
    """
    if name in variables:
        value = variables[name]
        is_path = isinstance(value, str) and not is_image_url(value) and "://" not in value
        return required_image(Path(value) if is_path else value, name)
    if is_image_url(name) or "://" in name:
        return required_image(name, "the URL")
    path = _path(name, "--image", variables)
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        raise ArgumentError(
            f"--image {name}: this is not the name of an image file.",
            advice="Send PNG, JPEG, GIF or WebP; other files by --file.",
        )
    return required_image(path, path.name)


def file_named(name: str, variables: Mapping[str, Any]) -> Block:
    """The text of the variable or file with this name.

    Raises
    ------
    ConfigError
        If there is none, or it has no text.
    """
    if name in variables:
        return _of_variable(variables[name], name)
    path = _path(name, "--file", variables)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        raise ArgumentError(f"--file {name}: this is an image.", advice=f"Use --image {name}.")
    return file_block(path)


def _of_variable(value: Any, name: str) -> Block:
    if isinstance(value, Path):
        return file_block(value)
    if isinstance(value, str):
        return block("Variable", name, value)
    if tables.is_frame(value):
        text, language, note = tables.of_frame(value)
        return block("Variable", name, text, language, note)
    if isinstance(value, dict | list | tuple):
        try:
            return block("Variable", name, json.dumps(value, ensure_ascii=False, indent=1), "json")
        except (TypeError, ValueError, RecursionError):
            return block("Variable", name, repr(value), "python")
    raise ArgumentError(
        f"--file {name}: a {type(value).__name__} has no text to send.",
        advice="Send a string, a path, a DataFrame, a list or a dict; images by --image.",
    )


def _path(name: str, option: str, variables: Mapping[str, Any]) -> Path:
    """The path that exists under a name; ``~`` is the home folder.

    Raises
    ------
    ArgumentError
        Names the nearest variable or file.
    """
    path = Path(name).expanduser()
    if _is_path(name):
        return path
    here = [entry.name for entry in path.parent.iterdir()] if _is_folder(path.parent) else []
    known = [*(word for word in variables if not word.startswith("_")), *here]
    near = difflib.get_close_matches(path.name, known, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise ArgumentError(
        f"{option} {name}: there is no variable and no file with this name.",
        advice=f"{hint}Paths start from {Path.cwd()}.",
    )


def _is_path(name: str) -> bool:
    try:
        return Path(name).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False
