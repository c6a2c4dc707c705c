"""Every command that Python carries out is in the fixtures that the front end's tests read, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nbstream import Chat, ChatWidget, Reply, compare
from nbstream.batching.view.commands import BatchCommands
from nbstream.comparison.view.commands import GridCommands
from nbstream.inspection import comm as inspection
from nbstream.magic.comm import cell_commands
from nbstream.protocol.comm import CommChannel
from nbstream.views.widget import WidgetView

FOLDER = Path(__file__).parent.parent / "fixtures" / "protocol"


def examples(channel: str) -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = json.loads((FOLDER / f"{channel}.json").read_text(encoding="utf-8"))
    return loaded


def names_of(channel: str) -> Iterable[str]:
    """The commands that the kernel's side of a channel carries out."""
    if channel == "cells":
        return {
            *cell_commands(lambda: pytest.fail("not asked"), dict)(CommChannel(None)),
            inspection.inspect.__name__,
        }
    shared = {"loaded", "module", "asset"}
    if channel == "reply":
        return {*WidgetView(Reply(None, log=[]))._handlers, *shared}
    if channel == "grid":
        grid = compare("Hi", models="demo")
        commands = GridCommands(grid, None, resync=lambda: None)  # type: ignore[arg-type]
        return {*commands.handlers, *shared}
    if channel == "batch":
        none: Any = SimpleNamespace()
        parts = ("resync", "seen", "output", "keep", "release")
        handlers = BatchCommands(none, none, **dict.fromkeys(parts, none)).handlers
        return {*handlers, *shared}
    widget = ChatWidget(Chat("demo"))
    widget.close()
    return widget._handlers


@pytest.mark.parametrize("channel", ["reply", "chat", "grid", "batch", "cells"])
def test_the_fixtures_hold_every_command(channel: str) -> None:
    assert sorted(names_of(channel)) == sorted(examples(channel))
