"""The options of %%chat."""

from __future__ import annotations

import pytest
from IPython.core.magic_arguments import MagicArgumentParser

from nbstream.errors import ConfigError
from nbstream.magic.args import ChatOptions, chat_arguments, option_names, parse


@chat_arguments("chat")
def chat(line: str, cell: str) -> None:
    """Ask."""


PARSER: MagicArgumentParser = chat.parser  # type: ignore[attr-defined]


VARIABLES = {"which": "demo:fast", "heat": 0.4, "stops": ["a", "b"], "unsendable": object()}


def parsed(line: str) -> ChatOptions:
    return parse(PARSER, line, VARIABLES)


def test_nothing_given_is_nothing_set() -> None:
    assert parsed("") == ChatOptions()


def test_short_and_long_options() -> None:
    long = parsed("--model a:b --system 'Be terse.' --temperature 0.2 --into x --chat review --background")
    assert parsed('-m a:b -s "Be terse." -t 0.2 -o x -c review -b') == long
    assert long.model == "a:b"
    assert long.system == "Be terse."
    assert long.params == {"temperature": 0.2}


def test_parameters_are_json_or_text() -> None:
    options = parsed("""-p seed=7 -p stop='["a", "b"]' -p user=me -p logprobs=true --max-tokens 5 -p x=a=b""")
    assert options.params == {
        "max_tokens": 5, "seed": 7, "stop": ["a", "b"], "user": "me", "logprobs": True, "x": "a=b",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ('stop=["a"]', ["a"]),
        ('stop=["a", "b c"]', ["a", "b c"]),
        ('stop=["a b","c"]', ["a b", "c"]),
        ('stop=[ "a" , [ "b" ] ]', ["a", ["b"]]),
        ('logit_bias={"50256": -100}', {"50256": -100}),
        ('metadata={"a": {"b": ["{c}", "d e"]}, "f": null}', {"a": {"b": ["{c}", "d e"]}, "f": None}),
        ('metadata={"said": "it\'s \\"so\\" {x}"}', {"said": 'it\'s "so" {x}'}),
        ("seed=null", None),
        ("temperature=1e-1", 0.1),
        ("""stop=["it's", "#", "$x", "{which}"]""", ["it's", "#", "$x", "{which}"]),
        (r'stop=["\n", "\""]', ["\n", '"']),
        ('response_format={"type": "json_schema", "s": {"x": []}}', {"type": "json_schema", "s": {"x": []}}),
        ("response_format={}", {}),
        ("""stop='["a"]'""", ["a"]),
        ('stop="[1, 2]"', [1, 2]),
        ("user='a b'", "a b"),
        ("user=a#b", "a#b"),
        ("stop={stops}", ["a", "b"]),
        ("stop=$stops", ["a", "b"]),
        ("user={which}", "demo:fast"),
        ("user=a{which}", "a{which}"),
    ],
)
@pytest.mark.parametrize("option", ["-p ", "-p", "--param ", "--param="])
def test_json_is_taken_as_it_is_typed(option: str, typed: str, value: object) -> None:
    name = typed.partition("=")[0]
    assert parsed(f"-b {option}{typed} -m x") == ChatOptions(background=True, model="x", params={name: value})


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("-m demo  # the cheap one", ChatOptions(model="demo")),
        ("-m demo #the 'cheap one", ChatOptions(model="demo")),
        ("# nothing", ChatOptions()),
        ("-s '# no comment'", ChatOptions(system="# no comment")),
        ("-m a#b", ChatOptions(model="a#b")),
        ("--logprobs", ChatOptions(params={"logprobs": True})),
        ("--logprobs=5", ChatOptions(params={"logprobs": True, "top_logprobs": 5})),
        ("--max-context 500", ChatOptions(max_context_tokens=500)),
        ("-m {which} -t {heat}", ChatOptions(model="demo:fast", params={"temperature": 0.4})),
        ("--model={which}", ChatOptions(model="demo:fast")),
        ("-m $which", ChatOptions(model="demo:fast")),
        ("-s '{which}'", ChatOptions(system="{which}")),
        ('-s "$which {heat}"', ChatOptions(system="$which {heat}")),
        ("-s a{which}", ChatOptions(system="a{which}")),
        (r"-s a\ b", ChatOptions(system="a b")),
        (r'-s "a\"b\n"', ChatOptions(system=r'a"b\n')),
        ('-s ""', ChatOptions(system="")),
        ("""-s 'a'"b"c""", ChatOptions(system="abc")),
    ],
)
def test_comments_variables_and_quotation_marks(line: str, options: ChatOptions) -> None:
    assert parsed(line) == options


