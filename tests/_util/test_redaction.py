"""Secrets in all forms that a text may contain."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from nbstream._util.redaction import Redactor

SECRET = 'p&ss/w"rd é?'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET)[1:-1].replace("/", "\\/"),
        quote(SECRET, safe=""),
        quote(SECRET),
        "p&amp;ss/w&quot;rd é?",
    ],
)
def test_a_secret_is_found_in_every_form(form: str) -> None:
    assert Redactor([SECRET])(f"<{form}>") == "<[secret]>"


@pytest.mark.parametrize("size", range(6, len(SECRET)))
@pytest.mark.parametrize("end", ["", "…", " …"])
def test_what_a_cut_leaves_of_a_secret_is_masked(size: int, end: str) -> None:
    assert Redactor([SECRET])(f"x {SECRET[:size].rstrip()}{end}").startswith("x [secret]")


def test_a_secret_within_another_leaves_nothing_of_it() -> None:
    assert Redactor(["abcdef", "abcdefghi"])("abcdefghi abcdef") == "[secret] [secret]"


def test_of_tokens_that_change_the_latest_are_known() -> None:
    redact = Redactor()
    for number in range(1000):
        redact.learn([f"token-{number:04}"])
    assert redact("token-0999 token-0900") == "[secret] [secret]"
    assert "1000" not in repr(redact)


def test_words_are_no_secrets() -> None:
    assert Redactor(["user", ""])("the user") == "the user"
