"""What servers say when they refuse."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbstream.wire.problem import Problem, printable, problem_in, problem_in_body

SHAPES = {
    "OpenAI": ({"error": {"message": "No", "type": "t", "code": "c"}}, Problem("No", "c")),
    "without a code": ({"error": {"message": "No", "type": "t", "code": None}}, Problem("No", "t")),
    "a number for a code": ({"error": {"message": "No", "code": 503}}, Problem("No", "503")),
    "a text": ({"error": "No"}, Problem("No")),
    "vLLM": ({"object": "error", "message": "No", "type": "t", "code": 400}, Problem("No", "400")),
    "FastAPI": ({"detail": "No"}, Problem("No")),
    "FastAPI's validation": (
        {"detail": [{"loc": ["body", "n"], "msg": "No"}, "also"]},
        Problem("body.n: No; also"),
    ),
    "Gemini": ([{"error": {"code": 400, "message": "No", "status": "S"}}], Problem("No", "400")),
    "a gateway": ({"message": "No", "code": "E1"}, Problem("No", "E1")),
    "an error without a message": ({"error": {"type": "overloaded"}}, Problem("overloaded", "overloaded")),
    "beside choices": ({"error": {"message": "No"}, "choices": [{}]}, Problem("No")),
}


@pytest.mark.parametrize(("value", "problem"), SHAPES.values(), ids=SHAPES)
def test_shape(value: object, problem: Problem) -> None:
    assert problem_in(value) == problem
    assert problem_in_body(json.dumps(value).encode()) == problem


@pytest.mark.parametrize("value", [{"choices": []}, {"error": None}, {}, [], None, 1, "x", {"message": "hi"}])
def test_no_problem(value: object) -> None:
    assert problem_in(value) is None


def test_a_body_cut_short_says_what_it_can() -> None:
    assert problem_in_body(b'{"error": {"message": "The model is ov').message == "The model is ov"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", ""),
        (b"  Bad\n  gateway ", "Bad gateway"),
        (b"<html><head><title>502 Bad\nGateway</title></head><body>x</body>", "502 Bad Gateway"),
        (b"<h1>Nope</h1> <p>Sorry</p>", "Nope Sorry"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"x" * 1000, "x" * 299 + "…"),
    ],
)
def test_what_is_no_json(body: bytes, message: str) -> None:
    assert problem_in_body(body).message == message


@pytest.mark.parametrize(
    ("code", "status"), [("502", 502), ("429", 429), ("200", None), ("quota", None), ("", None)]
)
def test_a_status_in_place_of_a_code(code: str, status: int | None) -> None:
    assert Problem("No", code).status == status


@given(st.binary())
def test_any_body_at_all(body: bytes) -> None:
    problem_in_body(body).message.encode()


@given(st.text())
def test_printable_is_printable(text: str) -> None:
    shown = printable(text)
    assert not set(shown) & set("\x1b\x07\r\n\u202e\u2066\u200b")
    assert printable(shown) == shown
