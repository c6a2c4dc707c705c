"""Loading, unloading, completing: in a real IPython shell."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.loopback import ByteServer, Hold, RecordedRequest, Script, json_response, sse_response
from tests.loopback.chunks import call, delta, says

SHELL = "from IPython.core.interactiveshell import InteractiveShell as Shell\nip = Shell.instance()\n"
HERMETIC = {"NBSTREAM_NO_PROBE": "1", "PATH": "/usr/bin"}


def in_ipython(program: str, **env: str) -> str:
    """Run a program in a separate process, with a fresh shell in `ip`; return what it prints."""
    command = [sys.executable, "-W", "default", "-c", SHELL + textwrap.dedent(program)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=HERMETIC | env)
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


def test_loading_registers_the_magics_and_unloading_takes_them_out() -> None:
    said = in_ipython(
        """
        magics = ip.magics_manager.magics
        ours = [("cell", "chat"), ("cell", "nbchat"), ("line", "chat"), ("line", "nbchat")]
        names = lambda: [(kind, name) for kind, name in ours if name in magics[kind]]
        print(names())
        ip.run_line_magic("load_ext", "nbstream"); print(len(names()))
        ip.run_line_magic("reload_ext", "nbstream"); print(len(names()), len(ip.input_transformers_post))
        ip.run_line_magic("unload_ext", "nbstream"); print(names(), len(ip.input_transformers_post))
        """
    )
    assert said.split("\n")[:4] == ["[]", "4", "4 1", "[] 0"]


def test_a_name_that_another_extension_owns_is_announced_and_given_back() -> None:
    said = in_ipython(
        """
        def other(line, cell): print("the other one")
        other.__module__ = "JupyterChatbook"
        ip.register_magic_function(other, "cell", "chat")
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_line_magic("unload_ext", "nbstream")
        ip.run_cell("%%chat\\nhello")
        """
    )
    assert "belonged to JupyterChatbook" in said
    assert "%%nbchat" in said
    assert said.count("the other one") == 1


def test_a_name_that_another_extension_took_later_stays_with_it() -> None:
    said = in_ipython(
        """
        def other(line, cell): print("the other one")
        ip.run_line_magic("load_ext", "nbstream")
        ip.register_magic_function(other, "cell", "chat")
        ip.run_cell("%%nbchat -m demo:nbstream-demo-fast\\necho: ours")
        ip.run_line_magic("unload_ext", "nbstream")
        ip.run_cell("%%chat\\nhello")
        """
    )
    assert "ours" in said
    assert said.count("the other one") == 1


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("%%chat --tem", ["--temperature"]),
        ("%%chat -m demo --no", ["--no-stream"]),
        ("%%nbchat --ba", ["--background", "--base-url"]),
        ("%%chat -m open", ["openai:gpt-5-mini", "openrouter:openrouter/auto"]),
        ("%chat st", ["status", "stop"]),
        ("%chat local in", ["install"]),
        ("%chat local install smollm2-1", ["smollm2-135m", "smollm2-1.7b"]),
        ("%%chat --on", ["--on-disconnect"]),
        ("%%chat --on-disconnect ", ["keep", "continue", "restart"]),
        ("%%chat --approve ", ["ask", "always"]),
        ("%%chat --tools ad", ["add"]),
        ("%%chat --tools add,mu", ["add,multiply"]),
        ("%%chat -o ", ["answer", "earlier"]),
        ("%%chat --into ea", ["earlier"]),
        ("%%chat --into=ea", ["earlier"]),
        ("%%chat -c ", ["main"]),
        ("%%chat -b --chat=m", ["main"]),
        ("%%chat -b \\\n -t 1 --appr", ["--approve"]),
    ],
)
def test_completion(line: str, found: list[str], completions: Callable[[str], list[str]]) -> None:
    assert completions(line) == found


@pytest.fixture(scope="module")
def completions() -> Iterator[Callable[[str], list[str]]]:
    """What a shell with two functions and two replies offers at the end of a line."""
    program = """
        import json, sys
        ip.run_line_magic("load_ext", "nbstream")
        from IPython.core.completer import provisionalcompleter
        ip.run_cell("def add(a, b): ...\\ndef multiply(a, b): ...")
        for name in ("answer", "earlier"):
            ip.run_cell(f"%%chat -m demo:nbstream-demo-fast --alone -o {name}\\necho: x")
        print("ready", flush=True)
        for line in map(json.loads, sys.stdin):
            with provisionalcompleter():
                found = ip.Completer.completions(line + "\\nprompt", len(line))
                print(json.dumps([c.text for c in found]), flush=True)
        """
    with subprocess.Popen(
        [sys.executable, "-W", "default", "-c", SHELL + textwrap.dedent(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=HERMETIC,
        text=True,
    ) as shell:
        assert shell.stdin
        assert shell.stdout
        to_shell, from_shell = shell.stdin, shell.stdout
        while "ready" not in (line := from_shell.readline()):
            assert line, "the shell ended"

        def complete(line: str) -> list[str]:
            print(json.dumps(line), file=to_shell, flush=True)
            found: list[str] = json.loads(from_shell.readline())
            return found

        yield complete
        to_shell.close()
        assert shell.wait(60) == 0


def test_models_of_the_endpoint_are_completed_before_they_were_listed() -> None:
    listed = json_response(200, {"data": [{"id": "my-model-a"}, {"id": "my-model-b"}]})
    with ByteServer(listed) as server:
        said = in_ipython(
            """
            ip.run_line_magic("load_ext", "nbstream")
            from IPython.core.completer import provisionalcompleter
            text = "%%chat -m my"
            for _ in range(20):
                with provisionalcompleter():
                    found = [c.text for c in ip.Completer.completions(text + "\\nprompt", len(text))]
            print(found)
            """,
            OPENAI_BASE_URL=server.base_url,
            OPENAI_API_KEY="k",
        )
        assert len(server.requests) <= 2, "each Tab asked again"
    assert said.splitlines()[-1] == "['my-model-a', 'my-model-b']"


def test_an_endpoint_that_does_not_answer_holds_no_completion_back() -> None:
    with ByteServer([Hold()]) as server:
        said = in_ipython(
            """
            ip.run_line_magic("load_ext", "nbstream")
            from IPython.core.completer import provisionalcompleter
            text = "%%chat -m open"
            with provisionalcompleter():
                print([c.text for c in ip.Completer.completions(text + "\\nprompt", len(text))])
            """,
            OPENAI_BASE_URL=server.base_url,
            OPENAI_API_KEY="k",
        )
    assert "openai:gpt-5-mini" in said.splitlines()[0]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%%chat", "Write the prompt below the first line."),
        ("%%chat -m demo", "Write the prompt below the first line."),
        ("%%chat\n  \n", "Write the prompt below the first line."),
        ("%%chat write a poem", "The prompt goes into the lines below"),
        ("# first\n%%chat\nhello", "%%chat belongs on the first line of its cell. Move it there"),
        ("x = 1\n%%nbchat -m demo\nhello there", "%%nbchat belongs on the first line of its cell."),
    ],
)
def test_a_prompt_at_the_wrong_place_fails_and_says_where_it_goes(cell: str, says: str) -> None:
    said = in_ipython(
        f"""
        ip.run_line_magic("load_ext", "nbstream")
        print("SUCCESS", ip.run_cell({cell!r}).success)
        """
    )
    assert says in " ".join(said.split())
    assert "SUCCESS False" in said
    assert "cell body is empty" not in said


def test_options_go_on_after_a_backslash() -> None:
    said = in_ipython(
        r"""
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%%chat -m demo --dry-run \\\n  -t 0.4 \\\n  -p seed=7\nhello")
        """
    )
    assert "temperature=0.4" in said
    assert "seed=7" in said


def test_capture_keeps_one_output_for_an_answer() -> None:
    said = in_ipython(
        """
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%%capture kept\\n%%chat -m demo:nbstream-demo-fast\\necho: hi")
        print("OUTPUTS", len(ip.user_ns["kept"].outputs), "hi" in ip.user_ns["kept"].stdout)
        """
    )
    assert "OUTPUTS 0 True" in said


def test_the_prompt_is_not_completed_by_us() -> None:
    said = in_ipython(
        """
        ip.run_line_magic("load_ext", "nbstream")
        matcher = ip.Completer.custom_matchers[-1]
        from IPython.core.completer import CompletionContext
        text = "%%chat -m demo\\nsay --tem"
        print(matcher(CompletionContext("--tem", text, 9, 1, 100)))
        """
    )
    assert said.splitlines()[0] == "{'completions': []}"


def test_help_shows_the_options() -> None:
    said = in_ipython('ip.run_line_magic("load_ext", "nbstream"); ip.run_cell("%%chat?")')
    assert "--base-url URL" in said
    assert "%%chat [-m MODEL]" in said
    assert "all else is sent unchanged" in said


def test_line_magic_reports() -> None:
    said = in_ipython(
        """
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%chat status")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast -c review\\necho: hi")
        ip.run_cell("%chat history review")
        ip.run_cell("%chat reset review")
        ip.run_cell("%chat models demo")
        ip.run_cell("%chat stop")
        ip.run_cell("%chat histroy")
        ip.run_cell("%chat history nobody")
        """
    )
    assert "Model nbstream-demo at demo: the demo model" in said
    assert "user: echo: hi" in said
    assert "Chat 'review': 1 turn forgotten." in said
    assert "nbstream-demo-reasoning" in said
    assert "Nothing is running." in said
    assert "Did you mean %chat history?" in said
    assert "There is no chat named 'nobody'. Chats: main, review." in said or "Chats: review." in said


def test_the_table_of_chats_holds_together_whatever_their_names() -> None:
    said = in_ipython(
        """
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%chat use 'a|b <i>'")
        ip.run_cell("print(get_ipython().run_line_magic('chat', 'status')._repr_markdown_())")
        """
    )
    assert "| a&#124;b &lt;i> (in use) | 0 | unknown |" in said


def test_settings_come_from_config() -> None:
    said = in_ipython(
        """
        ip.config.NBStream.model = "demo:nbstream-demo-fast"
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%chat status")
        ip.run_cell("%config NBStream.model = 'demo'")
        ip.run_cell("%chat status")
        """
    )
    assert "Model nbstream-demo-fast at demo" in said
    assert "Model nbstream-demo at demo" in said


def test_settings_come_from_config_although_a_chat_was_made_before() -> None:
    said = in_ipython(
        """
        ip.config.NBStream.model = "demo:nbstream-demo-fast"
        ip.run_cell("from nbstream import Chat; chat = Chat()")
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%chat status")
        ip.run_cell("print((await chat.send('echo: hi')).model)")
        """
    )
    assert "Model nbstream-demo-fast at demo" in said
    assert said.count("nbstream-demo-fast") == 2


def test_the_settings_hold_no_key() -> None:
    said = in_ipython(
        'ip.run_line_magic("load_ext", "nbstream"); ip.run_cell("%config NBStream")',
        OPENAI_API_KEY="sk-secret-key",
    )
    assert "NBStream.api_key_env" in said
    assert "sk-secret-key" not in said


def test_a_terminal_streams_text() -> None:
    said = in_ipython(
        """
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast --into answer\\necho: **hi** {x} $y")
        ip.run_cell("print(answer.status, _ is answer)")
        """
    )
    assert "**hi** {x} $y" in said
    assert "nbstream-demo-fast · " in said
    assert "finished True" in said


def test_chats_are_used_forked_saved_and_loaded(tmp_path: Path) -> None:
    said = in_ipython(
        f"""
        import os; os.chdir({str(tmp_path)!r})
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast -s 'Be terse.'\\necho: one")
        ip.run_cell("%chat fork main review")
        ip.run_cell("%chat use review")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast\\necho: two")
        ip.run_cell("%chat status")
        ip.run_cell("%chat save talk.jsonl")
        ip.run_cell("%chat load talk.jsonl again")
        ip.run_cell("%chat history again")
        ip.run_cell("%chat save ../out.jsonl")
        ip.run_cell("%chat load nothing.jsonl")
        ip.run_cell("%chat fork")
        """
    )
    assert "Chat 'review' starts with the 1 turn of 'main'." in said
    assert "review (in use): turns 2" in said
    assert "main: turns 1" in said
    assert "Chat 'again': 2 turns loaded." in said
    assert "system: Be terse." in said
    assert "is outside of" in said
    assert "There is no file 'nothing.jsonl' here." in said
    assert "%chat fork: missing a required argument: 'name'" in said
    assert (tmp_path / "talk.jsonl").exists()
    assert not (tmp_path.parent / "out.jsonl").exists()


def test_no_file_and_no_turn_is_replaced_unasked(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KEY=mine\n")
    said = in_ipython(
        f"""
        import os; os.chdir({str(tmp_path)!r})
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast\\necho: one")
        print("SAVED", ip.run_cell("%chat save .env").success)
        ip.run_cell("%chat save talk.jsonl")
        ip.run_cell("%chat load talk.jsonl")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast\\necho: two")
        print("LOADED", ip.run_cell("%chat load talk.jsonl").success)
        ip.run_cell("%chat history")
        ip.run_cell("%chat load talk.jsonl main-loaded")
        ip.run_cell("%chat save --overwrite .env")
        ip.run_cell("%chat load talk.jsonl --overwrite")
        """
    )
    lines = " ".join(said.split())
    assert "SAVED False" in lines
    assert "Choose another name, or replace it with %chat save --overwrite" in lines
    assert "Chat 'main': 1 turn loaded, replacing 1 turn." in lines
    assert "LOADED False" in lines
    assert "Chat 'main' has 2 turns, which loading would replace." in lines
    assert "%chat load talk.jsonl main-loaded; or add --replace." in lines
    assert "user: echo: two" in lines
    assert "Chat 'main-loaded': 1 turn loaded." in lines
    assert "%chat load has no option --overwrite." in lines
    assert "echo: two" in (tmp_path / ".env").read_text()


def test_a_dry_run_shows_the_request_and_sends_nothing() -> None:
    said = in_ipython(
        """
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast\\necho: one")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast -t 0.5 --dry-run\\nand {this}")
        ip.run_cell("print(_.messages[-1]['content'], len(_.messages))")
        ip.run_cell("%chat status")
        """
    )
    assert "Would go to nbstream-demo-fast at demo" in said
    assert "temperature=0.5" in said
    assert "and {this} 3" in said
    assert "main (in use): turns 1" in said


def test_a_system_message_of_a_dry_run_or_an_aside_is_shown_and_not_kept() -> None:
    said = in_ipython(
        """
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast -s 'Be terse.'\\necho: one")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast -s 'Be long.' --dry-run\\ntwo")
        ip.run_cell("print('shown', _.messages[0]['content'], len(_.messages))")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast -s 'Be long.' --alone\\necho: aside")
        ip.run_cell("%chat history")
        """
    )
    assert "shown Be long. 4" in said
    assert "aside" in said
    assert said.count("Be long.") == 2
    assert "system: Be terse." in said


def test_wrong_words_for_chats_are_explained(tmp_path: Path) -> None:
    (tmp_path / "picture.jsonl").write_bytes(b"\x89PNG")
    said = in_ipython(
        f"""
        import os; os.chdir({str(tmp_path)!r})
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast\\necho: one")
        ip.run_cell("%chat save it's.jsonl")
        ip.run_cell("%chat save nowhere/talk.jsonl")
        ip.run_cell("%chat load picture.jsonl")
        ip.run_cell("%chat models opnai")
        """
    )
    assert "Traceback" not in said
    said = " ".join(said.split())
    assert "No closing quotation. Close the quotation mark" in said
    assert "'nowhere/talk.jsonl' cannot be written: No such file or directory." in said
    assert "picture.jsonl is not UTF-8 text" in said
    assert "Unknown provider 'opnai'. Did you mean openai:?" in said


def test_what_was_said_does_not_drive_the_terminal() -> None:
    said = in_ipython(
        """
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast\\necho: \x1b[31mred\x07")
        ip.run_cell("%chat history")
        ip.run_cell("%%chat -m demo --dry-run\\nHi")
        """
    )
    assert said.count("␛[31mred␇") >= 4
    assert "\x1b[31m" not in said
    assert "\x07" not in said


def test_the_history_tells_of_images_and_does_not_print_them() -> None:
    said = in_ipython(
        """
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast\\necho: one")
        url = "data:image/png;base64," + "A" * 1000
        parts = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": url}}]
        chat = ip._nbstream.session.chat()
        ip.user_ns.update(chat=chat, parts=parts)
        ip.run_cell("await chat.send(parts, model='demo:nbstream-demo-fast')")
        ip.run_cell("%chat history")
        """
    )
    assert "user: Look" in said
    assert "[image_url: data:image/png;base64, 1,022 characters]" in said
    assert "AAAA" not in said


def test_the_history_shows_tool_calls_and_their_results() -> None:
    arguments = '{"name": "*x*", "more": "' + "A" * 1000 + '"}'

    def answer(request: RecordedRequest) -> Script:
        if b'"tool_call_id"' in request.body:
            return says("The size is 3.")
        return sse_response([delta("Let me look."), call("size", arguments), "[DONE]"])

    with ByteServer(answer) as server:
        said = in_ipython(
            """
            def size(name: str, more: str = "") -> str:
                return "3 " + "B" * 1000

            ip.run_line_magic("load_ext", "nbstream")
            ip.user_ns["size"] = size
            ip.run_cell("%%chat -m m --tools size --approve always\\nHow long is it?")
            print("HISTORY")
            ip.run_cell("%chat history")
            print("MARKDOWN")
            print(ip.run_line_magic("chat", "history")._repr_markdown_())
            ip.run_cell("%%chat -m m --dry-run\\nAnd now?")
            """,
            OPENAI_BASE_URL=server.base_url,
            OPENAI_API_KEY="k",
        )
    plain, rich = said.partition("HISTORY")[2].split("MARKDOWN")
    for text in (plain, rich.partition("Would go")[2]):
        assert 'assistant: Let me look.\n[calls size({"name": "*x*", "more": "AAA' in text
        assert "tool: 3 BBB" in text
        assert "assistant: The size is 3." in text
    assert "&#42;x&#42;" in rich
    assert "A" * 500 not in said.partition("HISTORY")[2]
    assert "B" * 500 not in said.partition("HISTORY")[2]


def test_a_damaged_file_gives_its_readable_part_as_a_chat(tmp_path: Path) -> None:
    said = in_ipython(
        f"""
        import os, pathlib; os.chdir({str(tmp_path)!r})
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast -c talk\\necho: one")
        ip.run_cell("%chat save talk.jsonl talk")
        with open("talk.jsonl", "a") as file: file.write("not JSON")
        ip.run_cell("%chat load talk.jsonl again")
        ip.run_cell("%chat history again-readable")
        ip.run_cell("%chat load talk.jsonl again")
        pathlib.Path("binary.jsonl").write_bytes(bytes(range(256)))
        ip.run_cell("%chat load binary.jsonl again")
        ip.run_cell("%chat save whole.jsonl again-readable")
        ip.run_cell("%%chat -m demo:nbstream-demo-fast -c talk\\necho: more")
        ip.run_cell("%chat load whole.jsonl talk --replace")
        ip.run_cell("%chat load whole.jsonl new")
        """
    )
    assert "line 3" in said
    assert "The readable part, 1 turn, is in the chat 'again-readable'." in said
    assert "The readable part, 1 turn, is in the chat 'again-readable-2'." in said
    assert "user: echo: one" in said
    assert "binary.jsonl is not UTF-8 text" in said
    assert "1 turn loaded, replacing 2 turns." in said
    assert "Chat 'new': 1 turn loaded." in said
    assert "Traceback" not in said


def test_counts_and_names_read_well() -> None:
    said = in_ipython(
        """
        ip.run_line_magic("load_ext", "nbstream")
        ip.run_cell("%config NBStream.base_url = 'http://127.0.0.1:9/v1'")
        ip.run_cell("%config NBStream.model = 'm'")
        ip.run_cell("%chat status")
        session = ip._nbstream.session
        session.stop = lambda: 1
        ip.run_cell("%chat stop")
        session.stop = lambda: 2
        ip.run_cell("%chat stop")
        """
    )
    assert "Model m at 127.0.0.1:9; base URL given." in said
    assert "1 running answer stopped." in said
    assert "2 running answers stopped." in said
