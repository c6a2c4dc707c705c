"""A preprocessor for nbconvert: each answer says which model wrote it, when, and with which parameters.

A notebook keeps these in the metadata of an output: they differ from run to run, so the text that nbval and
`git diff` compare is without them. nbconvert shows no metadata.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from nbstream.views.inert.characters import literal
from nbstream.views.packing import unpacked
from nbstream.views.snapshot import REPLY_MIMETYPE

__all__ = ["add_origins"]


def add_origins(notebook: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    r"""Add a line below each answer of a notebook that is exported, also in a saved chat.

    The file itself is not changed.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook.
    resources
        nbconvert's own; returned unchanged.

    Examples
    --------
    On the command line, for every format of nbconvert::

        jupyter nbconvert --to html --Exporter.preprocessors=nbstream.export.add_origins talk.ipynb

    >>> data = {"application/vnd.nbstream.reply+json": {"v": 2}, "text/markdown": "4"}
    >>> about = {"model": "m", "run": "[]"}
    >>> output = {"output_type": "display_data", "data": data, "metadata": {"nbstream": about}}
    >>> exported, _ = add_origins({"cells": [{"cell_type": "code", "outputs": [output]}]}, {})
    >>> exported["cells"][0]["outputs"][0]["data"]["text/markdown"]
    '4\n\n*Answered by m*'
    """
    # A reply imports this package for its code, and chats are in a higher layer than replies.
    from nbstream.chat_widget.saved import CHAT_MIMETYPE, exported_texts

    exported = copy.deepcopy(notebook)
    for cell in exported["cells"]:
        for output in cell.get("outputs", ()):
            data, about = output.get("data", {}), output.get("metadata", {}).get("nbstream")
            if REPLY_MIMETYPE in data:
                _add_to_answer(data, about)
            elif CHAT_MIMETYPE in data:
                data |= exported_texts(data, about, _origin)
    return exported, resources


def _add_to_answer(data: dict[str, Any], about: Any) -> None:
    origin = _origin(unpacked(data[REPLY_MIMETYPE], about, data.get("text/markdown"))[1])
    lines = {"text/markdown": f"*{literal(origin)}*", "text/plain": f"[{origin}]"}
    for mimetype, line in lines.items():
        if origin and mimetype in data:
            data[mimetype] = f"{_joined(data[mimetype])}\n\n{line}"


def _origin(about: Mapping[str, Any]) -> str:
    """What the provenance of an answer says, in one line; empty if it says nothing."""
    model, created, params = (
        about.get("model_resolved") or about.get("model"),
        about.get("created"),
        about.get("params"),
    )
    if not model:
        return ""
    when = f" on {str(created)[:16].replace('T', ' ')} UTC" if created else ""
    named = params.items() if isinstance(params, Mapping) else ()
    values = [f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in named if value is not None]
    return f"Answered by {model}{when}{' with ' if values else ''}{', '.join(values)}"


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
