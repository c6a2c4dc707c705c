"""Sample values for a JSON Schema: the demo's answers to requests that have one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nbstream.demo.choice import pick

__all__ = ["schema_sample"]

_WORDS = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Radia", "Tim")
_ROWS = 5
_DEEPEST = 6
_FORMATS = {
    "date": "2025-01-{day:02}",
    "date-time": "2025-01-{day:02}T09:00:00Z",
    "time": "09:{day:02}:00Z",
    "email": "person{day}@example.org",
    "uri": "https://example.org/{day}",
    "uuid": "00000000-0000-4000-8000-0000000000{day:02}",
}


def schema_sample(schema: Mapping[str, Any], seed: str) -> str:
    """JSON that has the shape of the schema; the same seed gets the same text.

    Examples
    --------
    >>> schema_sample({"type": "object", "properties": {"n": {"type": "integer"}}}, "s")
    '{"n": 17}'
    """
    return json.dumps(_Sampler(schema, seed).value(schema, "", 0), ensure_ascii=False)


class _Sampler:
    def __init__(self, root: Mapping[str, Any], seed: str) -> None:
        self._root = root
        self._seed = seed

    def value(self, schema: Mapping[str, Any], path: str, depth: int) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return pick(tuple(schema["enum"]), self._seed + path)
        kind = schema.get("type")
        kind = next((k for k in kind if k != "null"), "null") if isinstance(kind, list) else kind
        if kind == "object" or "properties" in schema:
            parts = schema.get("properties", {}).items()
            return {name: self.value(part, f"{path}.{name}", depth + 1) for name, part in parts}
        if kind == "array":
            count = 0 if depth > _DEEPEST else _ROWS if depth < 2 else 2
            return [self.value(schema.get("items", {}), f"{path}.{n}", depth + 1) for n in range(count)]
        return self._scalar(kind, schema, path)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema behind a reference, or the first one of a choice."""
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            return self._resolved(self._root.get("$defs", {}).get(name, {}))
        for key in ("anyOf", "oneOf", "allOf"):
            if schema.get(key):
                return self._resolved(schema[key][0])
        return schema

    def _scalar(self, kind: Any, schema: Mapping[str, Any], path: str) -> Any:
        number = pick(tuple(range(1, 29)), self._seed + path)
        if kind in {"integer", "number"}:
            low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
            value = min(number + low, schema.get("maximum", number + low))
            return int(value) if kind == "integer" else value + 0.5
        if kind == "boolean":
            return number % 2 == 0
        if kind == "null":
            return None
        template = _FORMATS.get(schema.get("format", ""))
        return template.format(day=number) if template else pick(_WORDS, self._seed + path)
