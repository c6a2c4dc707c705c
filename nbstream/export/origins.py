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
    r"""Add a line below each answer of a notebook that is exported; the file itself is not changed.

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
    exported = copy.deepcopy(notebook)
    for cell in exported["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if REPLY_MIMETYPE in data and (origin := _origin(output)):
                for mimetype, line in (
                    ("text/markdown", f"*{literal(origin)}*"),
                    ("text/plain", f"[{origin}]"),
                ):
                    if mimetype in data:
                        data[mimetype] = f"{_joined(data[mimetype])}\n\n{line}"
    return exported, resources


def _origin(output: Mapping[str, Any]) -> str:
    """What the metadata of an output says of its answer, in one line; empty if it says nothing."""
    data = output["data"]
    about = unpacked(data[REPLY_MIMETYPE], output["metadata"].get("nbstream"), data.get("text/markdown"))[1]
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
