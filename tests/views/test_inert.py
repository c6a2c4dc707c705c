"""Inert Markdown: harmless under every parser, readable under each of them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import InvalidNotebook

from nbstream.views.inert import GrowingMarkdown, inert_markdown
from tests.views.hostile import CONTEXTS, FRAGMENTS, TAG, payloads
from tests.views.html import Page
from tests.views.renderers import RENDERERS

PAYLOADS = payloads()

thorough = settings(max_examples=400, deadline=None, derandomize=True)
documents = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)

prefixes = st.sampled_from(["", "", "", "> ", ">> ", "- ", "1. ", "  ", "    ", "> - ", "- > "])
fences = st.sampled_from(["```", "```", "```py", "````", "~~~", "```mermaid"])
pieces = st.sampled_from(
    [
        TAG,
        "a $ b",
        "$$",
        "$ { $",
        "\\begin{a}",
        "\\end{a}",
        "\\\\[",
        "\\\\]",
        "x",
        "",
        "```",
        "~~~",
        ": d",
        "`",
        "> y",
    ]
)


@st.composite
def fenced(draw: st.DrawFn) -> str:
    """A fence with a hostile content whose lines may have another indentation than the fence."""
    prefix, run = draw(prefixes), draw(fences)
    inner = draw(st.sampled_from([prefix, re.sub("[^>]", " ", prefix), "", "  "]))
    closing = draw(st.sampled_from([[inner + run[:3]], []]))
    content = draw(st.lists(pieces, max_size=5))
    return "\n".join([prefix + run, *(inner + piece for piece in content), *closing])


def lines() -> st.SearchStrategy[str]:
    return st.tuples(prefixes, st.lists(pieces, max_size=4)).map(lambda line: line[0] + " ".join(line[1]))


crlf = st.sampled_from(["a\r\n\r\nb", "a\r", "\r\n```\r\n", "$$\r\rx\r$$", "\u2028", "> a\r\n\r\n> b"])
answers = st.lists(fenced() | lines() | st.sampled_from(["", ">"]), max_size=10).map("\n".join)


def acts(render: Callable[[str], str], markdown: str) -> bool:
    try:
        return bool(Page(render(markdown)).violations)
    except (InvalidNotebook, RecursionError):  # an answer that cannot even be converted
        return True


def assert_inert(source: str) -> None:
    markdown = inert_markdown(source)
    for name, render in RENDERERS.items():
        assert Page(render(markdown)).violations == [], f"{name} on {markdown!r}"


@pytest.mark.parametrize("context", CONTEXTS)
def test_no_payload_acts(context: str) -> None:
    for name, payload in PAYLOADS.items():
        source = CONTEXTS[context](payload)
        markdown = inert_markdown(source)
        violations = [line for render in RENDERERS.values() for line in Page(render(markdown)).violations]
        assert violations == [], f"{name}: {markdown}"


@pytest.mark.parametrize("renderer", RENDERERS)
def test_most_payloads_act_where_they_are_not_made_inert(renderer: str) -> None:
    acting = [name for name, payload in PAYLOADS.items() if acts(RENDERERS[renderer], payload)]
    assert len(acting) > len(PAYLOADS) / 2


@thorough
@given(documents)
def test_no_mixture_of_fragments_acts(source: str) -> None:
    assert_inert(source)


@thorough
@given(answers)
def test_no_mixture_of_fences_acts(source: str) -> None:
    assert_inert(source)


@thorough
@given(documents | answers)
def test_a_second_pass_changes_nothing(source: str) -> None:
    once = inert_markdown(source)
    assert inert_markdown(once) == once


@thorough
@given(documents | answers | st.lists(answers | documents | crlf, max_size=4).map("\n\n".join), st.data())
def test_what_grows_is_written_as_it_is_at_once(source: str, data: st.DataObject) -> None:
    growing, place = GrowingMarkdown(data.draw(st.integers(1, 40))), 0
    while place < len(source):
        size = data.draw(st.integers(1, 1 + len(source) // 2))
        growing.add(source[place : place + size])
        place += size
        for _ in range(data.draw(st.integers(0, 3))):
            growing.advance()
    assert growing.finish() == inert_markdown(source)


def test_a_long_answer_is_written_in_steps() -> None:
    growing = GrowingMarkdown(1000)
    growing.add("Some text of an answer.\n\n" * 400)
    steps = 1
    while growing.advance():
        steps += 1
    assert steps == 10


def test_a_line_without_end_takes_no_step() -> None:
    growing = GrowingMarkdown(1000)
    growing.add("x" * 5000)
    assert not growing.advance()


@thorough
@given(documents, st.data())
def test_an_answer_cut_anywhere_does_not_act(source: str, data: st.DataObject) -> None:
    assert_inert(source[: data.draw(st.integers(0, len(source)))])


@thorough
@given(documents | answers)
def test_what_is_written_has_no_control_and_no_dangling_surrogate(source: str) -> None:
    markdown = inert_markdown(source)
    markdown.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", markdown)


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("a < b <b>x</b>", "a &lt; b <strong>x</strong>"),
        ("a < b <i onclick=x>x</i> <b>y", "a &lt; b &lt;i onclick=x>x&lt;/i> &lt;b>y"),
        ("one<br>two<BR/>three", "one<br>two<br>three"),
        ("H<sub>2</sub>O <kbd>Ctrl+C</kbd>", "H<sub>2</sub>O <kbd>Ctrl+C</kbd>"),
        ("H<sub onclick=x>2</sub>O", "H&lt;sub onclick=x>2&lt;/sub>O"),
        ("![chart](https://e.example/c.png)", "[chart](https://e.example/c.png)"),
        ("![](https://e.example/c.png)", "[image](https://e.example/c.png)"),
        ("Look!![x](https://e.example)", "Look!&#33;[x](https://e.example)"),
        ("!<https://e.example/c.png>", "&#33;[https://e.example/c.png](https://e.example/c.png)"),
        ("[a](https://e.example/?a=1&copy=2)", "[a](https://e.example/?a=1&amp;copy=2)"),
        ("[a](https://e.example/a_(b) 'title')", "[a](https://e.example/a_%28b%29)"),
        ("[a](<mailto:me@e.example>)", "[a](mailto:me@e.example)"),
        ("[a](java&Tab;script:x)", "[a]&#40;java&Tab;script:x)"),
        ("[a](./api/shutdown)", "[a]&#40;./api/shutdown)"),
        ("[a](https://good.example@evil.example)", "[a]&#40;https://good.example@evil.example)"),
        ("[r]\n\n[r]: https://e.example 'title'", "[r]\n\n[r]: https://e.example"),
        ("[r]\n\n[r]: javascript:x", "[r]\n\n[r]&#58; javascript:x"),
        ("[r]: https://e.example\n'title'", "[r]: https://e.example\n\n'title'"),
        ("It costs $5.", "It costs &#36;5."),
        ("From $5 to $6.", "From &#36;5 to <span>&#36;</span>6."),
        ("$a<b$ and \\(c\\) and \\[d\\]", "$a\\lt b$ and $c$ and $$d$$"),
        ("\\[\na \\\\[2pt] % why\n+ b\n\\].", "$$a \\\\  + b$$."),
        ("\\begin{align}\na &= b\n\\end{align}", "$$\\begin {align} a &= b \\end {align}$$"),
        (
            "$\\href{javascript:x}{y}$",
            "<code>&#92;href&#123;javascript&#58;x&#125;&#123;y&#125;</code>",
        ),
        ('$"x$', "$''x$"),
        ("$ {a $", "&#36; &#123;a <span>&#36;</span>"),
        ("$1, $2, $3 or $4", "&#36;1, <span>&#36;</span>2, &#36;3 or <span>&#36;</span>4"),
        ("$1, &dollar;2 or $3", "<span>&#36;</span>1, &dollar;2 or <span>&#36;</span>3"),
        ("$$1 or $2", "<span>&#36;</span><span>&#36;</span>1 or <span>&#36;</span>2"),
        ("$1 or $2 and $x$", "<span>&#36;</span>1 or <span>&#36;</span>2 and $x$"),
        ("`x[0]` and `a < b`", "`x[0]` and `a < b`"),
        ("`List<int>`", "<code>List&#60;int&#62;</code>"),
        ("| `a\\|b` |", "| <code>a&#124;b</code> |"),
        ("a `b", "a &#96;b"),
        ("``` and ~~~", "```and\n```"),
        ("C:\\new \\* {x}", "C:&#92;new &#42; &#123;x}"),
        ("```\nx\n```", "```text\nx\n```"),
        ("~~~py\nx\n~~~~", "```py\nx\n```"),
        ("```py\nx", "```py\nx\n```"),
        ("```{r, echo=F}\nx\n```", "```r\nx\n```"),
        ("```mermaid\ngraph TD\n```", "```mermaid\ngraph TD\n```"),
        ("a\n```html\n<b>\n```\nb", "a\n\n```html\n<b>\n```\n\nb"),
        ("- a\n  ```py\n  x\ny\n  ```", "- a\n  ```py\n  x\n  y\n  ```"),
        ("- a\n  ```html\n  <b>\n  ```\n- b", "- a\n\n```html\n<b>\n```\n\n- b"),
        ("- ```py\n  x\n  ```", "-\n  ```py\n  x\n  ```"),
        ("> ```html\n> <b>\n\na", "> ```html\n> <b>\n> ```\n\na"),
        ("> ```sh\n> $x\n> ```", "> <pre><code>&#36;x</code></pre>"),
        ("````\n```\n<b>\n````", "<pre><code>&#96;&#96;&#96;&#10;&#60;b&#62;</code></pre>"),
        ("\u200e$5\u200f \u061c", "\u200e&#36;5\u200f \u061c"),
        ("设$x$为、从$5到$10", "设 $x$ 为、从<span>&#36;</span>5到<span>&#36;</span>10"),
        ("**重要。**请", "<strong>重要。</strong>请"),
        ("* **步骤。**a *b* c*", "* <strong>步骤。</strong>a <em>b</em> c&#42;"),
        ("**bold** and *em*", "**bold** and *em*"),
        ("<u>a *b* <mark>c</mark></u>", "<u>a <em>b</em> <mark>c</mark></u>"),
        ("见https://e.example/b。", "见[https://e.example/b](https://e.example/b)。"),
        ("[https://e.example](https://e.example/x)", "[https://e.example](https://e.example/x)"),
        ("[![b](https://e.example/b.png)](https://e.example)", "[b](https://e.example)"),
        ("Wow!https://e.example", "Wow&#33;[https://e.example](https://e.example)"),
        ("https://good@evil.example", "https&#58;//good@evil.example"),
        ("A[^1].\n\n[^1]: Word", "A<sup>&#91;1&#93;</sup>.\n\n<sup>&#91;1&#93;</sup> Word"),
        ("[^1]: https://e.example", "<sup>&#91;1&#93;</sup> [https://e.example](https://e.example)"),
        ("<details>\n<summary>S</summary>\na\n</details>", "\n<strong>S</strong>\n\na\n"),
        (
            "| a | b |\n|---|---|\n| `x | y` | z |\n| 1 | 2 | 3 |",
            "| a | b |\n|---|---|\n| <code>x&#124;y</code> | z |\n| 1 | 2 &#124; 3 |".replace(
                "x&", "x &"
            ).replace(";y", "; y"),
        ),
        ("\\begin{aligned}\na\n\\end{aligned}", "$$\\begin {aligned} a \\end {aligned}$$"),
        ("\\begin{itemize}", "<span>&#92;</span>begin&#123;itemize}"),
        ("$x \\tag{1}\\label{a}$", "$x \\tag{1}$"),
        ("$\\color{red}{x}\\textcolor{blue}{y}$", "$\\color{red}{x}\\textcolor{blue}{y}$"),
        ("$\\newcommand{\\RR}{\\mathbb{R}}x\\in\\RR$", "$x\\in\\mathbb{R}$"),
        ("$$\n\\text{if $x$ or}\n$$", "$$\\text{if }x\\text{ or}$$"),
        (
            "$\\rule{99999em}{2em}\\hspace{-500pt}\\kern1e9pt$",
            "$\\rule{40em}{2em}\\hspace{-400pt}\\kern1e9pt$",
        ),
        ("a\n: b\n#tag", "a\n&#58; b\n&#35;tag"),
        ("```mermaid\ngraph TD\nclick A href\n```", "```Mermaid\ngraph TD\nclick A href\n```"),
        ("1. a\n   ```sh\n   ls $HOME\n   ```\n2. b", "1. a\n\n   ```sh\n   ls $HOME\n   ```\n\n2. b"),
        ("\x1b[1m \u202e \x85 \ud800", "␛[1m [U+202E] [U+0085] \ufffd"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
    ],
)
def test_written_forms(source: str, written: str) -> None:
    assert inert_markdown(source) == written


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize(
    ("source", "text", "code"),
    [
        ("- a:\n  ```py\n  if x:\n      y()\n  ```\n- b", "a: if x: y() b", ["if x:\n    y()"]),
        ("1. a\n   ```sh\n   pip install x\n   ```\n2. b", "a pip install x b", ["pip install x"]),
        ("1. a\n\n    ```sh\n    ls\n    ```\n\n2. b", "a ls b", ["ls"]),
        ("1. a\n   ```cpp\n   vector<int> v;\n   ```\n2. b", "a vector<int> v; b", ["vector<int> v;"]),
        ("- ```html\n  <b>$x$</b>\n  ```", "<b>$x$</b>", ["<b>$x$</b>"]),
        ("| a | b |\n|---|--:|\n| `x\\|y` | List<int> |", "a b x|y List<int>", []),
        ("Use `List<int>`, `$HOME`, ``a`b``, `d[0](x)`.", "Use List<int>, $HOME, a`b, d[0](x).", []),
        ("`a\nb <c>` d", "a b <c> d", []),
        ("If $a<b$ then\n\n$$\nx_1 < y\n$$", r"If $a\lt b$ then $$x_1 \lt y$$", []),
        ("From $5 to $10 is $5.", "From $5 to $10 is $5.", []),
        ("> a\n>> b\n>> ```html\n>> <b>\n>> ```\n\nc", "a b <b> c", ["<b>"]),
        ("[a](https://e.example/?a=1&copy=2) ![b](https://e.example)", "a b", []),
        ("```html\n<p>&amp; $1 `x`</p>\n\n  ![a](b)\n```", "<p>&amp; $1 `x`</p> ![a](b)", None),
        ("````md\n```html\n<b>\n```\n````", "```html <b> ```", ["```html\n<b>\n```"]),
        ("a \\* b\\\\c C:\\Users {{ x }} #1", r"a * b\c C:\Users {{ x }} #1", []),
        ("**bold** _em_ ~~gone~~ &copy; &lt;", "bold em gone © <", []),
    ],
)
def test_ordinary_answers_read_as_they_were_meant(
    renderer: str, source: str, text: str, code: list[str] | None
) -> None:
    page = Page(RENDERERS[renderer](inert_markdown(source)))
    assert page.text == text
    assert code is None or [block.rstrip("\n") for block in page.code] == code


def test_the_language_of_code_is_kept() -> None:
    source = "```c++\nvector<int> v;\n```"
    assert 'class="language-c++"' in RENDERERS["markdown-it"](inert_markdown(source))


def test_links_lead_where_they_led() -> None:
    source = "[a](https://e.example/?a=1&copy=2) [b][r] <https://e.example/c_d>\n\n[r]: http://r.example/(x)"
    page = Page(RENDERERS["markdown-it"](inert_markdown(source)))
    assert page.links == [
        "https://e.example/?a=1&copy=2",
        "http://r.example/%28x%29",
        "https://e.example/c_d",
    ]


def test_marks_beyond_number_are_only_signs() -> None:
    assert inert_markdown("*a* " * 500) == "*a* " * 500
    assert "*" not in inert_markdown("*a* " * 600)


def test_a_paragraph_of_many_prices_is_written_for_parsers_that_look_at_everything_for_everything() -> None:
    markdown = inert_markdown("It *costs* $5 & `x`\nor ${a}, " * 100)
    assert markdown.startswith("<p>It <em>costs</em> &#36;5 &amp; <code>x</code> or ")
    assert markdown.endswith("</p>")
    assert "\n" not in markdown
    assert Page(RENDERERS["nbconvert"](markdown)).text == " ".join(["It costs $5 & x or ${a},"] * 100)


@pytest.mark.parametrize("link", ["[shop](https://a.example/)", "https://a.example/x"])
def test_a_price_between_links_needs_no_element(link: str) -> None:
    assert "<" not in inert_markdown(f"$5 at {link}, " * 1000)
    assert inert_markdown(f"$5 or $6 at {link}").count("<span>") == 1, "they would be a formula"
    assert inert_markdown(f"[$5 {link} $6](https://b.example/)").count("<span>") == 1


@pytest.mark.parametrize("marker", ["- ", "> ", "1. ", "- > "])
def test_blocks_nested_without_end_lose_no_text(marker: str) -> None:
    markdown = inert_markdown(marker * 30_000 + "the end")
    for render in RENDERERS.values():
        assert Page(render(markdown)).text.endswith("the end")


@pytest.mark.parametrize(
    "tex",
    [
        "\\newcommand{\\a}{\\a\\a}\\a",
        "\\newcommand{\\a}[1][x]{#1}\\a",
        "\\def\\a#1{#1#1}" + "\\a{" * 24 + "x" + "}" * 24,
        "\\includegraphics{https://e.example/x.png}",
        "\\style{color:red}{x}",
        "\\color{url(x)}{y}",
        "\\tag{\\href{x}{y}}",
    ],
)
def test_a_formula_that_must_not_be_typeset_is_its_source(tex: str) -> None:
    markdown = inert_markdown(f"${tex}$")
    assert Page(RENDERERS["markdown-it"](markdown)).text == tex
    assert "$" not in markdown


LINES = [
    "\n",
    "- ",
    ">",
    "> ",
    "1. ",
    "[a]: ",
    "```\n",
    "> ```\n",
    "- ```\n",
    "\\[\n",
    "\\begin{align}\n",
    "| ",
    "\t",
]
INLINE = [
    "<",
    "`",
    "` ",
    "~",
    "](",
    "](a",
    "](](a)]",
    '](x "',
    "![",
    "![a]",
    "!",
    "<code>a",
    "<https://",
    "]:",
    "(",
    "[",
]
SIGNS = ["$", "$a ", "$$a", "$a\\", "\\", "\\(", "{", "@", "&", "*a **b ", "a"]


# Where the time grew with the square of the length, this would run into the timeout of the test.
@pytest.mark.parametrize("piece", LINES + INLINE + SIGNS)
def test_time_and_size_grow_with_the_length(piece: str) -> None:
    for tail in ("", ")\\]x</code>```"):
        source = (piece * 200_000)[:200_000] + tail
        assert len(inert_markdown(source)) < 20 * len(source)
