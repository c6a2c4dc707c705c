"""`Notebook`: cells that ask, in a kernel that several tests share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.cells import chat_cell
from tests.kernel.driver import Execution, Kernel
from tests.loopback import ByteServer, RecordedRequest, Step, sse_response
from tests.loopback.chunks import END, delta

__all__ = ["Notebook", "echo"]


def echo(request: RecordedRequest) -> list[Step]:
    prompt = request.json["messages"][-1]["content"]
    return sse_response([delta(f"re {prompt}"), *([] if prompt == "cut" else END)])


class Notebook:
    """Cells of one test, whose ids begin with its name."""

    def __init__(self, kernel: Kernel, server: ByteServer, name: str) -> None:
        self.kernel = kernel
        self.server = server
        self.name = name

    def ask(self, cell: str, prompt: str, options: str = "", **how: Any) -> Execution:
        named = options if "-c " in options else f"-c {self.name} {options}"
        return self.kernel.run(chat_cell(self.server, named, prompt), cell=self.name + cell, **how)

    def order(self, cells: str, page: str | None = None) -> None:
        """Report the order of the cells, as the JupyterLab extension does."""
        own = [self.name + cell for cell in cells]
        answer = self.kernel.ask("order", page, cells=own)
        assert answer == {"t": "ack", "n": 1, "name": "order"}

    def delete(self, cell: str) -> Execution:
        """JupyterLab tells of it with the next cell that is run."""
        return self.kernel.run("1", cell=f"{self.name}other", deletedCells=[self.name + cell])

    def choose(self, cell: str, version: int) -> dict[str, Any]:
        return self.kernel.ask("choose", cell=self.name + cell, version=version)

    def output(self, cell: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        """The output of an answer now; `shown` is the provenance of the output that shows it."""
        return self.kernel.ask("output", cell=self.name + cell, reply=shown["id"])

    def watch(self) -> list[str]:
        return self._own(self.kernel.ask("watch")["data"]["stale"])

    def told(self, execution: Execution) -> list[list[str]]:
        """The stale cells of each message to a page that watches."""
        data = [content["data"] for content in execution.of("comm_msg")]
        return [self._own(message["data"]["stale"]) for message in data if message.get("t") == "watched"]

    def sent(self) -> list[str]:
        """What the last request said."""
        return [message["content"] for message in self.server.requests[-1].json["messages"]]

    def line(self, source: str) -> str:
        return str(self.kernel.run(source).of("execute_result")[0]["data"]["text/plain"])

    def _own(self, cells: list[str]) -> list[str]:
        return [cell.removeprefix(self.name) for cell in cells if cell.startswith(self.name)]
