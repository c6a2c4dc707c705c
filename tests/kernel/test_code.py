"""`%chat code`: the last request as a script, in a real kernel."""

from __future__ import annotations

from tests.kernel.driver import Kernel


def test_the_last_request_is_shown_as_code(kernel: Kernel) -> None:
    kernel.run("%%chat -m demo:nbstream-demo-fast -c draft -p seed=7\necho: {Hello}")
    [output] = kernel.run("%chat code curl -c draft").of("execute_result")
    data = output["data"]
    assert '"seed": 7' in data["text/plain"]
    assert "nbstream demo-server" in data["text/plain"]
    assert data["application/vnd.nbstream.code+json"] == {"language": "sh"}
    assert data["text/markdown"].startswith("```sh\n#!/bin/sh\n")

    ran = kernel.run(
        "_code = get_ipython().run_line_magic('chat', 'code nbstream -c draft')\nexec(str(_code))"
    )
    assert ran.printed.endswith("{Hello}\n")


def test_what_is_wrong_with_the_line_is_said(kernel: Kernel) -> None:
    def error(line: str) -> str:
        return " ".join("".join(kernel.run(line).traceback).split())

    kernel.run("%%chat -m demo:nbstream-demo-fast -c other\necho: Hello")
    assert "no chat named 'none'" in error("%chat code -c none")
    assert "-c needs the name of a chat" in error("%chat code -c")
    assert "There is no code for 'crul'. Did you mean 'curl'?" in error("%chat code crul -c other")
    assert "%chat code: 'x' is too much. %chat code [KIND] [-c NAME]" in error("%chat code curl x")
