"""What a release and its public CI are made of: files that nothing else reads until it is too late."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import nbstream

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))["project"]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))


def read(path: str) -> Any:
    return yaml.safe_load(ROOT.joinpath(path).read_text("utf-8"))


def verbs_run() -> set[str]:
    """The verbs of make that the jobs of the workflows run."""
    found = set()
    for path in WORKFLOWS:
        for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
            lines = [line for step in job.get("steps", ()) for line in step.get("run", "").splitlines()]
            words = [word for line in lines if line.startswith("make ") for word in line.split()[1:]]
            chosen = [row["verb"] for row in job.get("strategy", {}).get("matrix", {}).get("include", ())]
            found |= {word for word in words if word.isidentifier() or "-" in word} | set(chosen)
    return found


def test_the_workflow_runs_verbs_of_the_makefile() -> None:
    makefile = ROOT.joinpath("Makefile").read_text("utf-8")
    used = verbs_run()
    needs = {verb: set(needed.split()) for verb, needed in re.findall(r"(?m)^([a-z-]+):([^#\n]*)", makefile)}
    assert used <= needs.keys()
    everything = re.search(r"(?m)^test:.*\n((?:\t.*\n)+)", makefile)
    assert everything is not None
    stages = set(everything[1].split()) & needs.keys()
    assert {"lint", "unit", "browser"} <= stages
    run = set(used)
    while more := set().union(*(needs.get(verb, set()) for verb in run)) - run:
        run |= more
    assert stages <= run, "make test has a stage that the public CI does not run"


def test_the_makefile_runs_modules_that_are_in_the_repository() -> None:
    modules = re.findall(r"-m (dev[.\w]*|benchmarks)", ROOT.joinpath("Makefile").read_text("utf-8"))
    assert modules
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []


def test_the_versions_of_python_are_the_same_everywhere() -> None:
    tested = read(".github/workflows/ci.yml")["jobs"]["python"]["strategy"]["matrix"]["python"]
    named = [
        re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", text) for text in PROJECT["classifiers"]
    ]
    assert [match[1] for match in named if match] == tested
    assert PROJECT["requires-python"] == f">={tested[0]}"


def test_the_citation_names_this_version() -> None:
    citation = read("CITATION.cff")
    assert citation["version"] == nbstream.__version__
    assert citation["license"] == PROJECT["license"]
    released = rf"## \[{re.escape(nbstream.__version__)}\] - {citation['date-released']}"
    assert re.search(released, ROOT.joinpath("CHANGELOG.md").read_text("utf-8"))


@pytest.mark.parametrize("name", [path.name for path in ROOT.glob(".github/ISSUE_TEMPLATE/*.yml")])
def test_forms_of_issues_have_what_they_need(name: str) -> None:
    form = read(f".github/ISSUE_TEMPLATE/{name}")
    if name == "config.yml":
        assert form == {"blank_issues_enabled": True}
        return
    assert form["name"]
    assert form["description"]
    fields = [part["id"] for part in form["body"]]
    assert len(fields) == len(set(fields)) > 0
    assert all(part["attributes"]["label"] for part in form["body"])
