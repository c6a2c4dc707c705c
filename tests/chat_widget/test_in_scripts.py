"""A chat with a widget in plain scripts: it answers as without one, and the widget holds the answer."""

from __future__ import annotations

import pytest

from tests.test_scripts import dedented, run

BEGIN = """
        import asyncio, threading
        from nbstream import Chat, ChatWidget
        from nbstream.errors import ServerError
        chat = Chat("demo:nbstream-demo-fast")
        widget = ChatWidget(chat)
        heard, busy = [], []
        widget.on_reply(lambda reply: heard.append(reply.text))
        widget.observe(lambda change: busy.append(change["new"]), "busy")
"""
END = """
        turn, = widget.get_state()["snapshot"]["turns"]
        assert (widget.busy, busy, heard) == (False, [True, False], [widget.value]), (busy, heard)
        assert turn["reply"]["text"] == widget.value
        print(turn["text"], turn["reply"]["status"], widget.value.splitlines()[-1:])
"""

STYLES = {
    "result": 'widget.send("echo: yes").result()',
    "result of the chat's reply": 'chat.send("echo: yes").result(timeout=60)',
    "for": 'assert "".join(chat.send("echo: yes")) == widget.value',
    "show": 'chat.send("echo: yes").show()',
    "asyncio.run of the reply": 'asyncio.run(widget.send("echo: yes"))',
    "made before the loop": """
        reply = widget.send("echo: yes")
        async def main():
            await asyncio.create_task(reply)
        asyncio.run(main())""",
    "in asynchronous code": """
        async def main():
            await widget.send("echo: yes")
        asyncio.run(main())""",
    "result in asynchronous code": """
        async def main():
            widget.send("echo: yes").result()
        asyncio.run(main())""",
    "in a thread": """
        thread = threading.Thread(target=lambda: widget.send("echo: yes").result())
        thread.start()
        thread.join()""",
    "a cell of IPython": """
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        shell.user_ns["widget"] = widget
        assert shell.run_cell('widget.send("echo: yes").result(); None').success""",
    "an awaiting cell of IPython": """
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        shell.user_ns["widget"] = widget
        assert shell.run_cell('await widget.send("echo: yes"); None').success""",
}


@pytest.mark.parametrize("name", STYLES)
def test_the_widget_holds_the_answer(name: str) -> None:
    output, errors = run(dedented(BEGIN + STYLES[name] + END))
    assert output.endswith("echo: yes finished ['yes']\n")
    assert errors == ""


OTHER_ENDS = {
    "stopped": ('widget.send("echo: yes").stop()', "echo: yes stopped []\n"),
    "failed": (
        """
        try:
            widget.send("demo:error-500").result()
        except ServerError:
            pass
        else:
            raise AssertionError""",
        "demo:error-500 failed []\n",
    ),
}


@pytest.mark.parametrize("name", OTHER_ENDS)
def test_the_widget_holds_any_other_end(name: str) -> None:
    source, end = OTHER_ENDS[name]
    assert run(dedented(BEGIN + source + END)) == (end, "")


def test_a_widget_made_after_the_request_holds_the_answer() -> None:
    source = """
        from nbstream import Chat, ChatWidget
        chat = Chat("demo:nbstream-demo-fast")
        reply = chat.send("echo: yes")
        widgets = ChatWidget(chat), ChatWidget(chat)
        reply.result()
        print([widget.value == reply.text and not widget.busy for widget in widgets])
        """
    assert run(dedented(source)) == ("[True, True]\n", "")
