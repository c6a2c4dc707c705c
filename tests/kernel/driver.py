"""`Kernel`: a real IPython kernel in a separate process, driven like a front end does."""

from __future__ import annotations

import itertools
import os
import queue
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

from jupyter_client.manager import KernelManager

from nbstream.views.packing import unpacked

SECONDS = 60
START_SECONDS = 50
STARTS = 3
REPLY = "application/vnd.nbstream.reply+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
HERMETIC = {"NBSTREAM_NO_PROBE": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
FOREIGN = re.compile(r"^(OPENAI|AZURE_OPENAI|[A-Z]+)_(API_KEY|BASE_URL|ENDPOINT)$")


@dataclass
class Execution:
    """One cell: what was sent on iopub for it, and how it ended."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    reply: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        return str(self.reply["status"])

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Contents of the messages of one type, in order."""
        return [message["content"] for message in self.messages if message["msg_type"] == kind]

    @property
    def printed(self) -> str:
        return "".join(content["text"] for content in self.of("stream"))

    @property
    def frames(self) -> list[dict[str, Any]]:
        """What the live view was sent."""
        sent = [content["data"] for content in self.of("comm_msg")]
        return [data["content"] for data in sent if data.get("method") == "custom"]

    @property
    def saved(self) -> dict[str, Any]:
        """Data of the output that stays, the reply with its whole text."""
        data = self._last_bundle()["data"]
        return data | {REPLY: self._unpacked()[0]}

    @property
    def provenance(self) -> dict[str, Any]:
        return self._unpacked()[1]

    @property
    def traceback(self) -> list[str]:
        return list(self.of("error")[0]["traceback"])

    def _unpacked(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return unpacked_output(self._last_bundle())

    def _last_bundle(self) -> dict[str, Any]:
        bundles = [*self.of("display_data"), *self.of("update_display_data")]
        return [bundle for bundle in bundles if REPLY in bundle["data"]][-1]


def unpacked_output(output: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The reply in a saved output, with its whole text, and where it comes from."""
    data, about = output["data"], output["metadata"]["nbstream"]
    return unpacked(data[REPLY], about, data["text/markdown"])


class Kernel:
    """A kernel and a client of it; a context manager.

    Parameters
    ----------
    env
        Environment variables, over those of this process without any key of a provider.
    """

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        own = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
        self._env = own | HERMETIC | dict(env or {})
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        for _ in range(STARTS - 1):
            with suppress(RuntimeError):  # another program has taken one of the ports that were chosen for it
                return self._started()
            self.__exit__()
        return self._started()

    def _started(self) -> Self:
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(env=self._env)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=START_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()

    def run(
        self, source: str, cell: str | None = None, *, page: str | None = None, **metadata: Any
    ) -> Execution:
        """Run a cell to its end: as JupyterLab does where it has an id, else as nbclient does."""
        return self.end(self.start(source, cell, page=page, **metadata))

    def start(self, source: str, cell: str | None = None, *, page: str | None = None, **metadata: Any) -> str:
        """Send a cell, from another session if `page` names one, and return the id of the request."""
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": cell is not None,
            "stop_on_error": True,
        }
        sent = metadata | ({"cellId": cell, "trusted": True} if cell else {})
        message = self._client.session.msg("execute_request", content, metadata=sent)
        message["header"]["session"] = page or message["header"]["session"]
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def complete(self, source: str) -> dict[str, Any]:
        """What Tab offers at the end of a cell."""
        return self._reply(self._client.complete(source, len(source)))

    def end(self, request: str) -> Execution:
        """Collect what a started cell sends until it has ended."""
        execution = Execution()
        for message in self.messages(request):
            execution.messages.append(message)
        execution.reply = self._reply(request)
        return execution

    def wait_for_update(self, text: str) -> dict[str, Any]:
        """The next update of any output whose Markdown contains a text."""
        while True:
            message = self._client.get_iopub_msg(timeout=SECONDS)
            content: dict[str, Any] = message["content"]
            is_update = message["msg_type"] == "update_display_data"
            if is_update and text in content["data"].get("text/markdown", ""):
                return content

    def wait_for_message(self, kind: str) -> Any:
        """The data of the next message of one kind on a comm of the extension."""
        while True:
            data = self._client.get_iopub_msg(timeout=SECONDS)["content"].get("data", {})
            if data.get("t") == kind:
                return data["data"]

    def messages(self, request: str) -> Iterator[dict[str, Any]]:
        """Messages of a started cell on iopub, as they come, until the kernel is idle again.

        With them come the answers to commands, whose parents are the commands.
        """
        while True:
            message = self._client.get_iopub_msg(timeout=SECONDS)
            own = message["parent_header"].get("msg_id") == request
            if not own and message["msg_type"] != "comm_msg":
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return
            yield message

    def late(self, request: str, done: Any) -> list[dict[str, Any]]:
        """Messages that a cell sends after it has ended, up to the one that `done` accepts."""
        found: list[dict[str, Any]] = []
        while not found or not done(found[-1]):
            message = self._client.get_iopub_msg(timeout=SECONDS)
            if message["parent_header"].get("msg_id") == request:
                found.append(message)
        return found

    def customs(self, comm_id: str) -> Iterator[dict[str, Any]]:
        """Custom messages of one widget, as they come."""
        while True:
            content = self._client.get_iopub_msg(timeout=SECONDS)["content"]
            if content.get("comm_id") == comm_id and content["data"].get("method") == "custom":
                yield content["data"]["content"]

    def ask(self, name: str, page: str | None = None, /, **arguments: Any) -> dict[str, Any]:
        """Send a command on a new comm, as the JupyterLab extension does, and return the answer."""
        return self.open_comm({"t": "command", "n": 1, "name": name, **arguments}, page)

    def open_comm(self, data: Mapping[str, Any], page: str | None = None) -> dict[str, Any]:
        """Open a comm and return the first message that the kernel sends on it, or {} if it closes it."""
        content = {"comm_id": uuid.uuid4().hex, "target_name": "nbstream", "data": dict(data)}
        message = self._client.session.msg("comm_open", content)
        message["header"]["session"] = page or message["header"]["session"]
        self._client.shell_channel.send(message)
        while True:
            answer = self._client.get_iopub_msg(timeout=SECONDS)
            if answer["content"].get("comm_id") == content["comm_id"]:
                return dict(answer["content"]["data"]) if answer["msg_type"] == "comm_msg" else {}

    def interrupt(self) -> None:
        """What the ■ button does."""
        self._manager.interrupt_kernel()

    def command(self, comm_id: str, name: str, **arguments: Any) -> int:
        """Send a command to a widget, as the page does, and return its number."""
        number = next(self._numbers)
        self.custom(comm_id, {"t": "command", "n": number, "name": name, **arguments})
        return number

    def custom(self, comm_id: str, content: Mapping[str, Any]) -> str:
        """Send a custom message to a widget, as `model.send` in the front end does, and return its id."""
        data = {"method": "custom", "content": dict(content)}
        message = self._client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def value(self, expression: str) -> Any:
        """The value of an expression in the kernel's namespace."""
        execution = self.run(f"print(repr(({expression})))")
        assert execution.status == "ok", execution.reply
        return eval(execution.printed)  # noqa: S307 - our own repr

    def _reply(self, request: str) -> dict[str, Any]:
        while True:
            try:
                message = self._client.get_shell_msg(timeout=SECONDS)
            except queue.Empty:
                raise TimeoutError("no execute_reply") from None
            if message["parent_header"].get("msg_id") == request:
                return dict(message["content"])


@contextmanager
def loaded(env: Mapping[str, str] | None = None) -> Iterator[Kernel]:
    """A kernel with nbstream loaded."""
    with Kernel(env) as kernel:
        assert kernel.run("%load_ext nbstream").status == "ok"
        yield kernel
