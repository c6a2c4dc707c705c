"""The saved form of an answer in a notebook file: small and diff-friendly. Pure functions.

A text is in the file once: the JSON refers to the lines of the Markdown in the same output
(`nbstream.views.text_lines`). What differs from run to run is on one line, the string ``run``, so that
another run with the same answer changes one line. Default values are left out. A reply without a status has
finished with ``stop``.

`unpacked` reverses `packed`, and reads the form of older files as well. `js/labextension/packing.ts` does the
same; both are tested with `tests/fixtures/saved`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nbstream.views.text_lines import LineReader, LineWriter, as_seen, split

__all__ = ["PACKED", "packed", "packed_reply", "packed_run", "unpacked", "unpacked_reply", "unpacked_run"]

#: Version of this format. Version 1 did not share, omit or join anything.
PACKED = 2

# Next to the values of the run; older files have the parameters there too.
_STABLE = frozenset({"model", "params"})
# Written as lists, in this order: the names would be longer than the values.
_RUN = (
    "id",
    "model_resolved",
    "provider",
    "host",
    "why",
    "prompt_hash",
    "usage",
    "timings",
    "request_id",
    "response_id",
    "created",
)
_FIGURES = {
    "usage": ("input", "output", "total", "cached", "reasoning", "cache_written", "cost"),
    "timings": ("ttft", "duration", "tokens_per_second", "reasoning_seconds"),
}

_LEAST = 5
"""Figures that are written even where they are unknown, as earlier versions did."""

# Texts that are not in the Markdown.
_TEXTS = ("reasoning", "json")

# A double quote in a JSON string takes two bytes, so both kinds of quotes are swapped.
_QUOTES = str.maketrans("\"'", "'\"")

Json = dict[str, Any]


def packed(reply: Mapping[str, Any], provenance: Mapping[str, Any], markdown: str) -> tuple[Json, Json]:
    """A saved reply and its provenance in the form of the file.

    Parameters
    ----------
    reply
        As returned by `nbstream.views.snapshot.saved_reply`.
    provenance
        As returned by `nbstream.views.snapshot.provenance`, with other versions of the answer.
    markdown
        The Markdown text of the same output.

    Examples
    --------
    >>> packed({"v": 1, "status": "stopped", "text": "Hi"}, {"model": "m", "id": "r1"}, "Hi")
    ({'v': 2, 'status': 'stopped'}, {'model': 'm', 'run': "['r1']"})
    """
    own = packed_reply(reply, markdown)
    about = {name: value for name, value in provenance.items() if name != "versions"}
    versions = list(provenance.get("versions") or ())
    runs = [[version["version"], _changes(about, version["nbstream"])] for version in versions]
    run = dict(about)
    model = run.pop("model", None)
    if not runs and run.get("version") == 0:
        del run["version"]
    line = packed_run(run | ({"versions": runs} if runs else {}))
    others = _packed_others(own, versions, markdown)
    return own, _without_defaults({"model": model, "run": line, "versions": others})


def _packed_others(own: Json, versions: Sequence[Mapping[str, Any]], markdown: str) -> Json:
    """The replies of other versions by number, without those that equal the reply of the output itself.

    A version that equals an earlier one is the number of that one.
    """
    others: dict[int, Json] = {}
    written: Json = {}
    for version in versions:
        number, form = version["version"], packed_reply(version["reply"], markdown)
        if form == own:
            continue
        same = next((other for other, earlier in others.items() if earlier == form), None)
        written[str(number)] = form if same is None else same
        others.setdefault(number, form)
    return written


def unpacked(reply: object, provenance: object, markdown: object) -> tuple[Json, Json]:
    """What `packed` was given, out of the values of an output; of a foreign one, what can be read.

    Examples
    --------
    >>> unpacked({"v": 2, "status": "stopped"}, {"model": "m", "run": "['r1']"}, "Hi")
    ({'v': 2, 'status': 'stopped', 'text': 'Hi'}, {'model': 'm', 'id': 'r1'})
    """
    saved = _mapping(provenance)
    run = unpacked_run(saved.get("run"))
    own, stable = unpacked_reply(reply, markdown), {k: v for k, v in saved.items() if k in _STABLE}
    if "run" not in saved:
        return own, dict(saved)
    runs, others = run.pop("versions", None), _mapping(saved.get("versions"))
    about = stable | run
    versions = [
        {
            "version": number,
            "reply": unpacked_reply(_of_version(others, number, reply), markdown),
            "nbstream": about | _named(_mapping(changes)),
        }
        for number, changes in _pairs(runs)
    ]
    return own, about | ({"versions": versions} if versions else {})


def _of_version(others: Mapping[str, Any], number: int, own: object) -> object:
    """The packed reply of a version, which may be the number of an equal one."""
    form = others.get(str(number), own)
    return others.get(str(form)) if type(form) is int else form


def packed_reply(reply: Mapping[str, Any], markdown: str | None) -> Json:
    """A saved reply whose text refers to the Markdown text; None where that does not hold it."""
    form = _without_defaults(reply)
    text = form.pop("text", "")
    if markdown is None:
        form["text"] = split(text)
    elif text != as_seen(markdown):
        form["text"] = LineWriter(markdown).write(text)
    if form.get("status") == "finished":
        form["finish_reason"] = reply.get("finish_reason")
        if form["finish_reason"] == "stop":
            del form["finish_reason"], form["status"]
    form |= {name: split(form[name]) for name in _TEXTS if name in form}
    if "prompt" in form:
        form["prompt"] = form["prompt"] | {"text": split(form["prompt"]["text"])}
    if "tools" in form:
        form["tools"] = [_call(call, split) for call in form["tools"]]
    return form | {"v": PACKED}


def unpacked_reply(reply: object, markdown: object) -> Json:
    """A saved reply with its whole text."""
    form = dict(_mapping(reply))
    if form.get("v") != PACKED:
        return form
    lines = _text(markdown)
    if form.setdefault("status", "finished") == "finished":
        form.setdefault("finish_reason", "stop")
    form["text"] = LineReader(lines).read(form["text"]) if "text" in form else as_seen(lines)
    form |= {name: _joined(form[name]) for name in _TEXTS if name in form}
    if "prompt" in form:
        prompt = _mapping(form["prompt"])
        form["prompt"] = {**prompt, "text": _joined(prompt.get("text"))}
    if isinstance(form.get("tools"), list):
        form["tools"] = [_call(_mapping(call), _joined) for call in form["tools"]]
    return form


def packed_run(run: Mapping[str, Any]) -> str:
    """What differs from run to run, on one line."""
    others = {name: _figures(name, value) for name, value in _without_defaults(run).items()}
    row = [others.pop(name, None) for name in _RUN]
    row = [*row, others] if others else row
    while row and row[-1] is None:
        row.pop()
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).translate(_QUOTES)


def unpacked_run(run: object) -> Json:
    """What `packed_run` was given, or an older file holds by names; empty where it cannot be read."""
    line = run if isinstance(run, str) else "[]"
    try:
        row = json.loads(line if line.startswith("{") else line.translate(_QUOTES))
    except (ValueError, RecursionError):
        return {}
    return _named(_by_names(row) if isinstance(row, list) else _mapping(row))


def _by_names(row: list[Any]) -> Json:
    named = {name: value for name, value in zip(_RUN, row, strict=False) if value is not None}
    return {**named, **_mapping(row[len(_RUN)] if len(row) > len(_RUN) else None)}


def _without_defaults(values: Mapping[str, Any]) -> Json:
    return {k: v for k, v in values.items() if v not in (None, "", [], {}) and v is not False}


def _figures(name: str, value: Any) -> Any:
    if name not in _FIGURES or not value:
        return value
    known = [value.get(key) for key in _FIGURES[name]]
    while len(known) > _LEAST and known[-1] is None:
        known.pop()
    return known


def _named(run: Mapping[str, Any]) -> Json:
    return {
        name: dict(zip(_FIGURES[name], value, strict=False))
        if name in _FIGURES and isinstance(value, list)
        else value
        for name, value in run.items()
    }


def _changes(about: Mapping[str, Any], other: Mapping[str, Any]) -> Json:
    """In what the provenance of another version differs."""
    changed = {k: _figures(k, v) for k, v in other.items() if k != "versions" and v != about.get(k)}
    return changed | dict.fromkeys(about.keys() - other.keys())


def _call(call: Mapping[str, Any], way: Any) -> Json:
    texts = {name: way(call[name]) for name in ("arguments", "result") if call.get(name) is not None}
    return {**call, **texts}


def _joined(value: object) -> str | None:
    return LineReader("").read(value)


def _text(value: object) -> str:
    """A text of a notebook, which may be a list of lines with their ends."""
    return "".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else ""


def _pairs(runs: object) -> Iterable[tuple[int, object]]:
    for pair in runs if isinstance(runs, list) else ():
        if isinstance(pair, list) and len(pair) == 2 and type(pair[0]) is int:
            yield pair[0], pair[1]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
