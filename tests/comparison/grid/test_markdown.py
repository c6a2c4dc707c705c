"""What a notebook saves of a comparison."""

from __future__ import annotations

import cmarkgfm
import pytest

from nbstream.comparison import compare
from tests.comparison.grid.test_comparing import CITIES, asked, knows, on
from tests.loopback import ByteServer
from tests.loopback.chunks import says
from tests.loopback.responses import json_response

HOSTILE = "<script>alert(1)</script> | ![x](http://a.example/p.png)\n\n| a |\n"


def shown(text: str) -> str:
    html: str = cmarkgfm.github_flavored_markdown_to_html(text)
    return html


async def test_table_of_figures_verdicts_and_answers() -> None:
    with ByteServer(knows(a=9, b=2)) as server:
        rows = [{"number": number} for number in range(30)]
        grid = await on(
            server,
            "{{ number }}",
            models=["b", "a"],
            over=rows,
            checks={"right": "equals: yes"},
            stop_when="never",
        )
        lines = grid._repr_markdown_().splitlines()
        assert lines[0] == "60 answers"
        assert "| variant | answers | right | tokens |" in lines
        assert "| a | 30 | 90 % &#91;74, 97&#93; | 0 |" in lines
        assert [line for line in lines if line.startswith("- a \N{MINUS SIGN} b = +70 pp &#91;")]
        assert "| 0 | ✓ yes | ✓ yes |" in lines
        assert "| 9 | ✗ no | ✗ no |" in lines
        assert lines[-1] == "10 more rows are in `to_frame()`."


async def test_what_models_write_stays_text() -> None:
    with ByteServer(says(HOSTILE)) as server:
        for over in (CITIES, None):
            html = shown((await on(server, "Hi", over=over))._repr_markdown_())
            assert "<script" not in html
            assert "<img" not in html
            assert html.count("<table>") <= 3
        table = (await on(server, "Hi", over=CITIES))._repr_markdown_().splitlines()
        assert all(line.count("|") == 3 for line in table if line.startswith(("| 0", "| 1")))


async def test_answers_to_one_row_are_shown_in_full() -> None:
    broken = json_response(500, {"error": {"message": "a *bad* day"}})
    with ByteServer(lambda request: broken if asked(request) == "x" else says("word " * 100)) as server:
        text = (await on(server, prompts={"good": "y", "bad": "x"}))._repr_markdown_()
        assert text.startswith("2 answers: 1 failed, 1 finished\n")
        assert f"**good**\n\n{'word ' * 100}".rstrip() in text
        assert "**bad** " in text
        assert "a &#42;bad&#42; day" in text


@pytest.mark.parametrize("count", [1, 2])
def test_comparison_that_was_not_sent_says_so(count: int) -> None:
    text = compare("Hi", models="demo", n=count)._repr_markdown_()
    assert text.startswith(f"{count} {'answer' if count == 1 else 'answers'}: {count} waiting")
