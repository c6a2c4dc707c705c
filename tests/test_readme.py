"""The README is true: its code runs, its tables are those of the code, its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nbstream.cli.main import main
from nbstream.local import MODELS
from nbstream.local.install import size_text
from nbstream.magic.args import option_names
from nbstream.providers.presets import PROVIDERS
from tests.kernel.driver import loaded

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
FAST = '%config NBStream.model = "demo:nbstream-demo-fast"'


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {title!r}"
    return found[1]


def rows(table: str) -> list[list[str]]:
    """The cells of a table's rows, without the head."""
    lines = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def test_its_code_runs_as_cells_of_a_notebook(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert any(block.startswith("%%chat") for block in blocks)
    with loaded() as kernel:
        assert kernel.run(f"{FAST}\n%cd -q {tmp_path}").status == "ok"
        for block in blocks:
            cell = kernel.run(block)
            assert cell.status == "ok", (block, cell.reply)
            if block.startswith("%%chat"):
                assert cell.saved["text/markdown"]


def test_its_table_of_options_is_complete() -> None:
    listed = re.findall(r"`(--[\w-]+)", "".join(row[0] for row in rows(section("Options of `%%chat`"))))
    assert sorted(listed) == option_names()


def test_it_names_the_verbs_of_the_line_magic() -> None:
    with loaded() as kernel:
        complaint = kernel.run("%chat nonsense").reply["evalue"]
    verbs = re.search(r"Commands: ([\w, ]+);", complaint)
    assert verbs
    told = re.search(r"^`%chat` manages.*?\n\n", section("Options of `%%chat`"), re.MULTILINE | re.DOTALL)
    assert told
    assert set(verbs[1].split(", ")) == set(re.findall(r"`([a-z]+)(?: [A-Z\[\]]+)?`", told[0]))


def test_its_table_of_providers_is_that_of_the_presets() -> None:
    listed = {row[0].strip("`"): row[1:] for row in rows(section("Models"))}
    presets = {
        name: [
            f"`{preset.key_env}`" if preset.key_env else "",
            f"`{preset.model}`" if preset.model else "first of its list",
        ]
        for name, preset in PROVIDERS.items()
    }
    assert listed.keys() == presets.keys() | {"azure", "demo", "local"}
    assert {name: listed[name] for name in presets} == presets


def test_its_table_of_local_models_is_that_of_the_package() -> None:
    listed = [[cell.strip("`") for cell in row] for row in rows(section("A model on this machine"))]
    models = [[model.name, size_text(model.download), model.good_for] for model in MODELS.values()]
    assert listed == models


def test_its_commands_are_those_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    offered = re.findall(
        r"^    ([a-z-]+)(?=\s)", capsys.readouterr().out.partition("COMMAND\n")[2], re.MULTILINE
    )
    assert [row[0].split()[1].strip("`") for row in rows(section("Commands"))] == offered


def test_its_links_lead_to_files_of_the_repository() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_its_verbs_are_in_the_makefile() -> None:
    verbs = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = README + (ROOT / "CONTRIBUTING.md").read_text()
    named = {
        verb for line in re.findall(r"(?:^|`)make ([a-z -]+)", told, re.MULTILINE) for verb in line.split()
    }
    assert named
    assert named <= verbs
