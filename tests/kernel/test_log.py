"""`%chat log` in a real kernel."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.kernel.driver import REPLY, Kernel

ASK = "%%chat -m demo:nbstream-demo-fast --into reply\necho: "


def shown(kernel: Kernel, line: str) -> str:
    [output] = kernel.run(line).of("execute_result")
    return str(output["data"]["text/plain"])


def number(kernel: Kernel) -> int:
    """The number of the last reply."""
    return int(kernel.value("__import__('nbstream').log().find(reply.state.id).number"))


def test_a_reply_is_found_opened_and_compared(kernel: Kernel) -> None:
    kernel.run(ASK + "It is cold in Oslo")
    cold = number(kernel)
    kernel.run(ASK + "It is mild in Oslo")
    mild = number(kernel)
    table = shown(kernel, "%chat log oslo --since 1h --model demo-fast")
    assert [line.split()[0] for line in table.splitlines()] == ["reply", str(mild), str(cold)]
    assert "echo: It is cold in Oslo" in table
    entry = f"__import__('nbstream').log().find({cold})"
    assert kernel.value(f"({entry}.cell > 0, {entry}.chat, float({entry}.cost))") == (True, "main", 0)

    opened = kernel.run(f"%chat log open {cold}", "cell")
    [head, saved] = opened.of("display_data")
    assert "echo: It is cold in Oslo" in head["data"]["text/plain"]
    assert "It is cold in Oslo" in saved["data"]["text/markdown"]
    assert REPLY in saved["data"]

    [output] = kernel.run(f"%chat log diff {cold} {mild}").of("execute_result")
    assert "It is [-cold-]{+mild+} in Oslo" in output["data"]["text/plain"]
    assert ">cold</del>" in output["data"]["text/html"]
    assert "echo: It is [-cold-]{+mild+}" in shown(kernel, f"%chat log diff {cold} {mild} --prompts")


def test_a_reply_is_rated_and_its_output_follows(kernel: Kernel) -> None:
    asked = kernel.run(ASK + "Hello", "rated")
    assert asked.provenance.get("rating") is None
    rated = kernel.run(f"%chat log rate {number(kernel)} down It is 'too short'", "other")
    assert "rated -1" in rated.of("execute_result")[0]["data"]["text/plain"]
    assert rated.provenance["rating"] == {"score": -1, "note": "It is too short"}
    assert kernel.value("reply.rating.note") == "It is too short"
    assert "It is too short" in shown(kernel, "%chat log hello --rating down")
    assert kernel.run("reply.rate(0)", "other").provenance.get("rating") is None


def test_it_is_exported(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run(f"import os; os.chdir({str(tmp_path)!r})")
    kernel.run(ASK + "Hello")
    assert "saved in log.jsonl" in shown(kernel, "%chat log export log.jsonl")
    assert (tmp_path / "log.jsonl").read_text().count("\n") == kernel.value(
        "len(__import__('nbstream').log())"
    )
    assert "already" in kernel.run("%chat log export log.jsonl").reply["evalue"]
    assert "outside" in kernel.run(f"%chat log export ..{os.sep}log.jsonl").reply["evalue"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("open", "%chat log open is used like this: %chat log open 1. To search for these words"),
        ("open 99999", "The log has no reply 99999"),
        ("diff 1", "%chat log diff is used like this"),
        ("rate 1 sideways", "%chat log rate is used like this"),
        ("--rating sideways", "--rating sideways: not a rating"),
        ("--since yesterday", "neither an age nor a date"),
        ("--modle x", "unrecognized arguments: --modle"),
        ("--model", "expected one argument"),
    ],
)
def test_what_is_wrong_with_the_line_is_said(kernel: Kernel, line: str, complaint: str) -> None:
    assert complaint in kernel.run(f"%chat log {line}").reply["evalue"]


def test_verbs_can_be_searched(kernel: Kernel) -> None:
    kernel.run(ASK + "open the window")
    assert "echo: open the window" in shown(kernel, "%chat log -- open the window")


def test_tab_completes_verbs_numbers_and_options(kernel: Kernel) -> None:
    kernel.run(ASK + "Hello")
    assert {"open", "diff", "rate", "export", "--model"} <= set(kernel.complete("%chat log ")["matches"])
    assert kernel.complete("%chat log open ")["matches"][0] == str(number(kernel))
    assert kernel.complete(f"%chat log rate {number(kernel)} ")["matches"] == ["up", "down", "none"]
    assert kernel.complete("%chat log x --since 1d --mod")["matches"] == ["--model"]


def test_the_setting_keeps_it_in_a_file(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run(f"%config NBStream.log = {str(tmp_path / 'log.db')!r}")
    kernel.run(ASK + "Keep this")
    assert "Keep this" in shown(kernel, "%chat log keep this")
    assert (tmp_path / "log.db").stat().st_mode & 0o777 == 0o600
