"""Templates: what is replaced, what stays byte for byte, and what each mistake says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nbstream import ArgumentError, Prompt
from nbstream.prompts.cells import filled_cell

VERBATIM = {
    "JSON": '{"city": "Oslo", "at": {"lat": 59.9}}\n',
    "code": 'def f(x):\n\treturn {"a": x[{1: 2}[1]], "b": f"{x!r:>{10}}"}  # {# no comment #}',
    "LaTeX": r"\frac{a}{b} + x^{2} $\sum_{i}$ \% \{ \}",
    "Jinja": "{% if a %}{# note #}{% raw %}x{% endraw %}{% endif %} ${name} %(name)s {name}",
    "price": "It costs $5, ${not} $name $$",
    "HTML": '<a href="?a=1&b=2">&lt;</a><!-- x -->',
    "CSS": "a{color:red}\n@media x{b{c:d}}",
    "nested": "{'a': {'b': {'c': 1}}}}} }} }}}",
}
DANGEROUS = '{{danger}} {% x %} <b> "q" \\ $5 {{ 1/0 }}\r\n'


@pytest.mark.parametrize("text", VERBATIM.values(), ids=VERBATIM)
def test_other_text_is_sent_byte_for_byte(text: str) -> None:
    assert Prompt(text).render() == text
    assert Prompt(f"{text}{{{{ value }}}}{text}").render(value=DANGEROUS) == text + DANGEROUS + text


PIECES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["{", "}", "{%", "%}", "{#", "#}", "$5", "\r\n", "\n", "\r", "}}", "\\", "\x00", "{ {"]),
)


@given(st.lists(PIECES, max_size=12), st.lists(PIECES, max_size=12), st.text())
def test_any_text_around_a_variable_is_sent_byte_for_byte(
    before: list[str], after: list[str], value: str
) -> None:
    first, last = "".join(before), "".join(after)
    assume("{{" not in first and "{{" not in last and not first.endswith("{"))
    assert Prompt(first + "{{ v }}" + last).render(v=value) == first + value + last


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{{ '{{' }} {{ \"}}\" }}", {}, "{{ }}"),
        ("{{ row.name }} {{ row['name'] | upper }}", {"row": {"name": "Ada"}}, "Ada ADA"),
        ('{"a": {"b": {{ n }}}}', {"n": 1}, '{"a": {"b": 1}}'),
        ("{{ {'a': 1}[k] }}", {"k": "a"}, "1"),
        ("{{ len(x) }} of {{ sum(x) }}", {"x": [1, 2]}, "2 of 3"),
        ("{{\r\n x\r\n}}\r\n", {"x": 1}, "1\r\n"),
        ("{{ x | default('none') }}", {}, "none"),
        ("{{ 'yes' if x is defined else 'no' }}", {}, "no"),
        ("{{ d | tojson }}", {"d": "<é>"}, '"<é>"'),
        ("{{ sum }}", {"sum": 3}, "3"),
    ],
)
def test_an_expression_is_replaced_by_its_value(template: str, values: dict[str, Any], text: str) -> None:
    assert Prompt(template).render(**values) == text


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Hello {{ }}", r"{{ }} at line 1, column 7 is not an expression: Expected an expression"),
        ("a\nb {{ user name }}", r"{{ user name }} at line 2, column 3 is not an expression: .*'name'"),
        ("{{ x", r"{{ x at line 1, column 1 is not an expression: The braces are not closed\."),
        ("{{ a ? b : c }}", r"{{ a \? b : c }} at line 1, column 1 .*\?"),
        ("{{ .Values.image }}", r"{{ \.Values\.image }} at line 1, column 1 is not an expression"),
        ("{{#each x}}", r"{{#each x}} at line 1, column 1 is not an expression"),
        (r"x^{{10}}", r"\{\{10}} at line 1, column 3 is not an expression: It contains no variable\."),
        ("{{-x}}", r"{{-x}} at line 1, column 1 is not an expression: Put a space"),
        ("{{ x -}}", r"{{ x -}} at line 1, column 1 is not an expression: Put a space"),
        ("{{ x | uper }}", r"{{ x \| uper }} at line 1, column 1 .*No filter named 'uper'"),
        ("{{" + "(" * 3000 + "x" + ")" * 3000 + "}}", "nested too deeply"),
    ],
)
def test_what_is_not_an_expression_is_an_error_with_its_place(template: str, expected: str) -> None:
    with pytest.raises(ArgumentError, match=expected) as error:
        Prompt(template)
    assert "{{ '{{' }}" in error.value.advice


def test_all_names_without_a_value_are_listed_at_once_with_the_nearest_ones() -> None:
    called = []
    prompt = Prompt("{{ f() }} {{ nmae }} {{ other + thrid }} {{ nmae }}", system="{{ role }}")
    with pytest.raises(ArgumentError) as error:
        prompt.fill(f=lambda: called.append(1), name="Ada", third=3)
    assert error.value.message == (
        "The prompt cannot be filled in: nmae (did you mean name?), other, role, thrid (did you mean third?) "
        "are not defined."
    )
    assert error.value.advice == ("Give each a value: prompt.fill(f=…, nmae=…, other=…, thrid=…, role=…).")
    assert not called


def test_all_expressions_that_fail_are_named_with_their_errors() -> None:
    with pytest.raises(ArgumentError) as error:
        Prompt("{{ 1 / x }}\n{{ d.missing }} {{ x }} {{ f }}").render(x=0, d={}, f=len)
    assert re.search(
        r"{{ 1 / x }} \(line 1, column 1\): ZeroDivisionError: division by zero", str(error.value)
    )
    assert re.search(r"{{ d\.missing }} \(line 2, column 1\): .*'missing'", str(error.value))
    assert "{{ f }} (line 2, column 25): The value is a function or class." in str(error.value)
    assert isinstance(error.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize(
    "expression",
    [
        "x.__class__.__mro__",
        "x['__class__'].__base__",
        "''.__class__ ~ x",
        "x | attr('__class__')",
        "f.__globals__",
        "'{0.__class__}'.format(x)",
        "items.append(1) or x",
        "range(10 ** 9) | length + x",
    ],
)
def test_a_template_stays_inside_the_sandbox(expression: str) -> None:
    items: list[int] = []
    with pytest.raises(ArgumentError, match=r"unsafe|undefined|[Ss]ecurity|too big|not safely|Error"):
        Prompt("{{ " + expression + " }}").render(x=1, f=lambda: 0, items=items)
    assert items == []


def test_a_cell_without_expressions_stays_text() -> None:
    assert filled_cell("a }} b", {}) == "a }} b"
    with pytest.raises(ArgumentError) as error:
        filled_cell("{{ nmae }}", {"name": 1})
    assert str(error.value) == (
        "The prompt cannot be filled in: nmae (did you mean name?) is not defined. If the braces are text, "
        "add --raw to the first line, or write {{ '{{' }}."
    )
