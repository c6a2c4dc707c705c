"""Checks of JSON: whether the answer is JSON, or contains it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nbstream.comparison.checks.check import Check, Follower, Row
from nbstream.comparison.checks.json_prefix import JSONPrefix
from nbstream.comparison.checks.outcome import Outcome, failed, passed
from nbstream.errors import ArgumentError
from nbstream.reply import Reply

__all__ = ["contains_json", "is_json"]

_MOST_BEGINNINGS = 200


class _IsJSON(Check):
    """Whether the answer is JSON and nothing else; ``is_json(schema)`` also validates it.

    Examples
    --------
    >>> is_json.follow({}).feed("Sure!", 0.1).reason
    'It is not JSON.'
    >>> is_json({"type": "array"})
    <Check is-json>
    """

    def __init__(self, schema: Mapping[str, Any] | None = None) -> None:
        super().__init__("is-json")
        self._schema = schema
        self._validator = None if schema is None else _validator(schema)

    def __call__(self, schema: Mapping[str, Any]) -> Check:
        """The same check, with a JSON Schema.

        Raises
        ------
        ArgumentError
            When it is not a JSON Schema.
        """
        return _IsJSON(schema)

    def follow(self, row: Row) -> Follower:
        return _IsJSONFollower(self._validator)

    def as_promptfoo(self) -> dict[str, Any]:
        return _assertion("is-json", self._schema)


class _IsJSONFollower(Follower):
    def __init__(self, validator: Any) -> None:
        self._prefix = JSONPrefix()
        self._validator = validator

    def feed(self, delta: str, at: float) -> Outcome | None:
        self._prefix.feed(delta)
        return failed("It is not JSON.") if self._prefix.broken else None

    def end(self, reply: Reply) -> Outcome:
        if not self._prefix.whole:
            return failed("It is not JSON.")
        return passed() if self._validator is None else _by_schema(self._validator, json.loads(reply.text))


class _ContainsJSON(Check):
    """Whether the answer contains a JSON object or array; ``contains_json(schema)`` also validates it.

    Examples
    --------
    >>> contains_json.follow({}).feed('Sure: {"a": 1}', 0.1).status
    'pass'
    """

    def __init__(self, schema: Mapping[str, Any] | None = None) -> None:
        super().__init__("contains-json")
        self._schema = schema
        self._validator = None if schema is None else _validator(schema)

    def __call__(self, schema: Mapping[str, Any]) -> Check:
        """The same check, with a JSON Schema that one of the values must match.

        Raises
        ------
        ArgumentError
            When it is not a JSON Schema.
        """
        return _ContainsJSON(schema)

    def follow(self, row: Row) -> Follower:
        return _ContainsJSONFollower(self._validator)

    def as_promptfoo(self) -> dict[str, Any]:
        return _assertion("contains-json", self._schema)


class _ContainsJSONFollower(Follower):
    def __init__(self, validator: Any) -> None:
        self._validator = validator
        self._open: list[tuple[JSONPrefix, list[str]]] = []
        self._outcome: Outcome | None = None

    def feed(self, delta: str, at: float) -> Outcome | None:
        start = 0
        for place, char in enumerate(delta):
            if char in "[{" and len(self._open) < _MOST_BEGINNINGS:
                self._grow(delta[start:place])
                start = place
                self._open.append((JSONPrefix(), []))
            elif char in "]}":
                self._grow(delta[start : place + 1])
                start = place + 1
                self._take_whole()
        self._grow(delta[start:])
        found = self._outcome
        return found if found is not None and found.passed else None

    def end(self, reply: Reply) -> Outcome:
        return self._outcome or failed("It contains no JSON object or array.")

    def _grow(self, text: str) -> None:
        if text:
            for prefix, parts in self._open:
                prefix.feed(text)
                parts.append(text)
            self._open = [pair for pair in self._open if not pair[0].broken]

    def _take_whole(self) -> None:
        for prefix, parts in self._open:
            if prefix.whole and not (self._outcome and self._outcome.passed):
                value = json.loads("".join(parts))
                self._outcome = passed() if self._validator is None else _by_schema(self._validator, value)
        self._open = [pair for pair in self._open if not pair[0].whole]


is_json = _IsJSON()
contains_json = _ContainsJSON()


def _assertion(name: str, schema: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"type": name, **({} if schema is None else {"value": dict(schema)})}


def _validator(schema: Mapping[str, Any]) -> Any:
    import jsonschema

    kind = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise ArgumentError(f"This is not a JSON Schema: {error.message}.") from None
    return kind(schema)


def _by_schema(validator: Any, value: object) -> Outcome:
    error = next(iter(validator.iter_errors(value)), None)
    if error is None:
        return passed()
    where = ".".join(map(str, error.absolute_path))
    return failed(f"{where}: {error.message}" if where else error.message)
