from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nbstream.demo.tokens import count_tokens, tokenise


@given(st.text())
def test_tokens_joined_are_the_text(text: str) -> None:
    tokens = tokenise(text)
    assert "".join(tokens) == text
    assert all(tokens)
    assert count_tokens(text) == len(tokens)


@given(st.text(alphabet="abcdefgh ,.\n", min_size=1))
def test_no_token_of_a_text_in_words_is_long(text: str) -> None:
    words = " ".join(text.split())
    assert max(map(len, tokenise(words)), default=0) <= len(" abcdef")