@pytest.mark.parametrize(("line", "stream"), [("", None), ("--stream", True), ("--no-stream", False)])
def test_streaming_can_be_chosen(line: str, stream: bool | None) -> None:
    assert parsed(line).stream is stream


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--modle x", ["--modle", "--model"]),
        ("--temprature=1", ["--temprature", "--temperature"]),
        ("--nonsense", ["--nonsense", "%%chat?"]),
        ("-t warm", ["temperature", "warm"]),
        ("--logprobs=-1", ["--logprobs -1", "at least 0"]),
        ("--logprobs few", ["logprobs", "few"]),
        ("--max-tokens 1.5", ["max-tokens", "1.5"]),
        ("-m", ["-m/--model", "expected one argument"]),
        ("-s 'open", ["quotation"]),
        ("-p seed", ["seed", "NAME=VALUE"]),
        ("-p system=x", ["system", "--system"]),
        ("-p base_url=x", ["base_url", "--base-url"]),
        ("-p stream=false", ["--no-stream"]),
        ("-p owner=x", ["owner", "Leave it out"]),
        ("-p debug=true", ["debug", "--debug"]),
        ("-p into=x", ["into", "--into"]),
        ("-p dry_run=true", ["dry_run", "--dry-run"]),
        ("-p on_disconnect=keep", ["on_disconnect", "--on-disconnect"]),
        ("-p approve=always", ["approve", "--approve"]),
        ("-p timeouts=5", ["timeouts", "Leave it out"]),
        ("-p api_key=x", ["api_key", "environment"]),
        ("-p messages=[]", ["messages", "Chat.load"]),
        ("-p max_context_tokens=9", ["max_context_tokens", "--max-context"]),
        ("--max-context few", ["max-context", "few"]),
        ("-o not-a-name", ["not-a-name", "variable"]),
        ("-o class", ["class", "variable"]),
        ("-s open'", ["quotation"]),
        ("-m x \\", ["backslash"]),
        ("-p stop=[a", ["stop", "JSON", "double quotation marks"]),
        ("-p response_format={'type':'json_object'}", ["response_format", "JSON"]),
        ("-p 'stop=[a]'", ["stop", "JSON"]),
        ("-p logprobs=True", ["logprobs=true"]),
        ("-p seed=None", ["seed=null"]),
        ("-m {nowhere}", ["nowhere", "cell above"]),
        ("-m $nowhere", ["nowhere", "cell above"]),
        ("-m {a.b}", ["{a.b}", "quotation marks"]),
        ("-p stop={what}", ["what", "cell above"]),
        ("-p metadata={unsendable}", ["unsendable", "JSON"]),
        ("write a poem", ["'write'", "lines below"]),
        ("--in x", ["no option --in.", "Did you mean --into?"]),
        ("--in=x", ["no option --in.", "Did you mean --into?"]),
        ("--max 5", ["no option --max.", "Did you mean --max-context or --max-tokens?"]),
        ("--no", ["no option --no.", "Did you mean --no-stream?"]),
    ],
)
def test_a_wrong_option_is_named_with_the_nearest_right_thing(line: str, says: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(line)
    for word in says:
        assert word in str(caught.value)


def test_who_asks_for_help_is_told_where_it_is() -> None:
    with pytest.raises(ConfigError, match=r"no option --help\. %%chat\? lists the options\."):
        parsed("--help")


def test_help_names_every_option_and_no_internal_one() -> None:
    assert chat.__doc__ is not None
    for name in option_names():
        assert name in chat.__doc__
    assert "awaited" not in chat.__doc__
